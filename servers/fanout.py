"""How bytes leave for a client whose connection stays open: one writer at a time, whole frames only."""

import threading
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import current_app, request
from simple_websocket import ConnectionClosed, Server

from servers.drain import TAKEN

CLOSE_FRAME = 0x88  # FIN and opcode 8, the first byte of a closing frame (RFC 6455 section 5.5.1)


class Outbox:
    """A socket whose sends are whole and in turn.

    The library underneath calls `sock.send` once and takes no lock, so a slow reader would get half a frame, and a
    pong could land inside a message. After a closing frame nothing more goes out (RFC 6455 section 5.5.1).
    """

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._lock = threading.Lock()
        self._closing = False

    def send(self, data: bytes) -> int:
        with self._lock:
            if not self._closing:
                self._closing = data[:1] == bytes([CLOSE_FRAME])
                self._sock.sendall(data)
        return len(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


def take_socket() -> None:
    """Before a WebSocket handshake: everything that the library sends on this connection goes through an outbox.

    Under every engine the socket is handed on in the same place, so that the response afterwards is dropped the
    same way (`servers.drain`). Compression is not negotiated: it costs 93 KiB a connection and twice the CPU here.
    """
    environ = request.environ
    environ["gunicorn.socket"] = Outbox(environ.pop("werkzeug.socket", None) or environ["gunicorn.socket"])
    environ[TAKEN] = True
    environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)


def closing(converse: Callable[[Server, str], None]) -> Callable[[Server, str], None]:
    """A WebSocket handler that ends with the right closing frame: 1012 when it returns, 1011 when it fails."""

    @wraps(converse)
    def handler(ws: Server, room: str) -> None:
        try:
            converse(ws, room)
            ws.close(1012, "The server restarts.")
        except ConnectionClosed:
            pass
        except Exception:
            current_app.logger.exception("A WebSocket failed.")
            ws.close(1011)
        ws.thread.join(1)  # seconds for the last closing frame: the client's, or ours that answers it

    return handler
