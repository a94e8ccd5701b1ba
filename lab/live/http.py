"""One HTTP connection, kept open: a question at a time."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

import h11
import msgspec

PATIENCE = 40.0  # seconds for an answer: longer than a poll is held
CONNECTING = 10.0  # seconds
PIECE = 65_536  # bytes read at once, at most
NOTHING: Mapping[str, str] = {}


class Lost(Exception):
    """The connection came to nothing; to try again is right."""


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Lost where it is none, as after a proxy that gave up."""
        try:
            return msgspec.json.decode(self.body)
        except msgspec.DecodeError as error:
            raise Lost(f"{self.status} without JSON: {error}") from None


class Http:
    """Opens itself when asked, and anew once it was closed. `headers` go with every question."""

    def __init__(self, host: str, port: int, headers: Mapping[str, str] = NOTHING) -> None:
        self.host, self.port = host, port
        self.headers = {"Host": f"{host}:{port}"} | dict(headers)
        self.http: h11.Connection | None = None
        self.reader: StreamReader
        self.writer: StreamWriter

    async def ask(self, method: str, path: str, body: object = None, headers: Mapping[str, str] = NOTHING) -> Answer:
        """One question and its whole answer; a body goes as JSON."""
        try:
            async with asyncio.timeout(PATIENCE):
                head = await self.question(method, path, body, headers)
                content = b"".join([piece async for piece in self.content()])
        except BaseException as error:
            raise self.lost(error) from None
        return Answer(head.status_code, names(head), content)

    async def listen(self, path: str, headers: Mapping[str, str] = NOTHING) -> AsyncIterator[bytes]:
        """The pieces of an answer without an end, as they come."""
        try:
            async with asyncio.timeout(PATIENCE):
                head = await self.question("GET", path, None, headers)
            if head.status_code != 200:
                raise Lost(str(head.status_code))
            async for piece in self.content():
                yield piece
        except BaseException as error:
            raise self.lost(error) from None
        raise Lost("the stream ended")

    async def question(self, method: str, path: str, body: object, headers: Mapping[str, str]) -> h11.Response:
        """Ask; returns the head of the answer."""
        http = await self.opened()
        fields = self.headers | dict(headers)
        data = b"" if body is None else msgspec.json.encode(body)
        if body is not None:
            fields |= {"Content-Type": "application/json", "Content-Length": str(len(data))}
        sent = http.send(h11.Request(method=method, target=path, headers=list(fields.items()))) or b""
        if data:
            sent += http.send(h11.Data(data=data)) or b""
        http.send(h11.EndOfMessage())
        self.writer.write(sent)
        await self.writer.drain()
        while not isinstance(event := await self.event(http), h11.Response):
            pass
        return event

    async def content(self) -> AsyncIterator[bytes]:
        assert self.http is not None
        while not isinstance(event := await self.event(self.http), h11.EndOfMessage):
            if isinstance(event, h11.Data):
                yield bytes(event.data)
        if self.http.our_state is h11.DONE and self.http.their_state is h11.DONE:
            self.http.start_next_cycle()
        else:
            self.close()

    async def event(self, http: h11.Connection) -> Any:
        """The next thing that the server says."""
        while (event := http.next_event()) is h11.NEED_DATA:
            http.receive_data(await self.reader.read(PIECE))
        if isinstance(event, h11.ConnectionClosed):
            raise Lost("the connection was closed")
        return event

    async def opened(self) -> h11.Connection:
        if self.http is None:
            async with asyncio.timeout(CONNECTING):
                self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
            self.http = h11.Connection(h11.CLIENT)
        return self.http

    def lost(self, error: BaseException) -> BaseException:
        """What to raise when this went wrong; the connection is of no more use."""
        self.close()
        if isinstance(error, (OSError, TimeoutError, h11.ProtocolError)):
            return Lost(str(error) or type(error).__name__)
        return error

    def close(self) -> None:
        if self.http is not None:
            self.http = None
            with suppress(RuntimeError):  # its loop is over
                self.writer.close()


def names(head: h11.Response) -> Mapping[str, str]:
    """The header fields, by their names in small letters."""
    return {name.decode(): value.decode(errors="replace") for name, value in head.headers}
