"""The two connections that stay open, a WebSocket and an endless answer, and how a request becomes one."""

import errno
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import wraps
from typing import Any

from flask import current_app, request
from simple_websocket import ConnectionClosed, Server

from servers import frames
from servers.drain import TAKEN
from servers.fanout import Fanout
from servers.guard import conversation
from servers.outbox import FAILED, MOMENT, POLICY_VIOLATION, Cursor, Outbox
from servers.pump import Encoding

QUIET = 0.8  # of a heartbeat, after which something is said, so that no silence is longer than a heartbeat
GRACE = 1 / 3  # of a heartbeat, for the answer to a ping: at 15 s, who is dead is closed within 20


class Socket(Outbox):
    """A WebSocket's outbox, in the place of the socket that the library reads from and writes to.

    The library calls `send` once and takes no lock, so a slow reader would get half a frame, and a pong could land
    inside a message. After a closing frame nothing more goes out (RFC 6455 section 5.5.1).
    """

    def __init__(self, sock: Any) -> None:
        super().__init__(sock)
        self._heard = time.monotonic()
        self._pinged = 0.0

    def send(self, data: bytes) -> int:
        self.put(data, last=data[:1] == frames.CLOSE)
        return len(data)

    def recv(self, size: int) -> bytes:
        data: bytes = self._sock.recv(size)
        self._heard = time.monotonic()
        return data

    def close(self) -> None:
        self.put(b"", last=True)
        self._shut(socket.SHUT_RDWR)
        self._sock.close()

    def _last_words(self, code: int) -> bytes:
        return frames.close(code)

    def _keep_alive(self, now: float, heartbeat: float) -> None:
        if self._pinged > self._heard:
            if now - self._pinged > max(GRACE * heartbeat, MOMENT):
                self.cut(POLICY_VIOLATION)
        elif now - self._heard > QUIET * heartbeat:
            self._pinged = now
            self.put(frames.PING)


class Stream(Outbox):
    """The outbox of an answer that never ends. Its comment is what it says when there is nothing to say."""

    def __init__(self, sock: Any, comment: bytes) -> None:
        super().__init__(sock)
        self._comment = comment
        self._said = 0.0

    def wait(self) -> None:
        """Return when it has ended, or the client has gone, or says something, which it has no reason to."""
        with suppress(OSError):
            self._sock.recv(1, socket.MSG_PEEK)

    def end(self, code: int) -> None:
        super().end(code)
        self._shut(socket.SHUT_RD)  # wakes whoever waits

    def _keep_alive(self, now: float, heartbeat: float) -> None:
        if self.spoke:
            self._said, self.spoke = now, False
        elif now - self._said > QUIET * heartbeat:
            self.put(self._comment)


def take_socket() -> None:
    """Before a WebSocket handshake: everything that the library sends on this connection goes through an outbox.

    Under every engine the socket is handed on in the same place, so that the response afterwards is dropped the
    same way (`servers.drain`). Compression is not negotiated: it costs 93 KiB a connection and twice the CPU here.
    """
    environ = request.environ
    environ["gunicorn.socket"] = Socket(environ.pop("werkzeug.socket", None) or environ["gunicorn.socket"])
    environ[TAKEN] = True
    environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)


def closing(converse: Callable[[Server, str], None]) -> Callable[[Server, str], None]:
    """A WebSocket handler that closes with 1011 when it fails, and returns when the library has let go."""

    @wraps(converse)
    def handler(ws: Server, room: str) -> None:
        try:
            with conversation(ws):
                converse(ws, room)
        except ConnectionClosed:
            pass
        except Exception:
            current_app.logger.exception("A WebSocket failed.")
            ws.close(FAILED)
        ws.thread.join(1)  # seconds for the last closing frame: the client's, or ours that answers it
        ws.sock.close()  # or the library would read on, where the client says nothing

    return handler


def stream(
    fanout: Fanout, room: str, cursor: Cursor, encoding: Encoding, opening: bytes, comment: bytes
) -> Iterator[bytes]:
    """The body of an answer that never ends: the opening by the server, and then the room's log by an outbox."""
    environ = request.environ
    if environ["SERVER_PROTOCOL"] != "HTTP/1.0":
        encoding = encoding._replace(join=chunk)

    def body() -> Iterator[bytes]:
        yield opening
        outbox = Stream(environ["gunicorn.socket"], encoding.join([comment]))
        with fanout.following(outbox, room, cursor, encoding):
            outbox.wait()
        if outbox.busy:  # the server's last chunk must not land in the middle of what is queued
            raise BrokenPipeError(errno.EPIPE, "the stream is over")

    return body()


def chunk(parts: list[bytes]) -> bytes:
    """Several parts as one chunk of a body (RFC 9112 section 7.1)."""
    data = b"".join(parts)
    return b"%x\r\n%b\r\n" % (len(data), data)
