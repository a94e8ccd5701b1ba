"""Long polling: the client asks once, and the answer is held until there is news (RFC 6202 section 2).

It hears of a message at once, and pays for a question with every answer.
"""

from flask import Blueprint, Response

from servers import wire

blueprint = Blueprint("long-polling", __name__)


@blueprint.post("/rooms/<room:room>/messages")
def send(room: str) -> Response:
    return wire.receipt(wire.store().append(room, wire.read_draft()))


@blueprint.get("/rooms/<room:room>/messages")
def receive(room: str) -> Response:
    after, epoch = wire.read_cursor()
    page = wire.wait(room, after, epoch)
    return wire.answer_page(room, after, page)
