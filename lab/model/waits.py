"""How long a message waits, at its sender before it may leave, and at the server, as a distribution."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from lab.model.arrivals import Arrivals, Bursts, Gap, Poisson

STEPS = 16  # in which a uniform wait is added to another: a percentile is off by 1 / 32 of it at most
CROWDED = 0.9  # of the time: beyond, the queue is as long as the run lets it grow
HALVINGS = 60  # of the search for a percentile: beyond what a float can tell apart


class Piece(Struct, frozen=True):
    """A share of the messages, whose waits are uniform from `low` to `high` seconds."""

    share: float
    low: float = 0.0
    high: float = 0.0

    def below(self, seconds: float) -> float:
        """The share of all messages that are in this piece and wait no longer."""
        if seconds < self.low or seconds >= self.high:
            return self.share * (seconds >= self.high)
        return self.share * (seconds - self.low) / (self.high - self.low)


class Wait(Struct, frozen=True):
    """The pieces' shares add up to 1."""

    pieces: tuple[Piece, ...]

    @property
    def mean(self) -> float:
        return sum(piece.share * (piece.low + piece.high) / 2 for piece in self.pieces)

    def after(self, other: "Wait") -> "Wait":
        """The sum of two waits that have nothing to do with each other."""
        return Wait(tuple(
            Piece(piece.share * share, piece.low + shift, piece.high + shift)
            for share, shift in other.atoms() for piece in self.pieces
        ))  # fmt: skip

    def atoms(self) -> Iterator[tuple[float, float]]:
        """(share, wait): uniform pieces in steps."""
        for piece in self.pieces:
            steps = STEPS if piece.high > piece.low else 1
            for n in range(steps if piece.share else 0):
                yield piece.share / steps, piece.low + (piece.high - piece.low) * (n + 0.5) / steps

    def quantile(self, q: float) -> float:
        """The wait that a share `q` of the messages do not exceed; found by halving, since shares below only grow."""
        low, high = 0.0, max(piece.high for piece in self.pieces)
        if sum(piece.below(low) for piece in self.pieces) >= q:
            return low
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (low, middle) if sum(p.below(middle) for p in self.pieces) >= q else (middle, high)
        return high


def none() -> Wait:
    """Push: the server writes at once."""
    return Wait((Piece(1.0),))


def to_the_next_poll(interval_s: float) -> Wait:
    """Short polling: a message comes at no particular moment between two polls, so its wait is uniform."""
    return Wait((Piece(1.0, 0.0, interval_s),))


def to_the_next_answer(gap: Gap) -> Wait:
    """Long polling: of the messages of an answer, the share that ended a hold waited for nothing."""
    at_once = gap.held / gap.messages
    return Wait((Piece(at_once), Piece(1 - at_once, gap.soonest, gap.seconds)))


def behind_own_post(arrivals: Arrivals, senders: int, rtt_s: float) -> Wait | None:
    """A message that is due while its sender's last one is not acknowledged waits for that, by whatever uses HTTP.

    A queue of one server with a fixed time, the round trip D, busy for a share b of it (M/D/1): b of the messages
    wait, b D / 2 (1 - b) on average over all (Pollaczek and Khinchine), here taken as uniform. Who writes in a rhythm,
    or once in a burst, has it answered before the next. None where the queue grows for ever.
    """
    busy = arrivals.rate / senders * rtt_s
    if busy >= CROWDED and not isinstance(arrivals, Bursts):
        return None
    return Wait((Piece(1 - busy), Piece(busy, 0.0, rtt_s / (1 - busy)))) if isinstance(arrivals, Poisson) else none()


def together(parts: Iterable[tuple[float, Wait]], whole: float) -> Wait:
    """Several rooms' messages as one distribution, each room with its weight of the `whole`."""
    return Wait(tuple(
        Piece(weight / whole * piece.share, piece.low, piece.high) for weight, wait in parts for piece in wait.pieces
    ))  # fmt: skip


def ticks_apart(interval_s: float, answer_s: float) -> float:
    """How far apart short polls are: an answer that outlasts its tick makes the client skip to the next one ahead."""
    return interval_s * (int(answer_s / interval_s) + 1)
