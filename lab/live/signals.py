"""Ctrl-C, SIGTERM, and a terminal that is closed: each ends the lab in order."""

import asyncio
import signal

ENDS = ("SIGINT", "SIGTERM", "SIGHUP")


def over() -> asyncio.Event:
    """Set when one of them comes."""
    event, loop = asyncio.Event(), asyncio.get_running_loop()
    for name in ENDS:
        number = getattr(signal, name, None)
        if number is None:
            continue
        try:
            loop.add_signal_handler(number, event.set)
        except NotImplementedError:  # on Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(event.set))
    return event
