"""What the browser's own tools show of one page: its requests, and the answers, events, frames in them."""

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from lab.demonstrations.detectors import Item

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, Page

BEGINS = ("requestWillBeSent", "webSocketWillSendHandshakeRequest")  # of the DevTools protocol, domain Network
SHOWN = (*BEGINS, "loadingFinished", "eventSourceMessageReceived", "webSocketFrameReceived")


class Request(NamedTuple):
    """A row of the list of requests: when it was over, in Unix time, and what it took, in seconds.

    One that is pending is never over, and shows no time.
    """

    over: float
    took: float


class Tools:
    """The Network panel, opened before the page is. Its times are those at which the browser had something."""

    def __init__(self, session: "CDPSession") -> None:
        self.session = session
        self.shown: list[tuple[str, dict[str, Any]]] = []

    @property
    def begun(self) -> dict[str, dict[str, Any]]:
        return {told["requestId"]: told for name, told in self.shown if name in BEGINS}

    @property
    def to_unix(self) -> float:
        """What to add to its times, in seconds; it says so of every request."""
        first = next(iter(self.begun.values()))
        return float(first["wallTime"] - first["timestamp"])

    def requests(self) -> list[Request]:
        """The list of requests: those that receive, in the order in which they were over."""
        pending = {id: told for id, told in self.begun.items() if receives(told)}
        found = []
        for name, told in self.shown:
            if name == "loadingFinished" and (begun := pending.pop(told["requestId"], None)):
                found.append(Request(told["timestamp"] + self.to_unix, told["timestamp"] - begun["timestamp"]))
        return [*found, *(Request(math.inf, 0.0) for _ in pending)]

    async def items(self) -> list[Item]:
        """What is inside: each message or answer that came, in order."""
        begun, to_unix = self.begun, self.to_unix
        found = []
        for name, told in self.shown:
            if name == "eventSourceMessageReceived":
                carries = told["data"].encode()
            elif name == "webSocketFrameReceived":
                carries = told["response"]["payloadData"].encode()
            elif name == "loadingFinished" and told["requestId"] in begun and receives(begun[told["requestId"]]):
                carries = await self.body(told["requestId"])
            else:
                continue
            found.append(Item(told["timestamp"] + to_unix, carries))
        return found

    async def body(self, request: str) -> bytes:
        answer = await self.session.send("Network.getResponseBody", {"requestId": request})
        return str(answer["body"]).encode()


def receives(told: dict[str, Any]) -> bool:
    """Whether a request that has begun is a poll, a stream, or a WebSocket's handshake, which names no URL here."""
    request = told["request"]
    return "url" not in request or (request["method"] == "GET" and "/rooms/" in request["url"])


async def opened(page: "Page") -> Tools:
    """The tools of a page that has not gone anywhere yet."""
    tools = Tools(await page.context.new_cdp_session(page))
    for name in SHOWN:
        tools.session.on(f"Network.{name}", lambda told, name=name: tools.shown.append((name, told)))
    await tools.session.send("Network.enable")
    return tools
