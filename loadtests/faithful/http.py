"""What three of the four clients share: HTTP connections, whose every end is an end."""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import msgspec

from loadtests.faithful.news import Broken, Draft, Gap, Page, Receipt, Unexpected, failure

T = TypeVar("T")
PATIENCE = 10.0  # seconds for anything that should come at once; longer than a poll is held or a client stalled


class Http:
    """A client of one room, with a connection of its own to send by."""

    def __init__(self, host: str, port: int, prefix: str, room: str, interval_s: float) -> None:
        self.host, self.port, self.interval_s = host, port, interval_s
        self.path = f"{prefix}/rooms/{room}"
        self.sending: http.client.HTTPConnection | None = None

    @contextmanager
    def connected(self) -> Iterator[http.client.HTTPConnection]:
        """A connection that is never opened again behind our back. Raises Broken for whatever becomes of it."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE)
        try:
            connection.connect()
            connection.auto_open = 0
            yield connection
        except (OSError, http.client.HTTPException) as error:
            raise Broken(f"{type(error).__name__} {error}".strip()) from None
        finally:
            connection.close()

    def post(self, draft: Draft) -> Receipt:
        """Send by the connection there is, or a new one; after any doubt it is given up."""
        connection = self.sending or http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE)
        self.sending = None
        headers = {"Content-Type": "application/json"}
        try:
            connection.request("POST", f"{self.path}/messages", msgspec.json.encode(draft), headers)
            answer = answer_of(connection)
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise Broken(f"{type(error).__name__} {error}".strip()) from None
        self.sending = connection
        if answer.status not in (200, 201):
            raise failure(answer.status, answer.reason)
        return decoded(body, Receipt)

    def poll(self, connection: http.client.HTTPConnection, epoch: str, seq: int) -> Page | Gap:
        """Ask for what follows the cursor."""
        connection.request("GET", f"{self.path}/messages{query(epoch, seq)}")
        answer = answer_of(connection)
        body = answer.read()
        if answer.status in (409, 410):
            return decoded(body, Gap)
        if answer.status != 200:
            raise failure(answer.status, answer.reason)
        return decoded(body, Page)


def answer_of(connection: http.client.HTTPConnection) -> http.client.HTTPResponse:
    """The answer, its body still to be read. Python takes a head that was cut off for one that ended."""
    answer = connection.getresponse()
    if answer.length is None and not answer.chunked:
        raise http.client.HTTPException("the answer's head was cut off")
    return answer


def query(epoch: str, seq: int) -> str:
    """The cursor in a URL; none before anything was heard."""
    return f"?after={seq}&epoch={epoch}" if epoch else ""


def decoded(body: bytes, type: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=type)
    except msgspec.MsgspecError as error:
        raise Unexpected(f"not JSON as it should be: {error}") from None
