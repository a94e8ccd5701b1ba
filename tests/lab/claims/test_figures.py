"""lab/claims/figures.py: what of a recorded row may be used."""

from msgspec import structs

from lab.claims.evidence import Row
from lab.claims.figures import CPU, P95, recorded
from lab.manifest import Verdict
from lab.plan import Cell
from tests.lab.claims.made_up import row

FIGURES = {"latency_p95": 12.0, "server_cpu": 300.0}


def judged(verdict: Verdict) -> Row:
    return Row("many-writers", structs.replace(row(Cell("websocket"), FIGURES, invalid=False), verdict=verdict))


def test_what_is_not_valid_is_not_used():
    wrong = judged(Verdict(False, ["made up to be wrong"]))
    for measure in (P95, CPU):
        assert measure.of(wrong).value is None and "made up to be wrong" in measure.of(wrong).note


def test_a_wait_of_who_sent_late_is_at_most_what_was_measured_and_its_price_is_as_measured():
    sound, late = judged(Verdict(True, [])), judged(Verdict(False, ["late"], waits_only=True))
    assert recorded(late, "server_cpu") == recorded(sound, "server_cpu")
    found = recorded(late, "latency_p95")
    assert (found.low, found.high) == (0.0, recorded(sound, "latency_p95").high)
