"""The checker: a history in, a verdict out. A pure function, which knows of no fault, server or transport.

The words are those of Maelstrom's checkers (github.com/jepsen-io/maelstrom), and so are the three values of a verdict.
A message's place is its room, epoch and seq.

--8<-- [start:words]
lost            acknowledged or shown, and then not in the log, which should have kept it
unobserved      in the log, and not seen by a reader that had all the time it needed
duplicated      shown twice to one reader, or in the log twice
non-monotonic   shown, or a reader sent back, after something later in the same epoch,
                or in an epoch that this reader had left
skipped         jumped over without a word: a later seq or another epoch, and no explicit gap;
                or with a gap, where everything should be kept
reordered       before another message that was acknowledged before this one was sent
rewritten       another message than the one that was at this place before
phantom         shown, and never sent; or with another text than was sent
refused         a good message refused, or an answer that the protocol does not have
--8<-- [end:words]
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from msgspec import Struct

from lab.faults.history import Event

KINDS = ("lost", "unobserved", "duplicated", "non-monotonic", "skipped", "reordered", "rewritten", "phantom", "refused")
BEFORE, AFTER = 5, 2  # steps of the same client that are shown around the first offending one

Place = tuple[str, str, int]  # room, epoch, seq


class Anomaly(Struct, frozen=True):
    """Something that must not be: of what kind, at which step, why, and how many messages it concerns."""

    kind: str
    step: int
    why: str
    messages: int = 1


class Verdict(Struct, frozen=True):
    """True: nothing was wrong. None: nobody can say, for these reasons. `first` is the first offending step."""

    valid: bool | None
    reasons: list[str]
    counts: dict[str, int]  # messages, by kind
    first: Anomaly | None = None
    offender: Event | None = None
    context: list[str] = []


class Log(Struct):
    """A room's log as it was read when all was over, at this step: messages up to `trimmed` are no longer kept."""

    step: int
    epoch: str
    trimmed: int
    ids: dict[int, str]  # by seq

    @property
    def end(self) -> int:
        return max(self.ids, default=self.trimmed)


def check(history: Sequence[Event], keeps: bool) -> Verdict:
    """Judge it. `keeps`: the store keeps all that it acknowledged, whatever was done; else a new epoch may lose it."""
    logs = read_logs(history)
    found = [
        *shown(history), *placed(history), *kept(history, logs, keeps), *in_order(history), *truly_sent(history),
        *gaps_in(history, logs, keeps), *caught_up(history, logs),
    ]  # fmt: skip
    counts = dict.fromkeys(KINDS, 0) | Counter()
    for anomaly in found:
        counts[anomaly.kind] += anomaly.messages
    doubts = undecided(history, logs)
    first = min(found, key=lambda anomaly: anomaly.step, default=None)
    reasons = [f"{counts[kind]:,} {kind}" for kind in KINDS if counts[kind]] + doubts
    valid = False if found else None if doubts else True
    if first is None:
        return Verdict(valid, reasons, counts)
    return Verdict(valid, reasons, counts, first, history[first.step], context(history, first.step))


def read_logs(history: Sequence[Event]) -> dict[str, Log]:
    """The log of each room whose log was read."""
    logs: dict[str, Log] = {}
    for step, event in enumerate(history):
        if event.op == "log" and not event.seq:
            logs[event.room] = Log(step, event.epoch, int(event.note), {})
        elif event.op == "log":
            logs[event.room].ids.setdefault(event.seq, event.id)
    return logs


def shown(history: Sequence[Event]) -> Iterator[Anomaly]:
    """What each reader was shown, in the order in which it was."""
    cursors: dict[int, tuple[str, int]] = {}
    seen: dict[tuple[int, str], set[int]] = defaultdict(set)  # by reader and epoch
    left: set[tuple[int, str]] = set()
    for step, event in enumerate(history):
        if event.op not in ("observe", "gap"):
            continue
        epoch, seq = cursors.get(event.client, ("", 0))
        moved = bool(epoch) and event.epoch != epoch
        if moved:
            left.add((event.client, epoch))
            if (event.client, event.epoch) in left:
                yield Anomaly("non-monotonic", step, f"epoch {event.epoch} had ended for this reader")
        if event.op == "gap":
            if not moved and event.seq < seq:
                yield Anomaly("non-monotonic", step, f"sent back from seq {seq} to {event.seq} of the same epoch")
            cursors[event.client] = event.epoch, event.seq
            continue
        if moved:
            yield Anomaly("skipped", step, f"epoch {epoch} ended at seq {seq} for this reader without a gap")
            seq = 0
        shown_before = seen[event.client, event.epoch]
        if event.seq in shown_before:
            yield Anomaly("duplicated", step, f"seq {event.seq} was shown to this reader before")
        elif event.seq <= seq:
            yield Anomaly("non-monotonic", step, f"seq {event.seq} came after {seq}")
        elif event.seq > seq + 1:
            missing = event.seq - seq - 1
            yield Anomaly("skipped", step, f"seq {seq + 1} to {event.seq - 1} never came", missing)
        shown_before.add(event.seq)
        cursors[event.client] = event.epoch, max(seq, event.seq)


def placed(history: Sequence[Event]) -> Iterator[Anomaly]:
    """Each place has one message for ever, and each message one place in an epoch, whoever tells of it."""
    ids: dict[Place, str] = {}
    seqs: dict[tuple[str, str, str], int] = {}  # by room, epoch and id
    for step, event in enumerate(history):
        if event.op in ("ok", "observe", "log") and event.seq:
            place = event.room, event.epoch, event.seq
            if ids.setdefault(place, event.id) != event.id:
                yield Anomaly("rewritten", step, f"seq {event.seq} was {ids[place]} before")
            known = seqs.setdefault((event.room, event.epoch, event.id), event.seq)
            if known != event.seq:
                yield Anomaly("duplicated", step, f"{event.id} is at seq {known} too")


def kept(history: Sequence[Event], logs: dict[str, Log], keeps: bool) -> Iterator[Anomaly]:
    """What was acknowledged, or shown to anybody, is in the log: each message is told of once."""
    told: set[tuple[Place, str]] = set()
    for step, event in enumerate(history):
        log = logs.get(event.room)
        if log is None or event.op not in ("ok", "observe"):
            continue
        place = event.room, event.epoch, event.seq
        if (place, event.id) in told:
            continue
        told.add((place, event.id))
        if event.epoch != log.epoch:
            if keeps:
                yield Anomaly("lost", step, f"the log is of another epoch, {log.epoch}, and should have been kept")
        elif step > log.step and event.seq > log.end:
            pass  # it came after the log was read
        elif (keeps or event.seq > log.trimmed) and log.ids.get(event.seq) != event.id:
            yield Anomaly("lost", step, f"the log has {log.ids.get(event.seq, 'nothing')} at seq {event.seq}")


def in_order(history: Sequence[Event]) -> Iterator[Anomaly]:
    """A message that was acknowledged before another was sent stands before it."""
    sent: dict[tuple[str, str], int] = {}  # by room and id: the step
    acknowledged: dict[Place, int] = {}
    rooms: dict[tuple[str, str], dict[int, tuple[str, int]]] = defaultdict(dict)  # room and epoch; id and step by seq
    for step, event in enumerate(history):
        if event.op == "invoke":
            sent.setdefault((event.room, event.id), step)
        elif event.op in ("ok", "observe", "log") and event.seq:
            rooms[event.room, event.epoch].setdefault(event.seq, (event.id, step))
            if event.op == "ok":
                acknowledged.setdefault((event.room, event.epoch, event.seq), step)
    for (room, epoch), messages in rooms.items():
        earliest, by = len(history), 0  # acknowledgement of what stands later
        for seq in sorted(messages, reverse=True):
            id, step = messages[seq]
            if sent.get((room, id), -1) > earliest:
                yield Anomaly("reordered", step, f"seq {by} was acknowledged before {id} was sent, and stands after it")
            if acknowledged.get((room, epoch, seq), len(history)) < earliest:
                earliest, by = acknowledged[room, epoch, seq], seq


def truly_sent(history: Sequence[Event]) -> Iterator[Anomaly]:
    """Everything there is was sent, and everything sent is served."""
    sent: set[tuple[str, str]] = set()
    for step, event in enumerate(history):
        if event.op == "invoke":
            sent.add((event.room, event.id))
        elif event.op in ("fail", "unexpected"):
            yield Anomaly("refused", step, event.note)
        elif event.op in ("ok", "observe", "log") and event.id and (event.room, event.id) not in sent:
            sent.add((event.room, event.id))  # which is said once
            yield Anomaly("phantom", step, "nobody sent it")
        elif event.op == "observe" and event.note:
            yield Anomaly("phantom", step, event.note)


def gaps_in(history: Sequence[Event], logs: dict[str, Log], keeps: bool) -> Iterator[Anomaly]:
    """The log itself counts 1, 2, 3 … without gaps, and readers are told of none but where it begins, if it loses."""
    last: dict[str, int] = {}
    for step, event in enumerate(history):
        if event.op == "log" and not event.seq:
            last[event.room] = int(event.note)
        elif event.op == "log":
            if event.seq > last[event.room] + 1:
                missing = event.seq - last[event.room] - 1
                yield Anomaly("skipped", step, f"the log goes from {last[event.room]} to {event.seq}", missing)
            elif event.seq <= last[event.room]:
                yield Anomaly("duplicated", step, f"the log had seq {event.seq} before")
            last[event.room] = event.seq
        elif event.op == "gap" and keeps:
            yield Anomaly("skipped", step, "a gap, in a log that keeps everything")
        elif event.op == "gap" and told_too_much(event, logs):
            yield Anomaly("skipped", step, f"a gap to seq {event.seq}, and the log goes back further")


def told_too_much(gap: Event, logs: dict[str, Log]) -> bool:
    """Whether the log still has what a gap skips; its beginning never moves back."""
    log = logs.get(gap.room)
    return log is not None and log.epoch == gap.epoch and log.trimmed < gap.seq


def caught_up(history: Sequence[Event], logs: dict[str, Log]) -> Iterator[Anomaly]:
    """Whoever was served to the end has come to the end of the log."""
    for step, missing in behind(history, logs):
        if history[step].note == "served":
            room = history[step].room
            yield Anomaly("unobserved", step, f"the log goes on to seq {logs[room].end}", missing)


def behind(history: Sequence[Event], logs: dict[str, Log]) -> Iterator[tuple[int, int]]:
    """The step at which each reader ended that had not seen all of the log, and how many messages it had not."""
    cursors: dict[int, tuple[str, int]] = {}
    for step, event in enumerate(history):
        if event.op in ("gap", "observe"):
            epoch, seq = cursors.get(event.client, ("", 0))
            cursors[event.client] = event.epoch, max(event.seq, seq if epoch == event.epoch else 0)
        elif event.op == "end" and (log := logs.get(event.room)):
            epoch, seq = cursors.get(event.client, ("", 0))
            missing = log.end - (seq if epoch == log.epoch else log.trimmed)
            if missing > 0:
                yield step, missing


def undecided(history: Sequence[Event], logs: dict[str, Log]) -> list[str]:
    """Why nobody can say that all is well, though nothing was wrong."""
    ended = {event.client for event in history if event.op == "end"}
    readers = {event.client for event in history if event.op in ("connect", "observe")}
    rooms = sorted({event.room for event in history} - set(logs))
    cut_off = sum(history[step].note != "served" for step, _ in behind(history, logs))
    said = {
        "Nobody was shown a message": not any(event.op == "observe" for event in history),
        "No message was acknowledged": not any(event.op == "ok" for event in history),
        f"The log of {', '.join(rooms)} could not be read at the end": rooms,
        f"{cut_off:,} readers had no connection at the end, and had not seen all": cut_off,
        "The history ends before its readers do": not readers <= ended,
    }
    return [sentence for sentence, applies in said.items() if applies]


def context(history: Sequence[Event], step: int) -> list[str]:
    """The same client's steps just before and after, in words, with seconds from the step."""
    offender = history[step]
    own = [n for n, event in enumerate(history) if event.client == offender.client]
    at = own.index(step)
    return [
        f"{(history[n].time_ns - offender.time_ns) / 1e9:+.3f} s  {history[n].words}"
        for n in own[max(0, at - BEFORE) : at + AFTER + 1]
    ]
