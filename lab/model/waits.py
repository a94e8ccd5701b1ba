"""How long a message waits at the server before it may leave for its receiver, as a distribution."""

from collections.abc import Iterable

from msgspec import Struct

from lab.model.arrivals import Gap

HALVINGS = 60  # of the search for a percentile: beyond what a float can tell apart


class Piece(Struct, frozen=True):
    """A share of the messages, whose waits are uniform from `low` to `high` seconds."""

    share: float
    low: float = 0.0
    high: float = 0.0

    def below(self, seconds: float) -> float:
        """The share of all messages that are in this piece and wait no longer."""
        if seconds >= self.high:
            return self.share
        return self.share * max(0.0, seconds - self.low) / (self.high - self.low)


class Wait(Struct, frozen=True):
    """The pieces' shares add up to 1."""

    pieces: tuple[Piece, ...]

    @property
    def mean(self) -> float:
        return sum(piece.share * (piece.low + piece.high) / 2 for piece in self.pieces)

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


def together(parts: Iterable[tuple[float, Wait]], whole: float) -> Wait:
    """Several rooms' messages as one distribution, each room with its weight of the `whole`."""
    return Wait(tuple(
        Piece(weight / whole * piece.share, piece.low, piece.high) for weight, wait in parts for piece in wait.pieces
    ))  # fmt: skip


def ticks_apart(interval_s: float, answer_s: float) -> float:
    """How far apart short polls are: an answer that outlasts its tick makes the client skip to the next one ahead."""
    return interval_s * (int(answer_s / interval_s) + 1)
