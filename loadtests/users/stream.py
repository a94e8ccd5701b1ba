"""A request by HTTP/2 that is under way, as those see it who wait for its answer."""

from gevent import Timeout
from gevent.event import AsyncResult, Event

from loadtests.http2 import Head, News
from loadtests.reactor import Take
from loadtests.sockets import TIMEOUT


class Stream:
    """One request's answer, as it comes. `take` is given the pieces of its body; until there is one they are kept."""

    def __init__(self) -> None:
        self.began: AsyncResult[Head] = AsyncResult()
        self.ended: AsyncResult[None] = AsyncResult()
        self.kept, self.anything = bytearray(), Event()
        self.take: Take = self.keep
        self.received_ns = self.pieces = 0

    def keep(self, data: bytes, received_ns: int) -> None:
        self.kept += data
        self.anything.set()

    def hear(self, news: News, received_ns: int) -> None:
        """What is new of it. This must not wait."""
        self.received_ns = received_ns
        self.pieces += 1
        if isinstance(news, Head):
            self.began.set(news)
        elif isinstance(news, bytes):
            self.take(news, received_ns)
        else:
            self.end(news)

    def end(self, error: Exception | None) -> None:
        """The end of it, in order or not."""
        for waiting in (self.began, self.ended):
            if error and not waiting.ready():
                waiting.set_exception(error)
        if not self.ended.ready():
            self.ended.set(None)
        self.anything.set()

    def wait(self) -> None:
        """Until it ends, which raises the reason: OSError, or what went wrong over a piece."""
        heard = -1
        while not self.ended.ready():
            if heard == self.pieces:
                raise TimeoutError("the server was silent for too long")
            heard = self.pieces
            self.ended.wait(TIMEOUT)
        self.ended.get()
        raise ConnectionError("the server ended the stream")


def patience() -> Timeout:
    return Timeout(TIMEOUT, TimeoutError("the server was silent for too long"))
