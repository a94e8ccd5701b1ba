"""The two connections that stay open, a WebSocket and an endless answer, and how a request becomes one."""

import errno
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial, wraps
from typing import Any

import simple_websocket.ws
from flask import Response, after_this_request, current_app, request
from simple_websocket import ConnectionClosed, Server
from wsproto.utilities import LocalProtocolError

from servers import compression, frames, wire
from servers.drain import TAKEN
from servers.fanout import Fanout
from servers.guard import conversation
from servers.inbound import SLOW_DOWN, Heads, patience
from servers.outbox import FAILED, MOMENT, POLICY_VIOLATION, TRY_AGAIN_LATER, Cursor, Outbox
from servers.pump import Encoding
from servers.settings import YIELD, Settings
from servers.stores import Unavailable

QUIET = 0.8  # of a heartbeat, after which something is said, so that no silence is longer than a heartbeat
LAST_BYTES = 1024 * 1024  # that are dropped after the last words; who sends more is not waiting for them
UNACKNOWLEDGED = 6_000  # ms for what a stream said: of the 20 s until who vanished is forgotten, a heartbeat takes 13
PROBES_APART = 4  # seconds: a heartbeat comes before the second probe
GRACE = 1 / 3  # of a heartbeat, for the answer to a ping: at 15 s, who is dead is closed within 20

simple_websocket.ws.PerMessageDeflate = lambda: compression.Inflating(wire.settings().body_limit)
# The library asks for one at each handshake. Its own keeps 93 KiB a connection and inflates whatever comes.


class Socket(Outbox):
    """A WebSocket's outbox, in the place of the socket that the library reads from and writes to.

    The library calls `send` once and takes no lock, so a slow reader would get half a frame, and a pong could land
    inside a message. After a closing frame nothing more goes out (RFC 6455 section 5.5.1), and nothing comes in.
    """

    __slots__ = ("_fault", "_heads", "_heard", "_pinged", "deflates", "on_close")

    transport = "websocket"

    def __init__(self, sock: Any, settings: Settings, deflates: bool = False) -> None:
        super().__init__(sock)
        self.deflates = deflates  # whether the client takes compressed frames
        self.on_close: Callable[[], object] = lambda: None  # told when the library has let go
        self._heads = Heads(settings.body_limit, deflates, patience(settings))
        self._fault = 0  # the code to close with, once the library has read what came before it
        self._heard = time.monotonic()
        self._pinged = 0.0

    def send(self, data: bytes) -> int:
        self.put(data, last=frames.closes(data))
        return len(data)

    def recv(self, size: int) -> bytes:
        """What the client sent, as far as it may; nothing when the conversation is over."""
        data: bytes = b"" if self._fault else self._sock.recv(size)
        self._heard = time.monotonic()
        if len(data) == size:
            time.sleep(YIELD)  # who sends faster than it is read must not keep a whole loop
        if data and not self.over:
            data, self._fault = self._heads.feed(data, self._complain)
            if data:
                return data
        if self._fault:
            self.refuse(self._fault)
        return b""

    def refuse(self, code: int) -> None:
        """End it because of what the client sent."""
        self.put(frames.close(code, frames.REFUSED), last=True)

    def close(self) -> None:
        """The library has let go. The descriptor is for the engine to close, which may want to look at it before."""
        self.put(b"", last=True)
        self._linger()
        self.hang_up()
        self.on_close()

    def hang_up(self) -> None:
        """End the connection under whoever reads from it."""
        self._shut(socket.SHUT_RDWR)

    def _linger(self) -> None:
        """Drop what still comes, until the client hangs up (RFC 6455 section 7.1.1): to close with something unread
        is to reset the connection, which may take our closing frame away.
        """
        if not self.busy:
            self._shut(socket.SHUT_WR)
        end, left = time.monotonic() + MOMENT, LAST_BYTES
        with suppress(OSError):
            while left > 0 and (seconds := end - time.monotonic()) > 0:
                self._sock.settimeout(seconds)
                if not (data := self._sock.recv(4096)):
                    break
                left -= len(data)

    def _complain(self) -> None:
        self.put(frames.whole(frames.error("", 429, SLOW_DOWN)))

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

    __slots__ = ("_comment", "_said")

    transport = "sse"

    def __init__(self, sock: Any, comment: bytes) -> None:
        super().__init__(sock)
        with suppress(OSError, AttributeError):  # elsewhere than Linux there is no such option
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, PROBES_APART)
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
    same way (`servers.drain`). Of the extensions offered the library sees what we agree to.
    """
    environ = request.environ
    settings = wire.settings()
    offers = environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", "")
    agreed = compression.negotiated(offers) if settings.compression else ""
    if agreed:
        environ["HTTP_SEC_WEBSOCKET_EXTENSIONS"] = agreed
    sock = environ.pop("werkzeug.socket", None) or environ["gunicorn.socket"]
    environ["gunicorn.socket"] = Socket(sock, settings, deflates=bool(agreed))
    environ[TAKEN] = True


def closing(converse: Callable[[Server, str], None]) -> Callable[[Server, str], None]:
    """A WebSocket handler that closes with 1011 when it fails, and returns when the library has let go.

    The library may set its event for a closing frame of its own before it says that it is not connected, so that the
    handler would wait for ever; and it lets the protocol's error through to who sends while the client closes.
    """

    @wraps(converse)
    def handler(ws: Server, room: str) -> None:
        ws.sock.on_close = ws.event.set
        after_this_request(partial(let_go, ws))
        try:
            with wire.fanout().open(ws.sock), conversation(ws):
                converse(ws, room)
        except (ConnectionClosed, LocalProtocolError):
            pass
        except Unavailable as error:
            ws.close(TRY_AGAIN_LATER, error.title)
        except Exception:
            current_app.logger.exception("A WebSocket failed.")
            ws.sock.end(FAILED)
        ws.thread.join(MOMENT)  # for the last closing frame: the client's, or ours that answers it
        ws.sock.hang_up()
        wire.fanout().on_close(frames.code(ws.sock.last_words))

    return handler


def let_go(ws: Server, response: Response) -> Response:
    """Open the one circle in what the library holds, a generator and its owner, so that all of it is freed now.

    The collector comes to what was open for long, and has grown old, after millions of others.
    """
    if not ws.thread.is_alive():
        ws.ws.handshake.connection._proto._parse_more.close()
    return response


def stream(
    fanout: Fanout, room: str, cursor: Cursor, encoding: Encoding, opening: bytes, comment: bytes
) -> Iterator[bytes]:
    """The body of an answer that never ends: the opening by the server, and then the room's log by an outbox."""
    environ = request.environ
    packs, chunks = wire.gzips(), environ["SERVER_PROTOCOL"] != "HTTP/1.0"
    encoding = encoding._replace(join=JOINS[packs, chunks])
    if packs:
        opening = compression.GZIP_HEAD + compression.deflated(opening)

    def body() -> Iterator[bytes]:
        yield opening
        outbox = Stream(environ["gunicorn.socket"], encoding.join([comment]))
        with fanout.open(outbox), fanout.following(outbox, room, cursor, encoding):
            outbox.wait()
            outbox.put(b"", last=True)  # or who goes through the streams just now would write into what follows
        if outbox.busy:  # the server's last chunk must not land in the middle of what is queued
            raise BrokenPipeError(errno.EPIPE, "the stream is over")

    return body()


def chunk(parts: list[bytes]) -> bytes:
    """Several parts as one chunk of a body (RFC 9112 section 7.1)."""
    data = b"".join(parts)
    return b"%x\r\n%b\r\n" % (len(data), data)


def pack(parts: list[bytes]) -> bytes:
    """Several parts as a piece of a gzip stream, the same for every stream. It has no end, so no checksum there."""
    return compression.deflated(b"".join(parts))


def packed_chunk(parts: list[bytes]) -> bytes:
    return chunk([pack(parts)])


JOINS = {(False, False): b"".join, (False, True): chunk, (True, False): pack, (True, True): packed_chunk}
"""By whether a stream is compressed, and whether it comes in chunks."""
