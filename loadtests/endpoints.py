"""Where a link listens, and where the server is that it leads to."""

import contextlib
import os
import socket
import sys
from typing import Any
from urllib.parse import urlsplit

from loadtests.command import BadUse
from loadtests.sockets import MAXIMUM_SEGMENT

LOOPBACK = "127.0.0.1"
BACKLOG = 4_096  # connections waiting to be taken; the system may allow fewer


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. BadUse when there cannot be one."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError):
        raise BadUse(f"No address is known by the name {host}: give another with --host.") from None
    sock = socket.socket(family)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, os.name == "posix")
    prepare(sock)
    try:
        sock.bind((address[0], port, *address[2:]))
    except (OSError, OverflowError):
        raise BadUse(f"Port {port} of {host} cannot be listened on: give another with --port or --host.") from None
    sock.listen(BACKLOG)
    return sock


def url_of(sock: socket.socket) -> str:
    """Where a listening socket is reached."""
    host, port = sock.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def look_up(url: str) -> tuple[int, Any]:
    """The family and address of a server."""
    parts = urlsplit(url)
    try:
        family, _, _, _, address = socket.getaddrinfo(parts.hostname, parts.port or 80, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise BadUse(f"The server's name in {url} cannot be looked up: {error.strerror}.") from None
    return family, address


def stand_for(sock: socket.socket, client: str) -> None:
    """Come from an address of the client's own, where this machine has one: on Linux all of 127/8 is its loopback.

    So a server that bounds what one address may do bounds one client and not all who come through the link.
    """
    if sys.platform == "linux" and sock.family == socket.AF_INET and client != LOOPBACK:
        with contextlib.suppress(OSError):
            sock.bind((f"127.{client.partition('.')[2]}", 0))


def prepare(sock: socket.socket) -> None:
    """Segments as on an Ethernet, each sent at once."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_MAXSEG"):
        with contextlib.suppress(OSError):  # macOS allows it only on a connected socket
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, MAXIMUM_SEGMENT)
