"""Which pages may talk to this server: the Origin that a browser adds and no page can forge (RFC 6454 section 7).

CORS does not hold a WebSocket back, nor a form that a foreign page posts; so every transport asks here. Who sends no
Origin is no page: curl, a load generator, a program of your own.
"""

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

from flask import Response, request

from servers import wire


def allows(origin: str, host: str, listed: Collection[str]) -> bool:
    """Whether a page of this origin may talk to the server that its browser knows as `host`.

    A page of ours may, where the server is known by an address or as localhost. Any other name can be made to lead here
    by whoever owns it (DNS rebinding), so an origin with a name must be listed.
    """
    if origin in listed:
        return True
    return origin.lower() in (f"http://{host}".lower(), f"https://{host}".lower()) and is_address(host)


def is_address(host: str) -> bool:
    """Whether a Host field says localhost or an IP address, with or without a port."""
    try:
        parts = urlsplit(f"//{host}")
        name = parts.hostname or ""
        return parts.username is None and (name == "localhost" or bool(ipaddress.ip_address(name)))
    except ValueError:
        return False


def check() -> Response | None:
    """Refuse whatever a foreign page asks for."""
    origin = request.environ.get("HTTP_ORIGIN")
    if origin is None or allows(origin, request.environ.get("HTTP_HOST", ""), wire.settings().origins):
        return None
    return wire.problem(403, "This origin is not allowed here. The server's --origin option names those that are.")
