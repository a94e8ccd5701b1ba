"""What lies between generator and server: nothing, a proxy that delays (lab/proxy.py), or a cable (lab/netem.py)."""

from typing import Literal

import msgspec

from lab.errors import BadUse
from lab.numbers import percent

RTO_AT_LEAST = 200.0  # ms on top of the round trip: what the first retransmission takes on Linux
LIMITS = {
    "none": "Client and server talked over the machine's own loopback, where the way takes no time: a real network "
    "adds its own to each row, and more than once where a transport has to ask first.",
    "proxy": "The link is a program on the same machine that hands everything on late. So the delays are real; but "
    "the IP bytes are those between client and link, where acknowledgements go out sooner and more often than over a "
    "long way, no packet is really lost or sent twice, and no connection has to begin slowly.",
    "netem": "The link is a virtual cable on which the kernel (netem) delays real packets: acknowledgements, losses "
    "and slow starts are the kernel's own. It is still one machine, and nobody else's traffic is on the cable.",
}
"""By kind: what a figure measured through it can and cannot say."""


class Link(msgspec.Struct, frozen=True):
    """A link's nature. Jitter, rate and loss are those of each way; 0 is none, and no limit of the rate.

    Cuts are the proxy's alone: all connections so many seconds into the window, or one at random moments so many
    seconds apart on average.
    """

    kind: Literal["none", "proxy", "netem"] = "none"
    rtt_ms: float = 0.0
    jitter_ms: float = 0.0
    kbit_s: float = 0.0
    loss: float = 0.0
    cut_at_s: tuple[float, ...] = ()
    cut_every_s: float = 0.0
    cut_by: Literal["reset", "close"] = "reset"

    @property
    def longest_ms(self) -> float:
        """A round trip at its worst, by which time-outs are chosen."""
        lost = self.rtt_ms + RTO_AT_LEAST if self.loss else 0.0
        return self.rtt_ms + 2 * (self.jitter_ms + lost)

    @property
    def words(self) -> str:
        """`a link of 100 ms round trip`."""
        parts = [f"a link of {self.rtt_ms:,g} ms round trip"]
        if self.jitter_ms:
            parts.append(f"up to {self.jitter_ms:,g} ms of jitter each way")
        if self.kbit_s:
            parts.append(f"{self.kbit_s:,g} kbit/s")
        if self.loss:
            parts.append(f"{percent(self.loss)} of the segments lost")
        if self.cut_at_s or self.cut_every_s:
            parts.append("connections cut")
        return ", ".join(parts)


def read_link(kind: str | None, rtt_ms: float | None, jitter_ms: float) -> Link:
    """What was asked for on the command line; BadUse names a kind that there is not."""
    if kind not in (None, "proxy", "netem"):
        raise BadUse(f"There is no link {kind!r}: choose from proxy, netem.")
    if kind is None and rtt_ms is None and not jitter_ms:
        return Link()
    return Link("netem" if kind == "netem" else "proxy", rtt_ms or 0.0, jitter_ms)
