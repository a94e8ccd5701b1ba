"""What people need of a delivery: a share of them within a time, such as `p95 < 100ms`."""

from collections.abc import Collection, Sequence

import msgspec

from lab.errors import BadUse
from loadtests.scenario import OBJECTIVE, ScenarioError, load

SECOND = 1_000  # ms


class Objective(msgspec.Struct, frozen=True):
    """A share of the deliveries within a time."""

    share: float
    limit_ms: float

    def __str__(self) -> str:
        limit = f"{self.limit_ms:g} ms" if self.limit_ms < SECOND else f"{self.limit_ms / SECOND:g} s"
        return f"{self.percentile} < {limit}"

    @property
    def percentile(self) -> str:
        """`p95`."""
        return f"p{100 * self.share:g}"

    @property
    def key(self) -> str:
        """The quantity that tells whether it is met, where there is one."""
        return f"latency_{self.percentile}"


def read_objective(text: str) -> Objective:
    """`p99 < 250ms`; BadUse when it is nothing of the kind."""
    found = OBJECTIVE.fullmatch(text)
    if not found or not float(found[1]) > 0 or not float(found[2]) > 0:
        raise BadUse(f'The objective {text!r} is not one such as "p99 < 250ms".')
    return Objective(float(found[1]) / 100, float(found[2]) * (SECOND if found[3] == "s" else 1))


def check_scenarios(file: str, names: Sequence[str], keys: Collection[str]) -> None:
    """BadUse when a file's levels are not scenarios with an objective that one of the quantities can tell."""
    for name in names:
        try:
            objective = load(name).objective
        except ScenarioError as error:
            raise BadUse(f"{file}: {error}") from None
        if not objective or read_objective(objective).key not in keys:
            raise BadUse(f"{file}: the scenario {name} needs an objective of p50, p95 or p99, not {objective!r}.")
