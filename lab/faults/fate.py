"""What will become of each connection, drawn from the seed and its number before it is opened."""

import random
from typing import Literal

from msgspec import Struct

UP, DOWN = 2_000, 200_000  # bytes, at most, after which a connection is cut; most of it much earlier
ACKS = 20  # the last acknowledgement of a connection that may be the one that is eaten


class Fate(Struct, frozen=True):
    """A connection is cut after so many bytes to the server (`up`) or to the client (`down`), whichever comes first.

    Or when its acknowledgement number `eats` comes, which is not passed on. None: never. `by` is how it ends: as if the
    other side had closed it, or as if it had broken.
    """

    up: int | None = None
    down: int | None = None
    eats: int | None = None
    by: Literal["reset", "close"] = "close"


SPARED = Fate()


def fate_of(seed: int, part: str, number: int) -> Fate:
    """Any byte may be the last, and early ones as likely as late ones: in a head, in a frame, between two."""
    draw = random.Random(f"{seed} {part} connection {number}")
    way = draw.choices(("up", "down", "spared"), (1, 5, 2))[0]
    most = UP if way == "up" else DOWN
    byte = int(most ** draw.random())
    return Fate(
        up=byte if way == "up" else None,
        down=byte if way == "down" else None,
        eats=draw.randint(1, ACKS) if draw.random() < 0.5 else None,
        by=draw.choice(("reset", "close")),
    )
