"""What the whole class would take by one transport: by the model, at the pace of these moments."""

from functools import lru_cache

from lab.live.frames import TRANSPORTS, Transport
from lab.live.news import Cost
from lab.model.arrivals import Poisson
from lab.model.conditions import Conditions
from lab.model.traffic import REQUESTS, traffic


def everyone(members: int, per_s: float, size: float, poll_s: float, rtt_ms: float) -> dict[Transport, Cost]:
    """With so many members, and so many words a second of so many bytes, which all of them hear."""
    if not members:
        return {transport: Cost(0.0, 0.0) for transport in TRANSPORTS}
    return {transport: cost(transport, members, round(per_s, 2), round(size), poll_s, rtt_ms)
            for transport in TRANSPORTS}  # fmt: skip


@lru_cache(1_000)
def cost(transport: Transport, members: int, per_s: float, size: float, poll_s: float, rtt_ms: float) -> Cost:
    given = Conditions(
        transport=transport, arrivals=(Poisson(per_s),), rooms=1, participants=members, senders=members,
        text_bytes=size, poll_interval_s=poll_s, rtt_s=rtt_ms / 1_000, through_proxy=True, name="class",
    )  # fmt: skip
    one = traffic(given)
    ip = one.bytes_per_s("ip_up") + one.bytes_per_s("ip_down")
    return Cost(round(members * one.per_s(*REQUESTS), 3), round(members * ip, 1))
