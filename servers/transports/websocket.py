"""WebSocket: one connection, both ways, for as long as both like (RFC 6455).

It hears of a message at once, sends without a request, and pays a few bytes for each.
"""

from functools import partial

from flask import Blueprint
from flask_sock import Sock
from simple_websocket import Server

from servers import frames, wire
from servers.connections import closing, take_socket
from servers.guard import check_handshake
from servers.inbound import converse
from servers.pump import Encoding
from servers.stores import CursorInvalid, IdTaken, Store

blueprint = Blueprint("websocket", __name__)
blueprint.before_request(check_handshake)
blueprint.before_request(take_socket)
FRAMES = Encoding(
    message=lambda epoch, message: frames.whole(frames.message(message)),
    reset=lambda epoch, cursor: frames.whole(frames.reset(epoch, cursor)),
)
DEFLATED = FRAMES._replace(message=lambda epoch, message: frames.deflated(frames.message(message)))


def send(store: Store, room: str, frame: str | bytes) -> str:
    try:
        draft = frames.read(frame)
        return frames.ack(draft.id, store.append(room, draft))
    except wire.BadRequest as error:
        return frames.error(frame, error.status, error.detail)
    except IdTaken:
        return frames.error(frame, 409, "The room has another message under this id.")


@Sock().route("/rooms/<room:room>/socket", bp=blueprint)
@closing
def receive(ws: Server, room: str) -> None:
    store = wire.store()
    cursor = greet(ws, store, room, *wire.read_cursor())
    encoding = DEFLATED if ws.sock.deflates else FRAMES
    with wire.fanout().following(ws.sock, room, cursor, encoding):  # frames go out by the pump of the room
        converse(ws, partial(send, store, room))


def greet(ws: Server, store: Store, room: str, after: int, epoch: str | None) -> tuple[str, int]:
    """Tell the client where it stands, and return the cursor to go on from."""
    try:
        epoch = store.since(room, after, epoch, most=1).epoch
        ws.send(frames.ready(epoch, after))
        return epoch, after
    except CursorInvalid as gap:
        ws.send(frames.reset(gap.epoch, gap.cursor))
        wire.fanout().on_reset("websocket")
        return gap.epoch, gap.cursor
