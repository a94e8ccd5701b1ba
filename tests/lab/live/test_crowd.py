"""A large class: two hundred robots for minutes, and nobody in the room."""

import re
import time
from itertools import pairwise

import psutil
import pytest

from tests.lab.live.lab import ClassLab, Page

MANY = 200
EACH = 30  # seconds of a phase
GROWTH = 1.15  # of a process's memory, from the first round to the second: more would be a leak
LATEST = 1.0  # seconds between two frames, nearly always
pytestmark = pytest.mark.prove


def watch(projector: Page, phase: str) -> list[float]:
    """A phase; returns the seconds between two frames of the class."""
    projector.say(type="phase", phase=phase)
    now = projector.hears("class", lambda now: now["phase"] == phase)
    came, until = [time.monotonic()], time.monotonic() + EACH
    while time.monotonic() < until:
        now = projector.hears("class")
        came.append(time.monotonic())
    assert sum(member["open"] for member in now["members"]) == MANY
    assert sum(echo["n"] for echo in now["echo"].values()) > EACH / 2
    return [after - before for before, after in pairwise(came)]


def memory(lab: ClassLab) -> dict[tuple[int, str], int]:
    """Of each process, by its number and what it runs, in bytes."""
    lab_itself = psutil.Process(lab.process.pid)
    processes = (lab_itself, *lab_itself.children(recursive=True))
    return {(one.pid, " ".join(one.cmdline()[2:4])): one.memory_info().rss for one in processes}


@pytest.mark.timeout(900)
def test_two_hundred_members_are_served_twice_a_second_in_flat_memory_and_an_empty_room_is_told_why(tmp_path) -> None:
    with ClassLab("--robots", MANY, "--out", tmp_path) as lab, lab.projector() as projector:
        projector.hears("class", lambda now: sum(member["open"] for member in now["members"]) == MANY)
        lab.says(re.compile(r"No device has come in 30 s.*client isolation.*hotspot.*firewall", re.DOTALL), 60)
        rounds = []
        for _ in range(2):
            apart = [gap for phase in ("poll", "long", "push", "distance") for gap in watch(projector, phase)]
            assert sorted(apart)[int(0.95 * len(apart))] < LATEST
            rounds.append(memory(lab))
        assert rounds[0].keys() == rounds[1].keys()
        grown = {which: rounds[1][which] / before for which, before in rounds[0].items()}
        assert max(grown.values()) < GROWTH, grown
