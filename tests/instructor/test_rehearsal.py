"""The rehearsal tries things for real, and says so when one does not work."""

import re
import subprocess
import sys

import pytest

from lab import doctor, rehearsal
from lab.grader.exercise import every
from tests.processes import ROOT


def test_the_solution_passes_and_the_starter_does_not():
    told = rehearsal.exercise()
    assert told.works and "the starter does not" in told.told


def test_a_solution_that_fails_is_told(monkeypatch, tmp_path):
    one = every()[0]
    (tmp_path / "instructor" / one.name).mkdir(parents=True)
    (tmp_path / "instructor" / one.name / "solution").symlink_to(one.starter)
    monkeypatch.setattr(rehearsal, "ROOT", tmp_path)
    assert rehearsal.exercise().works is False


def test_the_live_page_is_there():
    assert rehearsal.live().works


def test_the_slides_are_built(tmp_path, monkeypatch):
    monkeypatch.setattr(rehearsal, "TO", ROOT / "build" / "rehearsed.html")
    told = rehearsal.deck()
    assert told.works and (ROOT / "build" / "rehearsed.html").is_file()
    (ROOT / "build" / "rehearsed.html").unlink()


def test_what_a_lesson_lacks_is_told_with_what_to_show_instead(monkeypatch):
    monkeypatch.setattr(doctor, "present", lambda: dict.fromkeys([probe.name for probe in doctor.PROBES], False))
    for name in rehearsal.LESSONS:
        told = rehearsal.lesson(name)
        assert told.works is None and "Show" in told.told
    assert rehearsal.measuring().works is None and "IP bytes" in rehearsal.measuring().told


def test_what_it_sends_to_is_here():
    for needed, instead in rehearsal.LESSONS.values():
        assert set(needed) <= {probe.name for probe in doctor.PROBES}
        for word in instead.replace(",", " ").split():
            assert "/" not in word or (ROOT / word.rstrip(".")).exists(), word


@pytest.mark.parametrize("works", [True, False, None])
def test_the_exit_code_says_whether_the_class_can_come(works, monkeypatch, capsys):
    monkeypatch.setattr(rehearsal, "tried", lambda: iter([rehearsal.Tried("slides", works, "44 of them.")]))
    assert rehearsal.main() == (1 if works is False else 0)
    assert "44 of them." in capsys.readouterr().out


def test_one_thing_that_goes_wrong_does_not_hide_the_others(monkeypatch):
    monkeypatch.setattr(rehearsal, "DECK", ROOT / "nowhere.md")
    monkeypatch.setattr(rehearsal, "comparison", lambda: rehearsal.Tried("make compare", True, "left out here"))
    told = {one.what: one for one in rehearsal.tried()}
    assert told["slides"].works is False and "cannot be read" in told["slides"].told
    assert told["make compare"].works and told["make live"].works and len(told) == 6 + len(rehearsal.LESSONS)


@pytest.mark.prove
def test_all_of_it_for_real():
    done = subprocess.run([sys.executable, "-m", "lab.rehearsal"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"make compare +(yes|with care)", done.stdout) and re.search(r"slides +yes", done.stdout)
