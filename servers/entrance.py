"""Where a session begins and ends: POST, GET and DELETE /session."""

import hmac
import ipaddress

from flask import Blueprint, Response, request
from msgspec import Struct

from servers import wire
from servers.guard import COOKIE, guard, token, unauthorized
from servers.limits import Exceeded
from servers.message import Name
from servers.sessions import Session

blueprint = Blueprint("session", __name__)


class Arrival(Struct, frozen=True, forbid_unknown_fields=True):
    """Who wants to take part, and the room's join code where one is asked for."""

    name: Name
    code: str = ""


@blueprint.post("/session")
def arrive() -> Response:
    arrival = wire.read_json(Arrival)
    address = counted(request.remote_addr or "")
    limit(guard().guesses.lack(address), "Too many wrong join codes came from this address.")
    code = wire.settings().join_code
    if code and not hmac.compare_digest(arrival.code.encode(), code.encode()):
        guard().guesses.take(address)
        raise wire.BadRequest(403, "This is not the join code.")
    limit(guard().arrivals.take(address), "Too many sessions were asked for from this address.")
    issued = guard().sessions.issue(arrival.name)
    session = guard().sessions.read(issued)
    assert session
    return welcome(issued, session, 201)


@blueprint.get("/session")
def look() -> Response:
    """The session of a cookie, with the token that a page needs for its WebSocket."""
    shown = token()
    session = guard().sessions.read(shown)
    return welcome(shown, session, 200) if session else unauthorized()


@blueprint.delete("/session")
def depart() -> Response:
    session = guard().sessions.read(token())
    if session is None:
        return unauthorized()
    if wire.settings().auth:  # else nobody asks for it
        guard().sessions.revoke(session)
    response = Response(status=204)
    response.delete_cookie(COOKIE)
    return response


def welcome(token: str, session: Session, status: int) -> Response:
    """The token, for a client that keeps it; and as a cookie, which no script can read, for a page."""
    response = wire.answer({"token": token, "name": session.name, "expires": int(session.expires)}, status)
    life = int(wire.settings().session_life)
    response.set_cookie(COOKIE, token, max_age=life, httponly=True, samesite="Strict", secure=request.is_secure)
    return response


def counted(address: str) -> str:
    """The address that limits go by: of IPv6 the first half, since whoever has one has all that begin so (RFC 6177)."""
    if ":" not in address:
        return address
    return str(ipaddress.IPv6Network((address.partition("%")[0], 64), strict=False))


def limit(wait: float, why: str) -> None:
    if wait:
        raise Exceeded(why, wait)
