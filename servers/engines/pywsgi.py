"""A greenlet for each connection, by gevent's own server: where gunicorn does not run, as on Windows."""

from gevent import monkey

monkey.patch_all()

import logging  # noqa: E402  # after the patch, as everything that blocks must be
import re  # noqa: E402
import signal  # noqa: E402
import socket  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable  # noqa: E402
from email.message import Message  # noqa: E402
from http.client import HTTPException  # noqa: E402
from typing import Any  # noqa: E402

import gevent  # noqa: E402
from gevent import pywsgi  # noqa: E402

from servers.app import App  # noqa: E402
from servers.engines import settle  # noqa: E402
from servers.engines.refusals import Refused, refusal, turn_away  # noqa: E402
from servers.settings import FIELDS, GRACE, HEAD, KEEP_ALIVE, TARGET, YIELD  # noqa: E402

MOST = 20_000  # connections
CONTROLS = re.compile(r"[^\t\x20-\x7e\x80-\xff]")


def check(headers: Message) -> None:
    """Refuse header fields that are too many, or that leave open where the request ends (RFC 9112 section 6.3)."""
    fields = headers.items()
    if len(fields) > FIELDS or sum(len(name) + len(value) + 4 for name, value in fields) > HEAD:
        raise Refused(431, f"A request has at most {FIELDS} header fields, of {HEAD // 1024} KiB in all.")
    if headers.defects or any(CONTROLS.search(value) for _, value in fields):
        raise Refused(400, "A header field is broken.")
    lengths, codings = headers.get_all("Content-Length", []), headers.get_all("Transfer-Encoding", [])
    if len(lengths) + len(codings) > 1 or any(not (value.isascii() and value.isdigit()) for value in lengths):
        raise Refused(400, "Content-Length and Transfer-Encoding do not agree on one length.")
    if any(value.lower() != "chunked" for value in codings):
        raise Refused(400, "Only the transfer coding chunked is known.")


class Handler(pywsgi.WSGIHandler):
    """One connection, which hands its socket to a WebSocket where gunicorn does, within gunicorn's bounds and times."""

    def handle(self) -> None:
        settings, self.meter = self.server.application.settings, self.server.application.meter
        self.read_time = self.patience = settings.read_time
        sock = self.socket
        self.server.open += 1
        try:
            if self.server.open > (settings.connections or MOST):
                turn_away(self.socket)
                self.socket.close()
            else:
                if self.meter:
                    self.meter.open(sock)
                super().handle()
        finally:
            if self.meter:
                self.meter.close(sock)
            self.server.open -= 1

    def read_requestline(self) -> str:
        self.socket.settimeout(None)
        patience, self.patience = self.patience, KEEP_ALIVE
        with gevent.Timeout(patience, False):
            begun = time.monotonic()
            self.rfile.peek(1)
            if time.monotonic() - begun < GRACE:  # or who asks as soon as it is answered would be served alone
                gevent.sleep(YIELD)
            with gevent.Timeout(self.read_time, False):
                return str(super().read_requestline())
        return ""

    def read_request(self, raw_requestline: str) -> bool:
        if any(len(word) > TARGET for word in raw_requestline.split()):
            raise Refused(414, f"The target has more than {TARGET // 1024} KiB.")
        if not raw_requestline.isascii():
            raise Refused(400, "The request's first line must be ASCII.")
        with gevent.Timeout(self.read_time, Refused(408, "The request did not come in time.")):
            whole: bool = super().read_request(raw_requestline)
        self.socket.settimeout(self.read_time)  # for the body
        return whole

    def handle_one_request(self) -> Any:
        result = super().handle_one_request()
        if isinstance(result, tuple) and result[0] == "414":  # gevent's own, which says nothing
            result = "414", refusal(414, f"The target has more than {TARGET // 1024} KiB.")
        if self.meter and result is not True:  # the last look: gevent closes it now
            self.meter.close(self.socket)
        return result

    def start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        if self.server.ending:  # no other request is to follow
            headers = [*headers, ("Connection", "close")]
        return super().start_response(status, headers, exc_info)

    def handle_one_response(self) -> None:
        super().handle_one_response()
        if "Transfer-Encoding" in self.headers and self.code >= 400:  # where the next request starts is not known
            self.close_connection = True

    def MessageClass(self, *args: Any) -> Any:
        """The header fields, checked before anything is made of them."""
        try:
            headers = super().MessageClass(*args)
        except HTTPException as error:
            raise Refused(431, f"A request has at most {FIELDS} header fields.") from error
        if not headers.status:
            check(headers)
        return headers

    def _handle_client_error(self, error: Exception) -> tuple[str, bytes]:
        """What a client did wrong is told to it, and is no news for the log."""
        status, detail = (error.status, error.detail) if isinstance(error, Refused) else (400, f"{error}.")
        return str(status), refusal(status, detail)

    def get_environ(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environ()
        return environ | {"gunicorn.socket": self.socket}


def serve(listener: socket.socket, make_app: Callable[[], App], workers: int = 1) -> None:
    """Serve until SIGTERM or SIGINT, in this process: `workers` is 1 here."""
    app = make_app()
    settle()
    listener.setblocking(False)
    log = logging.getLogger(__name__)
    server = pywsgi.WSGIServer(listener, app, log=None, error_log=log, handler_class=Handler)
    server.open, server.ending = 0, False  # connections, and whether it drains

    def end(*_: Any) -> None:
        server.ending = True
        gevent.spawn(app.drain)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    server.serve_forever()
