"""The scenes of exercise 12, really played: a fault shows in each that has one, and the server counts what it cuts."""

import asyncio
import random
from collections.abc import Callable

import pytest

from lab.demonstrations import evidence
from lab.demonstrations.scenes import SCENES, Scene


@pytest.mark.prove
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.play.__name__)
def test_a_fault_shows_where_there_is_one_and_nowhere_else(scene: Scene, tool: Callable[[str], str]) -> None:
    for program in ("tshark", *(["nginx"] if scene.site else [])):
        tool(program)
    rows, metrics = asyncio.run(evidence.play(scene, random.Random(1)))
    assert rows[0].text == "[SYN]" and [row.frame for row in rows] == list(range(1, len(rows) + 1))
    assert ("polls_apart_cuts_total 1.0" in metrics) == (scene.fault == "stalled-reader")
    shown = {fault for fault, (shows, _) in evidence.SHOWS.items() if shows(rows)}
    assert scene.fault in shown if scene.fault in evidence.SHOWS else not shown
