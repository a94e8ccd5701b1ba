"""What the server counts, added up over all its lives."""

from collections.abc import Mapping
from typing import NamedTuple

from prometheus_client.parser import text_string_to_metric_families

from lab.live.frames import TRANSPORTS, Transport
from lab.live.news import Count

PREFIX = "polls_apart_"
COUNTED = {
    "requests": "requests_total", "empty": "empty_polls_total", "cuts": "transport_cuts_total",
    "resets": "resets_total",
    "socket_up": "socket_bytes_total/up", "socket_down": "socket_bytes_total/down",
    "ip_up": "ip_bytes_total/up", "ip_down": "ip_bytes_total/down",
}  # fmt: skip
AT_THE_MOMENT = {"connections": "tcp_connections", "queued": "queued_bytes"}
LAYERS = {"ip": "ip_bytes_total", "socket": "socket_bytes_total"}  # what not every system tells
NAMES = {metric: name for name, metric in (COUNTED | AT_THE_MOMENT).items()}
Values = dict[tuple[str, str], float]  # by transport and name


class Read(NamedTuple):
    """What one GET /metrics says: of which process, its values, and which layers it knows of."""

    process: str
    values: Values
    measured: dict[str, bool]


def read(text: str) -> Read:
    """The Prometheus text of a server."""
    process, values = "", Values()
    for family in text_string_to_metric_families(text):
        for name, labels, value, *_ in family.samples:
            process = labels.get("pid", process)
            direction = f"/{labels['direction']}" if "direction" in labels else ""
            known = NAMES.get(name.removeprefix(PREFIX) + direction)
            if known and (transport := labels.get("transport")) in TRANSPORTS:
                values[transport, known] = values.get((transport, known), 0.0) + value
    return Read(process, values, {layer: PREFIX + metric in text for layer, metric in LAYERS.items()})


class Totals:
    """Since the start: a server that was killed and started again counts from nothing, and what it had counted stays.

    What it counted after the last look is lost with it.
    """

    def __init__(self) -> None:
        self.before = Values()  # by those that have ended
        self.last = Read("", {}, {})

    def add(self, found: Read) -> None:
        if self.last.process not in ("", found.process):
            for key, value in self.last.values.items():
                if key[1] in COUNTED:
                    self.before[key] = self.before.get(key, 0.0) + value
        self.last = found

    def of(self, transport: Transport, up: bool) -> Count:
        """A server that is down has no connections, and nothing in its queues."""

        def value(name: str) -> int:
            return round(self.before.get((transport, name), 0.0) + self.last.values.get((transport, name), 0.0))

        counted = {name: value(name) for name in COUNTED if self.measures(name)}
        moment = {name: round(self.last.values.get((transport, name), 0.0)) if up else 0 for name in AT_THE_MOMENT}
        return Count(**counted, **moment)

    def all(self, up: bool) -> dict[Transport, Count]:
        return {transport: self.of(transport, up) for transport in TRANSPORTS}

    def measures(self, name: str) -> bool:
        return self.measured.get(name.partition("_")[0], True)

    @property
    def measured(self) -> Mapping[str, bool]:
        """Which layers of bytes are."""
        return self.last.measured
