"""The stores against a plain model, by whatever sequence of calls hypothesis thinks of."""

import shutil
import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from servers.message import PAGE, Draft
from servers.stores import CursorAhead, CursorGone, IdTaken, open_store
from tests.redis_server import LASTING, VOLATILE, RedisServer

ROOMS = st.sampled_from(["tea", "coffee"])
IDS = st.integers(0, 15).map(str)  # few, so that they come again
EPOCHS = st.sampled_from(["right", "none", "wrong"])
HANDLES = st.integers(0, 1)
AWAY = "0000"  # an epoch that never was
SOON = 5.0  # seconds, for a wait that should be over at once
NO_TIME = 0.01  # seconds, for one that ends with nothing
STEPS = settings(
    max_examples=5, stateful_step_count=40, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip


class Room:
    """The model: all messages there ever were in this epoch, and how many of the first are surely gone or kept."""

    def __init__(self) -> None:
        self.drafts: list[Draft] = []


class Machine(RuleBasedStateMachine):
    """Two handles on one store where it can be shared, else one twice. `keep` is how many messages a room keeps."""

    keep = 10_000

    def open(self):
        """The handles."""
        raise NotImplementedError

    def shut(self):
        """What is left to be cleared away."""

    @initialize()
    def begin(self):
        self.handles = self.open()
        self.rooms = {"tea": Room(), "coffee": Room()}
        self.epoch = self.handles[0].epoch or self.handles[0].since("tea", 0).epoch

    def teardown(self):
        for handle in set(getattr(self, "handles", ())):
            handle.close()
        self.shut()

    @rule(room=ROOMS, id=IDS, text=st.sampled_from(["a", "b"]), handle=HANDLES)
    def append(self, room, id, text, handle):
        """A new message, a repeat, or another under a known id."""
        drafts, draft = self.rooms[room].drafts, Draft(id, "Ada", text)
        known = {kept.id: seq for seq, kept in enumerate(drafts, 1) if seq > self.surely_gone(room)}
        if id in known and drafts[known[id] - 1] != draft:
            with pytest.raises(IdTaken):
                self.handles[handle].append(room, draft)
            return
        receipt = self.handles[handle].append(room, draft)
        assert receipt.epoch == self.epoch
        if id in known:
            assert (receipt.seq, receipt.new) == (known[id], False)
        else:
            assert (receipt.seq, receipt.new) == (len(drafts) + 1, True)
            drafts.append(draft)

    @rule(
        room=ROOMS,
        after=st.integers(0, 25),
        epoch=EPOCHS,
        handle=HANDLES,
    )
    def since(self, room, after, epoch, handle):
        """From any cursor: what follows, or why not and where else."""
        self.read(room, after, epoch, self.handles[handle].since)

    @rule(room=ROOMS, after=st.integers(0, 25), epoch=EPOCHS, handle=HANDLES)
    def wait(self, room, after, epoch, handle):
        """The same, held for a moment."""
        self.read(room, after, epoch, lambda *cursor: self.handles[handle].wait(*cursor, NO_TIME))

    @rule(room=ROOMS, id=IDS)
    def wake(self, room, id):
        """Who waits at the end of the log is woken by what comes by the other handle."""
        drafts = self.rooms[room].drafts
        if id in [kept.id for kept in drafts]:
            return
        end, pages = len(drafts), []
        waiting = threading.Thread(
            target=lambda: pages.append(self.handles[0].wait(room, end, self.epoch, SOON)), daemon=True
        )
        waiting.start()
        self.append(room, id, "a", 1)
        waiting.join(2 * SOON)
        assert [message.draft for message in pages[0].messages] == drafts[end:]

    def read(self, room, after, epoch, reading):
        drafts = self.rooms[room].drafts
        told = {"right": self.epoch, "none": None, "wrong": AWAY}[epoch]
        try:
            page = reading(room, after, told)
        except CursorGone as gap:
            assert gap.epoch == self.epoch and gap.cursor == self.trimmed(room)
            assert epoch == "wrong" or after < gap.cursor
        except CursorAhead as gap:
            assert gap.epoch == self.epoch and gap.cursor == self.trimmed(room)
            assert epoch != "wrong" and after > len(drafts)
        else:
            assert epoch != "wrong" and self.trimmed(room) <= after <= len(drafts)
            assert [(message.seq, message.draft) for message in page.messages] == list(
                enumerate(drafts[after : after + PAGE], after + 1)
            )
            assert (page.cursor, page.epoch) == (after + len(page.messages), self.epoch)

    def trimmed(self, room):
        """How many of the first messages the store says are gone."""
        try:
            self.handles[0].since(room, len(self.rooms[room].drafts), AWAY)
        except CursorGone as gap:
            return gap.cursor
        raise AssertionError("an epoch that never was is taken")

    def surely_gone(self, room):
        """How many of the first may have their ids used again."""
        return self.trimmed(room)

    @invariant()
    def what_should_be_kept_is(self):
        for room, model in getattr(self, "rooms", {}).items():
            end = len(model.drafts)
            trimmed = self.trimmed(room)
            assert 0 <= trimmed <= max(0, end - self.keep)
            assert end - trimmed <= self.keep + max(1, self.keep // 10)

    def all_is_lost(self):
        """A new epoch, empty rooms."""
        lost, self.epoch = self.epoch, self.handles[0].since("tea", 0).epoch
        assert self.epoch != lost
        self.rooms = {"tea": Room(), "coffee": Room()}


class InMemory(Machine):
    def open(self):
        return [open_store("memory", self.keep)] * 2

    @rule()
    def restart(self):
        self.handles = self.open()
        self.all_is_lost()


class Trimmed(InMemory):
    keep = 5


class InSqlite(Machine):
    def open(self):
        self.folder = Path(tempfile.mkdtemp())
        return self.open_file()

    def open_file(self):
        return [open_store(f"sqlite:{self.folder / 'chat.sqlite'}", self.keep)] * 2

    def shut(self):
        shutil.rmtree(getattr(self, "folder", ""), ignore_errors=True)

    @rule()
    def restart(self):
        """A new process on what the old one, which was killed, has left: its files as they are, not closed."""
        left, self.folder = self.folder, Path(tempfile.mkdtemp())
        shutil.copytree(left, self.folder, dirs_exist_ok=True)
        shutil.rmtree(left)
        self.handles = self.open_file()
        assert self.handles[0].epoch == self.epoch


class InSqliteTrimmed(InSqlite):
    keep = 5


class InRedis(Machine):
    """A database of its own for each example, of a Redis that is there for all of them."""

    redis: RedisServer

    def open(self):
        self.redis.client.flushall()
        return [open_store(self.redis.url, self.keep), open_store(self.redis.url, self.keep)]

    def surely_gone(self, room):
        return 0  # ids are remembered longer than messages


class InLastingRedis(InRedis):
    @rule()
    @precondition(lambda self: any(room.drafts for room in self.rooms.values()))
    def restart(self):
        self.redis.restart()

    @rule()
    def another_worker(self):
        self.handles[1].close()
        self.handles[1] = open_store(self.redis.url, self.keep)


class InVolatileRedis(InRedis):
    @rule()
    @precondition(lambda self: any(room.drafts for room in self.rooms.values()))
    def restart(self):
        self.redis.restart()
        self.all_is_lost()


class InRedisTrimmed(InRedis):
    keep = 5


@pytest.mark.parametrize("machine", [InMemory, Trimmed, InSqlite, InSqliteTrimmed])
def test_the_store_does_what_the_model_does(machine):
    run_state_machine_as_test(machine, settings=STEPS)


@pytest.mark.prove
@pytest.mark.parametrize("machine", [InMemory, Trimmed, InSqlite, InSqliteTrimmed])
def test_it_does_so_in_very_many_ways(machine):
    run_state_machine_as_test(machine, settings=settings(STEPS, max_examples=200))


@pytest.mark.parametrize(
    ("machine", "config"),
    [(InRedis, VOLATILE), (InRedisTrimmed, VOLATILE), (InLastingRedis, LASTING), (InVolatileRedis, VOLATILE)],
)
def test_redis_does_what_the_model_does(machine, config, start_redis):
    machine.redis = start_redis(*config)
    run_state_machine_as_test(machine, settings=settings(STEPS, max_examples=2))
