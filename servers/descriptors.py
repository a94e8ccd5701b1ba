"""How many files the process may have open: each connection is one, a WebSocket under some engines two."""

import contextlib
import sys

FEWEST = 256  # below, a server can hardly hold a class of learners
MOST = 65_536  # ports that one client address has; more would never be used
FALLBACK = 10_240  # what macOS grants at most, although it calls its hard limit infinite


class TooFew(Exception):
    """The hard limit is too low for a server, in one sentence."""


def raise_limit() -> None:
    """Raise the soft limit, 1,024 on many a Linux, to the hard one. Raises TooFew where that is too low as well."""
    if sys.platform == "win32":
        return  # no such limit
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for wanted in (MOST, FALLBACK):
        allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        if soft != resource.RLIM_INFINITY and soft < allowed:
            with contextlib.suppress(OSError, ValueError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
                soft = allowed
    if soft != resource.RLIM_INFINITY and soft < FEWEST:
        raise TooFew(
            f"only {soft} files may be open here, and a server needs {FEWEST}. Raise the limit: ulimit -Hn {FEWEST}"
        )
