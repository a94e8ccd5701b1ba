"""Server-sent events: the client asks once, and the answer never ends (WHATWG HTML, section 9.2).

It hears of a message at once, and pays a few bytes for each; to send, it still needs a request.
"""

from collections.abc import Iterator
from itertools import chain

from flask import Blueprint, Response, request

from servers import wire
from servers.message import encode
from servers.stores import CursorInvalid, Store

blueprint = Blueprint("sse", __name__)
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # the second tells nginx to pass events on at once


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
    stream = events(wire.store(), room, after, epoch, wire.settings().heartbeat)
    return Response(chain([opening], stream), headers=HEADERS, mimetype="text/event-stream")


def events(store: Store, room: str, after: int, epoch: str | None, heartbeat: float) -> Iterator[bytes]:
    """Messages as they come, a comment when none came for a heartbeat; ends when the server drains."""
    while not store.closed:
        try:
            page = store.wait(room, after, epoch, heartbeat)
        except CursorInvalid as gap:  # said inside the stream: an error status would stop EventSource for ever
            after, epoch = gap.cursor, gap.epoch
            yield event(f"{epoch}-{after}", {"epoch": epoch, "cursor": after}, name="reset")
            continue
        after, epoch = page.cursor, page.epoch
        yield b"".join(event(f"{epoch}-{message.seq}", message) for message in page.messages) or b":\n\n"


def event(id: str, data: object, name: str = "") -> bytes:
    lines = [f"event: {name}"] if name else []
    return "\n".join([*lines, f"id: {id}", f"data: {encode(data).decode()}", "", ""]).encode()
