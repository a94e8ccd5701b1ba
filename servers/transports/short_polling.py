"""Short polling: the client asks again and again, and is answered at once, news or none.

It waits half an interval for a message on average, and pays for every question.
"""

from flask import Blueprint, Response, request

from servers import wire

blueprint = Blueprint("short-polling", __name__)


@blueprint.post("/rooms/<room:room>/messages")
def send(room: str) -> Response:
    return wire.receipt(wire.store().append(room, wire.read_draft()))


@blueprint.get("/rooms/<room:room>/messages")
def receive(room: str) -> Response:
    after, epoch = wire.read_cursor()
    page = wire.store().since(room, after, epoch)
    response = wire.answer_page(room, after, page, cache="private, no-cache")
    response.set_etag(f"{page.epoch}-{page.cursor}", weak=bool(response.content_encoding))
    response.make_conditional(request)
    return response
