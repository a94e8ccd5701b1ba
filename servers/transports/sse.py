"""Server-sent events: the client asks once, and the answer never ends (WHATWG HTML, section 9.2).

It hears of a message at once, and pays a few bytes for each; to send, it still needs a request.
"""

from flask import Blueprint, Response, request

from servers import wire
from servers.connections import stream
from servers.message import encode
from servers.pump import Encoding

blueprint = Blueprint("sse", __name__)
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # the second tells nginx to pass events on at once
EVENTS = Encoding(
    message=lambda epoch, message: event(f"{epoch}-{message.seq}", message),
    reset=lambda epoch, cursor: event(f"{epoch}-{cursor}", {"epoch": epoch, "cursor": cursor}, name="reset"),
)  # a reset is said inside the stream: an error status would stop EventSource for ever
COMMENT = b":\n\n"


@blueprint.post("/rooms/<room:room>/messages")
def send(room: str) -> Response:
    return wire.receipt(wire.store().append(room, wire.read_draft()))


@blueprint.get("/rooms/<room:room>/events")
def receive(room: str) -> Response:
    after, epoch = wire.read_cursor()
    if last := request.headers.get("Last-Event-ID"):  # how EventSource resumes by itself
        epoch, _, seq = last.rpartition("-")
        after, epoch = wire.parse_cursor(seq, epoch)
    opening = f"id:\nretry: {wire.jittered(wire.settings().retry) * 1000:.0f}\n\n".encode()
    body = stream(wire.fanout(), room, (epoch, after), EVENTS, opening, COMMENT)
    return Response(body, headers=HEADERS | wire.coding(), mimetype="text/event-stream")


def event(id: str, data: object, name: str = "") -> bytes:
    lines = [f"event: {name}"] if name else []
    return "\n".join([*lines, f"id: {id}", f"data: {encode(data).decode()}", "", ""]).encode()
