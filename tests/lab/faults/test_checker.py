"""The checker on the smallest history of each kind."""

import pytest

from lab.faults.checker import KINDS, check
from tests.lab.faults.histories import Told


def found(told: Told, keeps: bool = True) -> dict[str, int]:
    """How many messages of each kind that there is."""
    return {kind: count for kind, count in check(told.events, keeps).counts.items() if count}


def sent(*ids: str) -> Told:
    told = Told()
    for seq, id in enumerate(ids, 1):
        told.send(id, seq)
    return told


def test_a_faithful_history_is_valid():
    told = sent("a", "b").tell(1, "connect").see(1, ("a", 1), ("b", 2)).finish("a", "b")
    verdict = check(told.events, keeps=True)
    assert verdict.valid is True and verdict.reasons == [] and verdict.first is None
    assert set(verdict.counts) == set(KINDS) and not any(verdict.counts.values())


def test_a_message_sent_again_after_doubt_is_one_message():
    told = Told().tell(0, "invoke", "a").tell(0, "info", "a").send("a", 1).see(1, ("a", 1)).finish("a")
    assert check(told.events, keeps=True).valid is True


FAULTY = {
    "an acknowledged message is not in the log": (sent("a", "b").see(1, ("a", 1)).finish("a"), {"lost": 1}),
    "a message that was shown is not in the log": (
        Told().tell(0, "invoke", "a").see(1, ("a", 1)).finish(), {"lost": 1},
    ),
    "a reader that was served did not come to the end": (
        sent("a", "b").see(1, ("a", 1)).finish("a", "b", readers=()).tell(1, "end", epoch="e1", seq=1, note="served"),
        {"unobserved": 1},
    ),
    "a message is shown twice": (sent("a").see(1, ("a", 1), ("a", 1)).finish("a"), {"duplicated": 1}),
    "a message is in the log twice": (
        sent("a").see(1, ("a", 1), ("a", 2)).finish("a", "a"), {"duplicated": 2},  # by the reader, and by the log
    ),
    "two messages change places": (
        sent("a", "b", "c").see(1, ("a", 1), ("c", 3), ("b", 2)).finish("a", "b", "c"),
        {"skipped": 1, "non-monotonic": 1},
    ),
    "a reader is sent back within an epoch": (
        sent("a", "b").see(1, ("a", 1), ("b", 2)).tell(1, "gap", epoch="e1", seq=1).finish("a", "b"),
        {"non-monotonic": 1, "skipped": 1},
    ),
    "a message is jumped over": (sent("a", "b").see(1, ("b", 2)).finish("a", "b"), {"skipped": 1}),
    "an epoch begins without a word": (
        sent("a").see(1, ("a", 1)).send("b", 1, "e2").see(1, ("b", 1), epoch="e2").finish("b", epoch="e2"),
        {"skipped": 1},
    ),
    "the log has a hole": (
        sent("a").send("c", 3).see(2, ("a", 1), ("c", 3))
        .tell(9, "log", epoch="e1", note="0").tell(9, "log", "a", "e1", 1).tell(9, "log", "c", "e1", 3)
        .tell(2, "end", epoch="e1", seq=3, note="served"),
        {"skipped": 2},  # in the log, and by its reader
    ),
    "a reader is told of a gap where there is none": (
        sent("a", "b").see(1, ("a", 1)).tell(1, "gap", epoch="e1", seq=2).finish("a", "b"), {"skipped": 1},
    ),
    "a reader is sent back to an epoch that was over": (
        sent("a").see(1, ("a", 1)).tell(1, "gap", epoch="e2").tell(1, "gap", epoch="e1").see(1, ("a", 1)).finish("a"),
        {"non-monotonic": 1, "duplicated": 1},
    ),
    "the log has one seq twice": (
        sent("a").see(1, ("a", 1)).tell(9, "log", epoch="e1", note="0")
        .tell(9, "log", "a", "e1", 1).tell(9, "log", "a", "e1", 1).tell(1, "end", epoch="e1", seq=1, note="served"),
        {"duplicated": 1},
    ),
    "a store that should keep everything has trimmed": (
        sent("a", "b", "c").see(1, ("a", 1)).tell(1, "gap", epoch="e1", seq=2).see(1, ("c", 3)).finish("c", trimmed=2),
        {"lost": 2, "skipped": 1},
    ),
    "a later message stands before an earlier one": (
        Told().send("a", 2).send("b", 1).see(1, ("b", 1), ("a", 2)).finish("b", "a"), {"reordered": 1},
    ),
    "a place gets another message": (
        sent("a").see(1, ("a", 1)).tell(0, "invoke", "b").see(2, ("b", 1)).finish("a"), {"rewritten": 1, "lost": 1},
    ),
    "a message comes from nowhere": (Told().send("a", 1).see(1, ("a", 1), ("x", 2)).finish("a", "x"), {"phantom": 1}),
    "a message comes with another text": (
        sent("a").tell(1, "observe", "a", "e1", 1, "another text").finish("a"), {"phantom": 1},
    ),
    "a good message is refused": (
        sent("a").see(1, ("a", 1)).tell(0, "invoke", "b").tell(0, "fail", "b", note="409").finish("a"),
        {"refused": 1},
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", FAULTY)
def test_it_is_found_that(what):
    told, expected = FAULTY[what]
    keeps = "epoch" not in what or "within" in what
    assert found(told, keeps) == expected
    verdict = check(told.events, keeps)
    assert verdict.valid is False
    assert verdict.offender == told.events[verdict.first.step]
    assert any(line.endswith(verdict.offender.words) for line in verdict.context)


def test_every_kind_has_a_history_that_it_is_found_in():
    assert {kind for _, expected in FAULTY.values() for kind in expected} == set(KINDS)


def test_a_loss_that_is_said_is_none_where_the_store_may_lose():
    told = sent("a", "b").see(1, ("a", 1)).tell(1, "gap", epoch="e2", seq=0)
    told.send("c", 1, "e2").see(1, ("c", 1), epoch="e2").finish("c", epoch="e2")
    assert check(told.events, keeps=False).valid is True
    assert found(told, keeps=True) == {"lost": 2, "skipped": 1}


def test_what_is_trimmed_is_not_lost_where_the_store_may_lose_and_the_reader_was_told():
    told = sent("a", "b", "c").see(1, ("a", 1)).tell(1, "gap", epoch="e1", seq=2).see(1, ("c", 3))
    assert check(told.finish("c", trimmed=2).events, keeps=False).valid is True


def test_what_came_after_the_log_was_read_is_not_missed_in_it():
    told = sent("a").see(1, ("a", 1)).finish("a").send("b", 2).see(1, ("b", 2))
    assert check(told.events, keeps=True).valid is True


def test_the_first_offending_step_is_the_earliest():
    told = sent("a", "b", "c").see(1, ("b", 2), ("b", 2), ("c", 3)).finish("a", "b", "c")
    verdict = check(told.events, keeps=True)
    assert verdict.first.kind == "skipped" and verdict.offender.id == "b"
    assert verdict.reasons == ["1 duplicated", "1 skipped"]


UNDECIDED = {
    "Nobody was shown": Told().send("a", 1).finish("a", readers=()),
    "No message was acknowledged": Told().tell(0, "invoke", "a").see(1, ("a", 1)).finish("a"),
    "The log of tea": sent("a").see(1, ("a", 1)).tell(1, "end", epoch="e1", seq=1, note="served"),
    "1 readers had no connection": sent("a", "b")
    .see(1, ("a", 1))
    .finish("a", "b", readers=())
    .tell(1, "end", epoch="e1", seq=1, note="cut off"),
    "The history ends before": sent("a").see(1, ("a", 1)).finish("a", readers=()),
}


@pytest.mark.parametrize("reason", UNDECIDED)
def test_nobody_can_say_when(reason):
    verdict = check(UNDECIDED[reason].events, keeps=True)
    assert verdict.valid is None
    (said,) = verdict.reasons
    assert said.startswith(reason)
