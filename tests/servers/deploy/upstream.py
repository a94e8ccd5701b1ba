"""Servers for nginx to stand before: one that keeps what it is asked, and one whose answer does not end by itself."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count, takewhile
from typing import NamedTuple

from tests.processes import PATIENCE

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


class Asked(NamedTuple):
    """A request as it came."""

    connection: int
    line: str
    fields: dict[str, str]


@contextmanager
def serving(answer: Callable[[int, socket.socket], None]) -> Iterator[str]:
    """A server that does this with each connection and its number, in a thread; its address."""

    def accept() -> None:
        for number in count():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(number, connection), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


def keeping(asked: list[Asked]) -> AbstractContextManager[str]:
    """It answers everything, on connections that it leaves open."""

    def answer(number: int, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as lines:
            while head := b"".join(takewhile(b"\r\n".__ne__, lines)):  # nothing, at the end
                line, *rest = head.decode().split("\r\n")
                asked.append(Asked(number, line, dict(field.split(": ", 1) for field in rest if field)))
                connection.sendall(ANSWER)

    return serving(answer)


def streaming(head: bytes, event: bytes, over: threading.Event) -> AbstractContextManager[str]:
    """It says one event, and closes when it is over."""

    def answer(number: int, connection: socket.socket) -> None:
        with connection:
            connection.recv(65_536)
            connection.sendall(head + event)
            over.wait(PATIENCE)

    return serving(answer)
