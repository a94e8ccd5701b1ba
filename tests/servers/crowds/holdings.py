"""What a server holds: memory, open files and threads, of all its processes together."""

import time
from typing import NamedTuple

import psutil

from tests.processes import Server


class Holdings(NamedTuple):
    rss: int  # bytes
    descriptors: int
    threads: int


def holdings(server: Server) -> Holdings:
    root = psutil.Process(server.process.pid)
    processes = [root, *root.children(recursive=True)]
    return Holdings(
        sum(process.memory_info().rss for process in processes),
        sum(process.num_fds() for process in processes),
        sum(process.num_threads() for process in processes),
    )


def settled(server: Server) -> Holdings:
    """The same, once what was open a moment ago has been closed: when it stays as it is for half a second."""
    found, since = holdings(server), time.monotonic()
    while time.monotonic() < since + 0.5:
        if (now := holdings(server))[1:] != found[1:]:
            found, since = now, time.monotonic()
        time.sleep(0.05)
    return found
