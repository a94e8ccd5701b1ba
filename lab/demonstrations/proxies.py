"""What nginx does to each transport, by the site that one writes first and by the good one; and what HTTP/2 saves.

What a transfer costs is counted by loadtests/transfers.py, through the good site by TLS. All else is looked at without
TLS, which changes nothing of it (sites.py).
"""

import asyncio
import random
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial

import msgspec

from lab import behind
from lab.behind import Nginx
from lab.children import RunFailed
from lab.demonstrations import proxies_report, sites
from lab.demonstrations.notes import Demonstration, Notes
from lab.demonstrations.processes import running, server
from lab.demonstrations.proxies_report import BYTES, CELLS, FIRST, NAMES, OPENED, SITES
from lab.demonstrations.sites import BEAT, NEVER, fronted

COUNT = 20  # transfers on a warm connection
SHORT_HOLD = "0.05"  # seconds: long polls that find nothing are counted too, and not waited for
TIME = 60.0  # seconds for the bytes of one kind of transfer

Tallies = dict[str, dict[str, float | None]]


async def observe(notes: Notes, rng: random.Random, say: Callable[[str], None]) -> None:
    """One repeat, with everything new."""
    notes.versions |= behind.packages(["nginx"])
    async with AsyncExitStack() as stack:
        silent, brisk = await asyncio.gather(
            stack.enter_async_context(server("all", "--heartbeat", NEVER)),
            stack.enter_async_context(server("all", "--heartbeat", str(BEAT), "--hold", SHORT_HOLD)),
        )
        async with fronted(silent, "good") as nginx:
            for kind, http in rng.sample(CELLS, len(CELLS)):
                say(f"what a transfer costs: {NAMES[http]}, {kind}")
                write_down(notes, f"{NAMES[http]}: {kind}", NAMES[http], await tallies(nginx, kind, http))
        for site in rng.sample(SITES, len(SITES)):
            await sites.look(notes, site, silent, brisk, say)
        say("nothing before the server")
        await sites.look_at_nothing(notes, silent)


async def tallies(nginx: Nginx, kind: str, http: str) -> Tallies:
    """What a client counts of one kind of transfer."""
    options = ["--ca", str(nginx.ca), "--http", http, "--count", str(COUNT)]
    async with running(sys.executable, "-m", "loadtests.transfers", nginx.tls, kind, *options) as client:
        if await asyncio.wait_for(client.process.wait(), TIME):
            raise RunFailed(client.said.strip() or "the transfers could not be counted")
        return msgspec.json.decode(client.said, type=Tallies)


def write_down(notes: Notes, where: str, version: str, found: Tallies) -> None:
    """Bytes by layer and direction. What the kernel does not count is not written down."""
    for name, what in BYTES.items():
        for part, words in (("warm", what), ("first", f"{FIRST} {what}")):
            up, down = found[part][f"{name}_up"], found[part][f"{name}_down"]
            if up is not None and down is not None:
                for way, value in ((" up", up), (" down", down), ("", up + down)):
                    notes.saw(f"{words}{way}", where, proxies_report.UNIT, value)
    for way in ("up", "down"):
        if where == f"{version}: short-polling" and (size := found["opened"][f"socket_{way}"]) is not None:
            notes.saw(f"{OPENED} {way}", version, "B per connection", size)


DEMONSTRATION = Demonstration(
    "proxies", proxies_report.TITLE, "What does a proxy do to each transport, and what does HTTP/2 save?", 120.0,
    partial(behind.check, "nginx+h2"), observe, proxies_report.show,
)  # fmt: skip
