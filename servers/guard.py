"""What every transport must ask before it serves, and no transport repeats: the Origin, the handshake, the session.

Without tokens (`auth` off) there are no sessions, hence no limits to a session either; the rest holds always.
"""

import secrets
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import cast

from flask import Flask, Response, current_app, g, request
from simple_websocket import ConnectionClosed, Server
from werkzeug.exceptions import MethodNotAllowed

from servers import frames, origins, wire
from servers.held import ENDS, is_gone
from servers.limits import Buckets, Exceeded
from servers.message import Draft
from servers.outbox import TRY_AGAIN_LATER
from servers.sessions import Session, Sessions
from servers.settings import Settings
from servers.stores import WAKE, Store, Unavailable

COOKIE = "polls_apart_session"
UNAUTHORIZED = 4401  # the close code; 4000 to 4999 are for applications (RFC 6455 section 7.4.2)
GUESSES = 0.2, 10.0  # wrong join codes from an address: ten, and then one in five seconds, 6 million a year
ARRIVALS = 10.0, 200.0  # sessions for an address, a second and at once: a class often has one address
AGAIN = 1.0  # seconds to wait until something that is held may have ended
TOO_MANY = "This session holds as much open as it may."


class Guard:
    """What the guard of an app knows."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings, self.store = settings, store
        self.sessions = Sessions(
            settings.secret or secrets.token_urlsafe(32), settings.session_life, settings.held, store
        )
        self.sends = Buckets(settings.send_rate, 2 * settings.send_rate)
        self.guesses = Buckets(*GUESSES)
        self.arrivals = Buckets(*ARRIVALS)

    def admit(self, session: Session, draft: Draft) -> None:
        """Raises BadRequest, 403, for a message under another's name, and Exceeded for one too many."""
        if draft.sender != session.name:
            raise wire.BadRequest(403, f"This session sends as {session.name!r} only.")
        if self.store.down:  # before it takes a place among those that are allowed
            raise Unavailable
        if wait := self.sends.take(session.id):
            raise Exceeded("This session sends too fast.", wait)


def guard() -> Guard:
    """The guard of the app that serves this request."""
    return cast(Guard, current_app.extensions["guard"])


def init_app(app: Flask, settings: Settings, store: Store) -> None:
    """Ask before every request. Where tokens are not asked for, only the Origin is looked at."""
    app.extensions["guard"] = Guard(settings, store)
    app.before_request(origins.check)
    if settings.auth:
        app.extensions["guard"].sessions.watch()
        app.before_request(check_session)
        app.after_request(leave)


def token() -> str:
    """The token in a request: a bearer's, or a cookie's, for EventSource. Never one in a URL, which others log."""
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    return credentials.strip() if scheme.lower() == "bearer" else request.cookies.get(COOKIE, "")


def unauthorized() -> Response:
    refusal = wire.problem(401, "A valid session is needed: POST /session gives one.")
    refusal.headers["WWW-Authenticate"] = "Bearer"
    return refusal


def check_session() -> Response | None:
    """Let in who has a session. A WebSocket shows its token in the first frame; a page and its like need none."""
    if request.blueprint not in BY_REQUEST:
        return None
    session = guard().sessions.read(token())
    if session is None:
        return unauthorized()
    g.session, g.admit = session, partial(guard().admit, session)
    if request.endpoint in ENDS:
        sock = request.environ["gunicorn.socket"]
        end = ENDS[request.endpoint](sock)
        if not guard().sessions.hold(session, end, partial(is_gone, sock)):
            raise Exceeded(TOO_MANY, AGAIN)
        g.end = end
    return None


BY_REQUEST = {"short-polling", "long-polling", "sse"}


def leave(response: Response) -> Response:
    """What is held no longer is when its answer is over. A poll whose session ended meanwhile brings nothing."""
    WAKE.set(None)  # also where the poll was refused: a thread goes on to the next request
    if end := g.pop("end", None):
        release = partial(guard().sessions.release, g.session, end)
        if request.endpoint == "long-polling.receive":
            release()
            if guard().sessions.is_over(g.session):
                return unauthorized()
        else:
            response.call_on_close(release)
    return response


@contextmanager
def conversation(ws: Server) -> Iterator[None]:
    """A WebSocket's conversation, once its first frame has shown who it is. Raises ConnectionClosed if not."""
    if not wire.settings().auth:
        yield
        return
    sessions = guard().sessions
    session = introduction(ws, sessions)
    if session is None:
        ws.sock.end(UNAUTHORIZED)
        raise ConnectionClosed(UNAUTHORIZED)

    def end() -> None:
        ws.sock.end(UNAUTHORIZED)

    if not sessions.hold(session, end):
        ws.send(frames.error("", 429, TOO_MANY))
        ws.sock.put(frames.close(TRY_AGAIN_LATER, {TRY_AGAIN_LATER: TOO_MANY}), last=True)
        raise ConnectionClosed(TRY_AGAIN_LATER)
    g.admit = partial(guard().admit, session)
    try:
        yield
    finally:
        sessions.release(session, end)


def introduction(ws: Server, sessions: Sessions) -> Session | None:
    """The session in a WebSocket's first frame; None if it is none, or does not come in time."""
    frame = ws.receive(timeout=wire.settings().auth_time)
    if not isinstance(frame, str):
        return None
    try:
        return sessions.read(wire.decode(frame, frames.Auth).token)
    except wire.BadRequest:
        return None


READ_BY_LIBRARY = ("Host", "Connection", "Upgrade", "Sec-Websocket-")  # which fails on what is not ASCII


def check_handshake() -> Response | None:
    """Refuse a broken WebSocket handshake, or a broken cursor, while HTTP can still say so (RFC 6455, 4.2.1)."""
    if request.method != "GET":  # Flask would answer HEAD and OPTIONS by itself
        raise MethodNotAllowed(["GET"])
    if request.headers.get("Sec-WebSocket-Version") != "13":
        refusal = wire.problem(426, "This server speaks WebSocket version 13.")
        refusal.headers["Sec-WebSocket-Version"] = "13"
        refusal.headers["Upgrade"] = "websocket"  # which every 426 must name (RFC 9110, 15.5.22)
        return refusal
    if request.environ["SERVER_PROTOCOL"] == "HTTP/1.0" or not request.headers.get("Host"):
        return wire.problem(400, "A WebSocket begins with HTTP/1.1, and a Host.")
    for name, value in request.headers:
        if name.startswith(READ_BY_LIBRARY) and not value.isascii():
            return wire.problem(400, f"{name} must be ASCII.")
    try:
        key = b64decode(request.headers.get("Sec-WebSocket-Key", ""), validate=True)
    except ValueError:
        key = b""
    if len(key) != 16:
        return wire.problem(400, "Sec-WebSocket-Key must be 16 bytes in base64.")
    wire.read_cursor()
    return None
