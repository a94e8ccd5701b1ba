"""Where a README leaves the choice, either way passes."""

from lab.grader.exercise import find
from lab.grader.marking import mark
from tests.exercises.test_proved import told
from tests.processes import ROOT


def test_a_client_may_poll_in_place_of_reading_a_stream():
    report = mark(find("reconnect"), ROOT / "instructor" / "09-reconnect" / "by-long-polling")
    assert report.passed is True, told(report)
