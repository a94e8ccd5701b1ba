"""WebSocket: one connection, both ways, for as long as both like (RFC 6455).

It hears of a message at once, sends without a request, and pays a few bytes for each.
"""

from flask import Blueprint
from flask_sock import Sock
from simple_websocket import Server

from servers import frames, wire
from servers.fanout import closing, take_socket
from servers.guard import check_handshake
from servers.stores import CursorInvalid, IdTaken, Store

blueprint = Blueprint("websocket", __name__)
blueprint.before_request(check_handshake)
blueprint.before_request(take_socket)


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
    store, heartbeat = wire.store(), wire.settings().heartbeat
    after, epoch = greet(ws, store, room, *wire.read_cursor())
    while not store.closed:  # one loop, woken by news in the log and by frames from the client alike
        try:
            page = store.wait(room, after, epoch, heartbeat, bell=ws.event)
        except CursorInvalid:
            after, epoch = greet(ws, store, room, after, epoch)
            continue
        for message in page.messages:
            ws.send(frames.message(message))
        after = page.cursor
        while (frame := ws.receive(timeout=0)) is not None:
            ws.send(send(store, room, frame))


def greet(ws: Server, store: Store, room: str, after: int, epoch: str | None) -> tuple[int, str]:
    """Tell the client where it stands, and return the cursor to go on from."""
    try:
        page = store.since(room, after, epoch)
        ws.send(frames.ready(page.epoch, after))
        return after, page.epoch
    except CursorInvalid as gap:
        ws.send(frames.reset(gap.epoch, gap.cursor))
        return gap.cursor, gap.epoch
