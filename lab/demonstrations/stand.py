"""What a transport is looked at on: a server and a link of its own, a page, the load generator, and the tools."""

import asyncio
import re
import sys
import time
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lab.children import RunFailed, last_words
from lab.demonstrations import devtools
from lab.demonstrations.asking import ask
from lab.demonstrations.capture import Packet
from lab.demonstrations.detectors import Found, Item, Scrape, by_counters, by_latency, by_stamps, samples
from lab.demonstrations.devtools import Request, Tools
from lab.demonstrations.processes import Running
from lab.demonstrations.relay import Relay

if TYPE_CHECKING:
    from playwright.async_api import Browser

HELD = 3.0  # seconds that the fault lasts: twice what counts as late
CALM, BEFORE, AFTER = 4.0, 2.0, 1.0  # seconds of the control, and around the fault
POLL = 0.5  # seconds between polls: the shortest that the page has
SCRAPE = 0.2  # seconds between two looks at /metrics
RATE = 10.0  # messages a second: so many that some are written in any part of the fault
ROOM = "steady-0"  # the only one of this scenario
SCENARIO = {"participants": 3, "senders": 1, "workload.rooms": 1, "workload.rate_per_s": RATE, "warmup_s": 0.5,
            "collect_s": 1.0}  # fmt: skip
WINDOW = re.compile(r'"event": "window"')
BUSY = 60.0  # seconds that a generator may take to begin, or to write


class Span(NamedTuple):
    """A part of a run, in seconds of this machine's monotonic clock, and what to add to have Unix time."""

    begin: float
    end: float
    to_unix: float

    def holds(self, at: float) -> bool:
        return self.begin <= at <= self.end

    def holds_unix(self, at: float) -> bool:
        return self.holds(at - self.to_unix)


class Stand:
    """One transport's. `part` is the folder that its generator writes what it recorded to."""

    def __init__(self, transport: str, url: str, way: Relay, part: Path) -> None:
        self.transport, self.url, self.way, self.part = transport, url, way, part
        self.scrapes: list[Scrape] = []
        self.shown: list[Item] = []
        self.requests: list[Request] = []
        self.packets: list[Packet] = []
        self.tools: Tools | None = None

    def generator(self, duration_s: float) -> list[str]:
        """The command that makes the load, by this link."""
        command = [sys.executable, "-m", "loadtests.run", self.way.url, "--transport", self.transport]
        command += ["--scenario", "steady", "--poll-interval", str(POLL), "--out", str(self.part)]
        changes = SCENARIO | {"duration_s": duration_s}
        return command + [word for name, value in changes.items() for word in ("--set", f"{name}={value}")]

    async def open_page(self, browser: "Browser") -> None:
        """The chat's page in the generator's room, by this link, with the browser's tools open."""
        page = await (await browser.new_context()).new_page()
        self.tools = await devtools.opened(page)
        await page.goto(f"{self.way.url}/?room={ROOM}")
        if self.transport == "short-polling":
            await page.locator(".interval input").fill(str(POLL))
        await page.locator(".pane[data-state=connected]").wait_for()

    async def scrape(self) -> None:
        """Look at /metrics again and again, past the link."""
        while True:
            answer = await ask("GET", f"{self.url}/metrics")
            self.scrapes.append(Scrape(time.monotonic(), samples(answer.body.decode())))
            await asyncio.sleep(SCRAPE)

    def latencies(self, span: Span) -> list[float]:
        """What the generator recorded of this part: each delivery's latency in seconds, in the order of receipt."""
        import polars as pl

        from loadtests.records import scan

        joined = scan(self.part, "deliveries").join(scan(self.part, "publishes"), on=["room", "id"])
        received, late = pl.col("received_ns") / 1e9, (pl.col("received_ns") - pl.col("intended_ns")) / 1e9
        found = joined.filter(received.is_between(span.begin, span.end)).sort("received_ns").select(late=late).collect()
        return [float(latency) for latency in found["late"]]

    def found(self, span: Span) -> dict[str, Found]:
        """What each tool's detector says of this part."""
        packets = (Item(packet.at, packet.payload) for packet in self.packets)
        listed = (request.took for request in self.requests if span.holds_unix(request.over) or request.over == inf)
        return {
            "request list": by_latency(listed),
            "browser tools": by_stamps(item for item in self.shown if span.holds_unix(item.at)),
            "tshark": by_stamps(item for item in packets if span.holds_unix(item.at)),
            "metrics": by_counters(scrape for scrape in self.scrapes if span.holds(scrape.at)),
            "timeline": by_latency(self.latencies(span)),
        }


async def whole(generator: Running) -> None:
    """Return when a generator has written all. RunFailed when it could not."""
    if await asyncio.wait_for(generator.process.wait(), BUSY):
        raise RunFailed(f"the generator gave up: {last_words(generator.log)}")
