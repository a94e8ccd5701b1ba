"""What went through a relay, as transfers: how many bytes of each were headers."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import msgspec

from lab.demonstrations.processes import ROOT
from lab.demonstrations.relay import Relay
from lab.demonstrations.wire import Exchange, chunks, exchanges, fields, frames

RECORDED: dict[str, dict[str, list[list[str]]]] = tomllib.loads(
    (ROOT / "loadtests" / "headers.toml").read_text(encoding="utf-8")
)
KINDS = {  # in the recorded headers: what such a request begins with
    "fetch-get": r"GET /rooms/[^/]+/messages",
    "fetch-post": r"POST /rooms/",
    "eventsource": r"GET /rooms/[^/]+/events",
    "websocket": r"GET /rooms/[^/]+/socket",
}
DATA = re.compile(rb"^data: (.*)$", re.MULTILINE)


class Transfers:
    """Header bytes up and down of each transfer, by kind.

    `news` brings messages: a poll, an event, a frame. `empty` is a poll without any, `post` a request that sends one,
    `opening` what a stream or a WebSocket takes before the first message.
    """

    def __init__(self, way: Relay) -> None:
        self.up: dict[str, list[float]] = {"news": [], "empty": [], "post": [], "opening": []}
        self.down: dict[str, list[float]] = {kind: [] for kind in self.up}
        for exchange in answered(way):
            kind = kind_of(exchange)
            if kind == "websocket":
                self.add_socket(exchange)
            elif kind == "eventsource":
                self.add_stream(exchange)
            elif kind == "fetch-post":
                self.add("post", exchange)
            else:
                self.add("news" if brings_news(exchange) else "empty", exchange)

    def add(self, kind: str, exchange: Exchange, further: int = 0) -> None:
        self.up[kind].append(size(exchange.request))
        self.down[kind].append(len(exchange.response) + further)

    def add_stream(self, exchange: Exchange) -> None:
        """The first chunk opens the stream; what is no JSON in the others is the events' own."""
        parts = list(chunks(exchange.answered))
        if parts:
            self.add("opening", exchange, parts[0][0])
        for taken, carried in parts[1:]:
            documents = DATA.findall(carried)
            self.up["news"] += [0.0 for _ in documents]
            self.down["news"] += [(taken - sum(map(len, documents))) / len(documents) for _ in documents]

    def add_socket(self, exchange: Exchange) -> None:
        """The server's first frame is part of the opening. Up goes what is sent, down what others said."""
        said = list(frames(exchange.answered))
        if said:
            self.add("opening", exchange, said[0].header + len(said[0].payload))
        self.up["news"] += [float(frame.header) for frame in frames(exchange.asked) if type_of(frame.payload) == "send"]
        self.down["news"] += [float(frame.header) for frame in said if type_of(frame.payload) == "message"]


def answered(way: Relay) -> Iterator[Exchange]:
    """Every exchange of the chat that has an answer."""
    for passage in way.passages:
        for exchange in exchanges(passage):
            if exchange.response and "/rooms/" in exchange.line:
                yield exchange


def kind_of(exchange: Exchange) -> str:
    return next(kind for kind, begins in KINDS.items() if re.match(begins, exchange.line))


def brings_news(exchange: Exchange) -> bool:
    return exchange.status == 200 and bool(page(exchange)["messages"])


def page(exchange: Exchange) -> dict[str, Any]:
    """What a poll was answered."""
    found: dict[str, Any] = msgspec.json.decode(exchange.answered)
    return found


def type_of(payload: bytes) -> str:
    """The type of a WebSocket's message; a closing frame has none."""
    try:
        return str(msgspec.json.decode(payload)["type"])
    except (msgspec.DecodeError, TypeError, UnicodeDecodeError):
        return ""


def size(request: bytes) -> int:
    """The bytes of a request's head. A browser without a window calls itself headless, and counts as one with it."""
    return len(request.replace(b"HeadlessChrome", b"Chrome"))


def differences(way: Relay) -> list[float]:
    """How many bytes more the header fields of each request have than those that the load users send."""
    found = []
    for exchange in answered(way):
        line_and_end = len(exchange.line) + 4
        sent = fields(exchange.request)
        ours = RECORDED["browser"][kind_of(exchange)]
        recorded = sum(len(f"{name}: {filled(name, value, sent)}\r\n") for name, value in ours
                       if name.lower() in sent or not value.startswith("{"))  # fmt: skip
        found.append(float(size(exchange.request) - line_and_end - recorded))
    return found


def filled(name: str, value: str, sent: dict[str, str]) -> str:
    """A recorded header's value, with what changes from request to request as it was this time."""
    origin = f"http://{sent['host']}"
    value = value.replace("{host}", sent["host"]).replace("{origin}", origin)
    return sent[name.lower()] if value.startswith("{") else value
