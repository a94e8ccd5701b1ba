"""What every transport must refuse, and no transport repeats."""

import binascii
from base64 import b64decode

from flask import Response, request
from werkzeug.exceptions import MethodNotAllowed

from servers import wire


def check_handshake() -> Response | None:
    """Refuse a broken WebSocket handshake, or a broken cursor, while HTTP can still say so (RFC 6455, 4.2.1)."""
    if request.method != "GET":  # Flask would answer HEAD and OPTIONS by itself
        raise MethodNotAllowed(["GET"])
    if request.headers.get("Sec-WebSocket-Version") != "13":
        refusal = wire.problem(426, "This server speaks WebSocket version 13.")
        refusal.headers["Sec-WebSocket-Version"] = "13"
        refusal.headers["Upgrade"] = "websocket"  # which every 426 must name (RFC 9110, 15.5.22)
        return refusal
    try:
        key = b64decode(request.headers.get("Sec-WebSocket-Key", ""), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != 16:
        return wire.problem(400, "Sec-WebSocket-Key must be 16 bytes in base64.")
    wire.read_cursor()
    return None
