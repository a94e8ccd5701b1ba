"""What will be done to whom: parts, each with a store of its own, and faults drawn from a seed, as data."""

import random
from typing import Literal

from msgspec import Struct

Store = Literal["sqlite", "lasting-redis", "memory", "volatile-redis"]
Kind = Literal["kill server", "kill worker", "kill redis", "stall"]
KILLS: tuple[Kind, ...] = ("kill server", "kill worker")
# --8<-- [start:round]
ROUND: dict[Kind, int] = {"kill worker": 5, "kill server": 2, "stall": 1, "kill redis": 2}
STALL = 4.0, 5.0  # seconds: fills what lies between, and outlasts the server's patience; less than a client's
AWAY = 0.0, 1.5  # seconds that Redis stays away
# --8<-- [end:round]


class Part(Struct, frozen=True):
    """Servers on one store, and what that promises: `keeps` is all that it acknowledged, whatever is killed.

    `command` is the server's module, with its own arguments; `keep` is how many messages a room keeps.
    """

    name: str
    title: str
    store: Store
    keeps: bool
    workers: int = 1
    keep: int = 10_000_000
    command: tuple[str, ...] = ("servers",)

    @property
    def on_redis(self) -> bool:
        return self.store.endswith("redis")


# --8<-- [start:parts]
PARTS = (
    Part("sqlite", "SQLite", "sqlite", keeps=True),
    Part("redis", "Redis with appendfsync always, two workers", "lasting-redis", keeps=True, workers=2),
    Part("memory", "In memory, 20 messages kept", "memory", keeps=False, keep=20),
    Part("volatile", "Redis without persistence, two workers", "volatile-redis", keeps=False, workers=2),
)
# --8<-- [end:parts]


class Length(Struct, frozen=True):
    """How long it goes on: until there were so many of each, over all parts, and each part had a round of faults.

    `pace_s` is the mean pause after a fault. Readers are those of each transport in each of the `rooms`, of whom one
    writes, `rate` messages a second. After `longest_s` it ends with what there is;
    then everybody has `settle_s` to come to the end of the log.
    """

    deliveries: int
    kills: int
    reconnects: int
    pace_s: float
    rooms: int
    readers: int
    rate: float
    longest_s: float
    settle_s: float = 40.0


# --8<-- [start:lengths]
LONG = Length(1_000_000, 100, 1_000, pace_s=4.0, rooms=1, readers=20, rate=1.0, longest_s=3_600)
QUICK = Length(8_000, 100, 1_000, pace_s=0.3, rooms=1, readers=6, rate=1.5, longest_s=150)
# --8<-- [end:lengths]
EXPECTED = {"long": 900.0, "quick": 50.0}  # seconds, about


class Fault(Struct, frozen=True):
    """One thing that is done to a part, `after_s` seconds after the last one was over.

    `which` chooses among the targets there are; `lasts_s` is how long a stall is, or how long Redis stays away.
    """

    after_s: float
    kind: Kind
    which: int = 0
    lasts_s: float = 0.0


def faults_of(part: Part, seed: int, number: int, pace_s: float) -> list[Fault]:
    """A round of faults: the same kinds in each, in another order."""
    draw = random.Random(f"{seed} {part.name} {number}")
    kinds = [kind for kind, times in ROUND.items() if kind != "kill redis" or part.on_redis for _ in range(times)]
    draw.shuffle(kinds)
    lasts: dict[Kind, tuple[float, float]] = {"stall": STALL, "kill redis": AWAY}
    return [
        Fault(draw.uniform(0.5, 1.5) * pace_s, kind, draw.randrange(1_000), draw.uniform(*lasts.get(kind, (0.0, 0.0))))
        for kind in kinds
    ]
