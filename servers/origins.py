"""Which pages may talk to this server: by the Origin and the Host, which a browser adds and no page can forge.

CORS does not hold a WebSocket back, nor a form that a foreign page posts; so every transport asks here for the Origin
(RFC 6454 section 7). Who sends none is a program, or a page that only fetches an image, which it cannot read. Or it is
a page that asks where it came from, and that may be a foreign page too: whoever owns a name can make it lead here (DNS
rebinding). So the server answers to addresses, which nobody can make lead elsewhere, and to the names that it was told.
"""

import ipaddress
from collections.abc import Collection
from functools import lru_cache
from urllib.parse import urlsplit

from flask import Response, request

from servers import wire


def allows(origin: str, host: str, listed: Collection[str]) -> bool:
    """Whether a page of this origin may talk to the server that its browser knows as `host`.

    A page of ours may, where the server is known by an address or as localhost. An origin with a name must be listed.
    """
    if origin in listed:
        return True
    return origin.lower() in (f"http://{host}".lower(), f"https://{host}".lower()) and is_address(host)


def goes_by(host: str, listed: Collection[str]) -> bool:
    """Whether a Host field names this server: by an address, as localhost, or by the name in an origin that is listed.

    Every browser sends one. Who does not may be a program of HTTP/1.0.
    """
    return not host or is_address(host) or name_in(host) in {urlsplit(origin).hostname for origin in listed}


@lru_cache(256)
def is_address(host: str) -> bool:
    """Whether a Host field says localhost or an IP address, with or without a port."""
    try:
        name = name_in(host)
        return name == "localhost" or bool(ipaddress.ip_address(name))
    except ValueError:
        return False


def name_in(host: str) -> str:
    """The name or the address in a Host field, in small letters; nothing where it is not in order."""
    try:
        parts = urlsplit(f"//{host}")
        return parts.hostname or "" if parts.netloc == host and parts.username is None else ""
    except ValueError:
        return ""


def check() -> Response | None:
    """Refuse whatever a foreign page asks for."""
    origin, host = request.environ.get("HTTP_ORIGIN"), request.environ.get("HTTP_HOST", "")
    listed = wire.settings().origins
    if not (origin is None or allows(origin, host, listed)):
        return wire.problem(403, "This origin is not allowed here. The server's --origin option names those that are.")
    if not goes_by(host, listed):
        return wire.problem(421, "This name is not the server's. Its --origin option lists those that are.")
    return None
