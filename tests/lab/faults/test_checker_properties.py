"""The checker on histories that hypothesis makes: faithful ones, the same with one thing changed, and any at all."""

from hypothesis import assume, given
from hypothesis import strategies as st

from lab.faults.checker import check
from lab.faults.history import Event
from tests.lab.faults.histories import Told

READERS = (1, 2, 3)
READ = ("observe", "gap")


@st.composite
def faithful(draw: st.DrawFn) -> list[Event]:
    """Some epochs, each of which loses all of the one before; readers who take what there is when they like."""
    told, ids = Told(), iter(range(10_000))
    log: list[str] = []
    at = dict.fromkeys(READERS, 0)
    for number in range(1, draw(st.integers(1, 3)) + 1):
        epoch, log = f"e{number}", []
        for reader in READERS if number > 1 else ():
            told.tell(reader, "gap", epoch=epoch, seq=0)
        at = dict.fromkeys(READERS, 0)
        for reader in [*draw(st.lists(st.sampled_from((0, *READERS)), max_size=12)), 0]:
            if reader:
                upto = draw(st.integers(at[reader], len(log)))
                told.see(reader, *((log[seq - 1], seq) for seq in range(at[reader] + 1, upto + 1)), epoch=epoch)
                at[reader] = upto
            else:
                log.append(f"m{next(ids)}")
                told.send(log[-1], len(log), epoch)
    for reader in READERS:
        told.see(reader, *((log[seq - 1], seq) for seq in range(at[reader] + 1, len(log) + 1)), epoch=epoch)
    return told.finish(*log, epoch=epoch, readers=READERS).events


def steps(history: list[Event], *ops: str) -> list[int]:
    return [step for step, event in enumerate(history) if event.op in ops and (event.op != "log" or event.seq)]


@given(faithful())
def test_a_faithful_history_is_valid(history):
    assert check(history, keeps=False).valid is True


@given(faithful(), st.data())
def test_whatever_is_left_out_is_noticed(history, data):
    step = data.draw(st.sampled_from(steps(history, "observe", "gap", "log", "invoke")))
    before, after = ([event.op for event in part if event.client == history[step].client and event.op in READ]
                     for part in (history[:step], history[step + 1 :]))  # fmt: skip
    assume(history[step].op not in READ or after[:1] != ["gap"])  # which covers what was not seen before it
    assume(history[step].op != "gap" or before)  # who knows of no epoch misses none
    assert check(history[:step] + history[step + 1 :], keeps=False).valid is not True


@given(faithful(), st.data())
def test_whatever_is_shown_twice_is_noticed(history, data):
    step = data.draw(st.sampled_from(steps(history, "observe")))
    later = data.draw(st.integers(step + 1, len(history)))
    twice = [*history[:later], history[step], *history[later:]]
    verdict = check(twice, keeps=False)
    assert verdict.valid is False and verdict.first.step <= later


@given(faithful(), st.data())
def test_whoever_is_sent_back_to_an_epoch_that_was_over_is_noticed(history, data):
    before = {step: history[step] for step in steps(history, "observe")}
    step = data.draw(st.sampled_from(sorted(before)))
    there = [n for n in range(step + 1, len(history)) if history[n].client == before[step].client]
    flap = [Event(0, before[step].client, "sse", "tea", "gap", "", epoch) for epoch in ("never", before[step].epoch)]
    assert check([*history[: there[0]], *flap, *history[there[0] :]], keeps=False).valid is False


@given(faithful(), st.data())
def test_two_messages_that_change_places_are_noticed(history, data):
    step = data.draw(st.sampled_from(steps(history, "observe")))
    others = [n for n in steps(history, "observe") if history[n].client == history[step].client and n != step]
    assume(others)
    other = data.draw(st.sampled_from(others))
    swapped = list(history)
    swapped[step], swapped[other] = history[other], history[step]
    assert check(swapped, keeps=False).valid is False


@given(faithful(), st.data())
def test_another_message_in_its_place_is_noticed(history, data):
    step = data.draw(st.sampled_from(steps(history, "observe", "ok", "log")))
    changed = [*history[:step], history[step]._replace(id="other"), *history[step + 1 :]]
    assert check(changed, keeps=False).valid is False


@given(st.integers(1, 4), st.lists(st.lists(st.integers(1, 5), max_size=6), min_size=1, max_size=2))
def test_in_one_epoch_it_is_valid_exactly_when_everybody_saw_the_log_and_nothing_else(count, saw):
    """The oracle: without losses there is but one thing to see."""
    told, log = Told(), [f"m{seq}" for seq in range(1, count + 1)]
    for seq, id in enumerate(log, 1):
        told.send(id, seq)
    readers = tuple(range(1, len(saw) + 1))
    for reader, seqs in zip(readers, saw, strict=True):
        told.tell(reader, "connect").see(reader, *((f"m{seq}", seq) for seq in seqs))
    verdict = check(told.finish(*log, readers=readers).events, keeps=True)
    as_it_should_be = all(seqs == list(range(1, count + 1)) for seqs in saw)
    nobody_saw_anything = not any(saw)
    assert (verdict.valid is True) == as_it_should_be
    assert verdict.valid is False or as_it_should_be or nobody_saw_anything
