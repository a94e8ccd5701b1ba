"""The HTTP side of protocol.md that the transports share: reading a request, writing an answer, saying no."""

import math
import random
from http import HTTPStatus
from typing import Any, TypeVar, cast

import msgspec
from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge
from werkzeug.routing import BaseConverter, WebsocketMismatch

from servers.departures import Departures
from servers.fanout import Fanout
from servers.limits import Exceeded
from servers.message import ROOM, Draft, Page, Receipt, encode
from servers.pages import Pages
from servers.settings import Settings
from servers.stores import CursorInvalid, IdTaken, Store, Unavailable

T = TypeVar("T")
GZIPPED = {"Content-Encoding": "gzip"}
LAST_SEQ = 2**53 - 1  # the largest integer that JavaScript holds exactly


class BadRequest(Exception):
    """The request cannot be served as it is: an HTTP status and a sentence that says what to mend."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class RoomConverter(BaseConverter):
    """A room's name in a URL; anything else is an unknown route."""

    regex = ROOM


def store() -> Store:
    """The store of the app that serves this request."""
    return cast(Store, current_app.extensions["store"])


def fanout() -> Fanout:
    """The open connections of the app that serves this request."""
    return cast(Fanout, current_app.extensions["fanout"])


def settings() -> Settings:
    """The settings of the app that serves this request."""
    return cast(Settings, current_app.extensions["settings"])


def wait(room: str, after: int, epoch: str | None) -> Page:
    """What follows the cursor, as soon as there is something; nothing when the hold is over, or the client has gone."""
    departures = cast(Departures, current_app.extensions["departures"])
    with departures.watching(request.environ.get("gunicorn.socket")):
        return store().wait(room, after, epoch, jittered(settings().hold))


def jittered(seconds: float) -> float:
    """`seconds`, give or take the jitter, so that what starts together does not stay together."""
    return seconds * random.uniform(1 - settings().jitter, 1 + settings().jitter)


def read_draft() -> Draft:
    """The message in the request's body."""
    return admitted(read_json(Draft))


def admitted(draft: Draft) -> Draft:
    """The message, if this session may send it, where there are sessions. Raises BadRequest (403) or Exceeded."""
    if g and (admit := g.get("admit")):
        admit(draft)
    return draft


def read_json(type: type[T]) -> T:
    """A `type` from the request's body."""
    if request.mimetype != "application/json":
        raise BadRequest(415, "Send it as application/json.")
    body = request.get_data()
    if len(body) > settings().body_limit:
        raise BadRequest(413, too_large())
    return decode(body, type)


def too_large() -> str:
    return f"The body has more than {settings().body_limit / 1024:g} KiB."


def decode(body: bytes | str, type: type[T]) -> T:
    """A `type` from JSON. Raises BadRequest: 400 when it is not JSON, 422 when a field is wrong, which it names."""
    try:
        return msgspec.convert(msgspec.json.decode(body), type)  # in two steps, so that broken JSON is 400 throughout
    except msgspec.ValidationError as error:
        raise BadRequest(422, f"{error}.") from None
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise BadRequest(400, f"The body is not JSON: {error}.") from None


def read_cursor() -> tuple[int, str | None]:
    """The client's cursor: the last seq it has processed, and the epoch that it is from."""
    after, epoch = request.args.get("after", "0"), request.args.get("epoch")
    return parse_cursor(after, epoch)


def parse_cursor(after: str, epoch: str | None) -> tuple[int, str | None]:
    """A cursor from its two parts. Raises BadRequest(400)."""
    if not (after.isascii() and after.isdigit() and len(after) <= 16 and int(after) <= LAST_SEQ):
        raise BadRequest(400, f"after must be a whole number from 0 to {LAST_SEQ}.")
    if int(after) and not epoch:
        raise BadRequest(400, "after needs the epoch that it belongs to.")
    return int(after), epoch or None


def answer(body: object, status: int = 200, cache: str = "no-store") -> Response:
    """A JSON answer."""
    return Response(encode(body), status, {"Cache-Control": cache}, mimetype="application/json")


def answer_page(room: str, after: int, page: Page, cache: str = "no-store") -> Response:
    """The answer to a poll. A page that many ask for is encoded once, and compressed once."""
    pages = cast(Pages, current_app.extensions["pages"])
    if gzips() and (packed := pages.gzipped(room, after, page)):
        body, more = packed, GZIPPED
    else:
        body, more = pages.encoded(room, after, page), {}
    return Response(body, 200, {"Cache-Control": cache} | vary() | more, mimetype="application/json")


def gzips() -> bool:
    """Whether this client is sent gzip: the server compresses, and the request takes it (RFC 9110 section 12.5.3)."""
    return settings().compression and request.accept_encodings["gzip"] > 0


def vary() -> dict[str, str]:
    """What tells a cache that the answer may differ by who asks."""
    return {"Vary": "Accept-Encoding"} if settings().compression else {}


def coding() -> dict[str, str]:
    """The headers of a stream, compressed or not."""
    return vary() | (GZIPPED if gzips() else {})


def receipt(given: Receipt) -> Response:
    """The answer to a send: 201 the first time, 200 when it is a repeat."""
    return answer({"seq": given.seq, "epoch": given.epoch}, 201 if given.new else 200)


def problem(status: int, detail: str = "", **more: Any) -> Response:
    """An RFC 9457 problem document."""
    document = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    return Response(encode(document), status, {"Cache-Control": "no-store"}, mimetype="application/problem+json")


def detail(error: HTTPException) -> str:
    """What is wrong with a request that no route took, in a sentence."""
    match error:
        case NotFound():
            return "There is nothing here. A room's name has 1 to 64 characters, each one of a-z, 0-9 and -."
        case MethodNotAllowed():
            return f"Only {', '.join(sorted(error.valid_methods or []))} is possible here."
        case RequestEntityTooLarge():
            return too_large()
        case WebsocketMismatch():
            return "A WebSocket is opened at /rooms/<room>/socket, and that address takes nothing but its handshake."
    return error.description or ""


def init_app(app: Flask) -> None:
    """Teach the app room names, and to answer every error with a problem document."""
    app.url_map.converters["room"] = RoomConverter

    @app.errorhandler(CursorInvalid)
    def cursor_invalid(error: CursorInvalid) -> Response:
        return problem(error.status, error.title, epoch=error.epoch, cursor=error.cursor)

    @app.errorhandler(IdTaken)
    def id_taken(error: IdTaken) -> Response:
        return problem(409, "The room has another message under this id.")

    @app.errorhandler(Unavailable)
    @app.errorhandler(Exceeded)
    def later(error: Unavailable | Exceeded) -> Response:
        response = problem(error.status, error.title)
        response.headers["Retry-After"] = str(math.ceil(error.wait))
        return response

    @app.errorhandler(BadRequest)
    def bad_request(error: BadRequest) -> Response:
        return problem(error.status, error.detail)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        response = problem(error.code or 500, detail(error))
        for name, value in error.get_headers():
            if name not in ("Content-Type", "Content-Length"):
                response.headers[name] = value
        return response
