"""What can be set and done: values within limits, and orders to the line."""

from collections.abc import Callable, Mapping

from lab.live import news
from lab.live.frames import Control, Do, Set, Sorry, Transport

START: Mapping[Control, float] = {"poll_s": 1.0, "rtt_ms": 0.0, "jitter_ms": 0.0, "robot_per_s": 0.0,
                                  "robot_bytes": 100.0}  # fmt: skip
LIMITS: Mapping[str, tuple[float, float]] = {
    "poll_s": (0.25, 30.0),  # below, a page would do little else
    "rtt_ms": (0.0, 1_000.0),  # the far side of the earth and back by a bad line
    "jitter_ms": (0.0, 500.0),
    "robot_per_s": (0.0, 20.0),  # what a session may send
    "robot_bytes": (10.0, 4_000.0),  # what a message may have
}
Order = Callable[..., None]


class Controls:
    """The values, and the transports whose clients read nothing. `order` tells the line."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.values: dict[Control, float] = dict(START)
        self.frozen: list[Transport] = []

    def set(self, said: Set) -> bool:
        """Whether that is another value. Sorry beyond the limits."""
        low, high = LIMITS[said.control]
        if not low <= said.value <= high:
            raise Sorry(f"{said.control} goes from {low:g} to {high:g}.")
        if self.values[said.control] == said.value:
            return False
        self.values[said.control] = said.value
        if said.control in ("rtt_ms", "jitter_ms"):
            self.tell_line()
        return True

    def tell_line(self) -> None:
        self.order(rtt_ms=self.values["rtt_ms"], jitter_ms=self.values["jitter_ms"])

    def do(self, said: Do) -> bool:
        """Cut, freeze or thaw; whether that changes anything. Sorry where it is not said whom to freeze."""
        if said.action == "cut":
            self.order(cut=said.transport or True)
            return True
        if said.transport is None:
            raise Sorry("Say of which transport the clients are to freeze or thaw.")
        if (said.transport in self.frozen) == (said.action == "freeze"):
            return False
        if said.action == "freeze":
            self.frozen.append(said.transport)
            self.order(freeze=said.transport)
        else:
            self.frozen.remove(said.transport)
            self.order(thaw=said.transport)
        return True

    def shown(self, pages: int, fixed: bool = False) -> news.Controls:
        return news.Controls(**self.values, frozen=list(self.frozen), limits=dict(LIMITS), pages=pages, fixed=fixed)
