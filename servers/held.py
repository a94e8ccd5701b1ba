"""What a session holds open by a request, a poll or a stream: what ends it, and whether its client is still there."""

import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from gevent.monkey import get_original

from servers.outbox import DONTWAIT
from servers.sessions import End
from servers.stores import WAKE, Wake


def wake(sock: Any) -> Wake:
    """What ends the poll that is about to be held."""
    end = Wake()
    WAKE.set(end)
    return end


def hang_up(sock: Any) -> End:
    """What ends the stream that is about to begin: the client seems to have gone."""

    def end() -> None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RD)

    return end


def is_gone(sock: Any) -> bool:
    """Whether a client has hung up. A second socket on the descriptor asks: the first has a time-out, and may wait."""
    second = get_original("socket", "socket")(fileno=sock.fileno())
    try:
        return not second.recv(1, socket.MSG_PEEK | DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        second.detach()  # the descriptor is not its own to close


ENDS: dict[str | None, Callable[[Any], End]] = {"long-polling.receive": wake, "sse.receive": hang_up}
