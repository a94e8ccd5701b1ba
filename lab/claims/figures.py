"""The figures that claims are about: recorded quantities of a row, and what is computed of them."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from lab.claims import intervals
from lab.claims.evidence import Row
from lab.quantities import QUANTITIES
from lab.stats import Estimate

NAMES = {quantity.key: quantity for quantity in QUANTITIES}


class Figure(msgspec.Struct, frozen=True):
    """A recorded number that a verdict rests on, and where it stands. `where` is a row, or a place looked at."""

    experiment: str
    where: str
    what: str  # a quantity's key, or what was observed
    unit: str
    estimate: Estimate
    valid: bool | None = True  # what is said of the row: None is unknown

    @property
    def key(self) -> tuple[str, str, str]:
        return self.experiment, self.where, self.what


class Measure(NamedTuple):
    """Something measured of a row, with its interval. `keys` are the recorded quantities that it is made of."""

    title: str
    unit: str
    of: Callable[[Row], Estimate]
    keys: tuple[str, ...]


def figures(row: Row, measure: Measure) -> tuple[Figure, ...]:
    """What is recorded of the row, whether it may be used or not."""
    return tuple(Figure(row.experiment, row.cell.cell.name, key, NAMES[key].unit, row.cell[key],
                        row.cell.verdict.valid)
                 for key in measure.keys)  # fmt: skip


def recorded(row: Row, key: str) -> Estimate:
    """The quantity, if the row may be relied on; otherwise a note why not.

    Where the generator sent late, a wait is at most what was measured, and nobody knows how much less.
    """
    found, verdict = row.cell[key], row.cell.verdict
    if not row.cell.runs:
        return Estimate(None, note="it was not measured")
    if verdict.trusts(key):
        return found
    if verdict.waits_only and found.high is not None:
        return Estimate(found.value, 0.0, found.high)
    return Estimate(None, note=f"the row is not valid: {verdict.reasons[0]}")


def quantity(key: str) -> Measure:
    """A quantity as it is recorded."""
    found = NAMES[key]
    return Measure(found.title, found.unit.split(" per ")[0], lambda row: recorded(row, key), (key,))


def per(above: Measure, below: Measure, title: str, unit: str) -> Measure:
    """The quotient of two."""
    return Measure(title, unit, lambda row: intervals.divided(above.of(row), below.of(row)), above.keys + below.keys)


def less(whole: Measure, part: Measure, title: str) -> Measure:
    """What of the whole is not the part."""
    return Measure(title, whole.unit, lambda row: intervals.minus(whole.of(row), part.of(row)), whole.keys + part.keys)


def for_each_client(measure: Measure, title: str, unit: str) -> Measure:
    """What all the server has, shared out to its clients."""
    return Measure(title, unit, lambda row: by_clients(measure.of(row), row, lambda n: 1 / n), measure.keys)


def for_all_clients(measure: Measure, title: str, unit: str) -> Measure:
    """What each client takes of the server, summed up."""
    return Measure(title, unit, lambda row: by_clients(measure.of(row), row, float), measure.keys)


def by_clients(of: Estimate, row: Row, factor: Callable[[int], float]) -> Estimate:
    if not row.clients:
        return Estimate(None, note="its manifest does not say how many clients there were")
    return intervals.times(of, factor(row.clients))


def ratio(measure: Measure, row: Row, other: Row) -> Estimate:
    """row / other. Paired by block where that is recorded, which is exacter; else of the two intervals."""
    return (
        intervals.lacking(measure.of(row), measure.of(other))
        or paired(measure, row, other)
        or intervals.divided(measure.of(row), measure.of(other))
    )


def difference(measure: Measure, row: Row, other: Row) -> Estimate:
    """row - other."""
    return intervals.minus(measure.of(row), measure.of(other))


def paired(measure: Measure, row: Row, other: Row) -> Estimate | None:
    """The recorded ratio of two rows of which one is the other's reference."""
    if len(measure.keys) > 1 or row.experiment != other.experiment or row.level != other.level:
        return None
    key = measure.keys[0]
    if not other.cell.versus:
        found = row.cell.versus.get(key)
        return found if found and found.low is not None else None
    found = None if row.cell.versus else other.cell.versus.get(key)
    return intervals.divided(intervals.same(1.0), found) if found and found.low is not None else None


P50, P95, P99, MEAN = (quantity(f"latency_{name}") for name in ("p50", "p95", "p99", "mean"))
PAYLOAD, SOCKET, IP = (quantity(f"{layer}_bytes") for layer in ("payload", "socket", "ip"))
SOCKET_UP, IP_HOUR = quantity("socket_bytes_up"), quantity("ip_bytes_hour")
IP_UP = quantity("ip_bytes_up")._replace(title="IP bytes up")
CPU, LOAD, RSS, FILES, THREADS = (quantity(f"server_{name}") for name in ("cpu", "load", "rss", "fds", "threads"))
REQUESTS, EMPTY = quantity("requests"), quantity("empty_polls")
RATE, OPENED = quantity("requests_per_client_minute"), quantity("connections_in_window")
