"""One fault, looked for with several tools: what is seen of it in each, and how much has to be looked at.

The fault: once, for three seconds, what the server says to those who listen is held back on its way. It takes and
answers what is sent, notices nothing, and loses nothing. All four transports meet it at the same moment, each on a
stand of its own. The first part of a run is calm, for comparison.
"""

import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

from lab.demonstrations import debugging_report
from lab.demonstrations.capture import capture, program
from lab.demonstrations.chromium import check, chromium
from lab.demonstrations.notes import YES_OR_NO, Demonstration, Notes
from lab.demonstrations.processes import running, server
from lab.demonstrations.relay import relay
from lab.demonstrations.stand import AFTER, BEFORE, BUSY, CALM, HELD, WINDOW, Span, Stand, whole
from lab.plan import TITLES

SETTLED = 0.5  # seconds until all that has begun is under way
SLACK = 3.0  # seconds by which the generators may begin at different times
DURATION = SETTLED + CALM + BEFORE + HELD + AFTER + SLACK


async def observe(notes: Notes, rng: random.Random, say: Callable[[str], None]) -> None:
    """One repeat: a calm part, then one with the fault; afterwards each tool's detector, on each part."""
    program()
    with tempfile.TemporaryDirectory() as folder:
        async with AsyncExitStack() as stack:
            enter = stack.enter_async_context
            say("starting")
            urls = await asyncio.gather(*(enter(server(name)) for name in TITLES))
            stands = [Stand(name, url, await enter(relay(url)), Path(folder) / name)
                      for name, url in zip(TITLES, urls, strict=True)]  # fmt: skip
            async with capture(notes, [stand.way.own_port for stand in stands]) as captured:
                browser = await enter(chromium(notes))
                await asyncio.gather(*(stand.open_page(browser) for stand in stands))
                generators = [await enter(running(*stand.generator(DURATION))) for stand in stands]
                await asyncio.gather(*(generator.says(WINDOW, BUSY) for generator in generators))
                calm, fault = await beside(pass_through(stands, say), *(stand.scrape() for stand in stands))
            for stand in stands:
                assert stand.tools is not None
                stand.shown, stand.requests = await stand.tools.items(), stand.tools.requests()
                stand.packets = captured.packets_of(stand.way.own_port)
            say("the generators write what they recorded")
            await asyncio.gather(*map(whole, generators))
        for stand in stands:
            write_down(notes, stand, calm, fault)


async def pass_through(stands: list[Stand], say: Callable[[str], None]) -> tuple[Span, Span]:
    """Let the two parts go by, and be the fault in the second."""
    await asyncio.sleep(SETTLED)
    to_unix = time.time() - time.monotonic()
    begin = time.monotonic()
    say("calm")
    await asyncio.sleep(CALM)
    middle = time.monotonic()
    say("the fault")
    await asyncio.sleep(BEFORE)
    await asyncio.gather(*(stand.way.hold(HELD) for stand in stands))
    await asyncio.sleep(AFTER)
    return Span(begin, middle, to_unix), Span(middle, time.monotonic(), to_unix)


async def beside(main: Awaitable[tuple[Span, Span]], *others: Awaitable[None]) -> tuple[Span, Span]:
    """What `main` returns, with the others under way for as long as it takes."""
    tasks = [asyncio.ensure_future(other) for other in others]
    try:
        return await main
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def write_down(notes: Notes, stand: Stand, calm: Span, fault: Span) -> None:
    alarms, found = stand.found(calm), stand.found(fault)
    for tool, (is_found, looked_at) in found.items():
        where = f"{tool}: {stand.transport}"
        notes.saw("found", where, YES_OR_NO, is_found)
        notes.saw("looked at", where, "items", looked_at)
        notes.saw("false alarm", where, YES_OR_NO, alarms[tool].fault)


DEMONSTRATION = Demonstration(
    "debugging", debugging_report.TITLE, "Is the same fault harder to find in one transport than in another?", 80.0,
    check, observe, debugging_report.show,
)  # fmt: skip
