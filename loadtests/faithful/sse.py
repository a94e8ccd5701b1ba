"""Server-sent events: it asks once, and the answer never ends. It comes back with the last id, as EventSource does."""

from collections.abc import Iterator
from functools import lru_cache

from loadtests.event_stream import Event, EventStream
from loadtests.faithful.http import Http, answer_of, decoded
from loadtests.faithful.news import Broken, Draft, Gap, Message, Page, Receipt, failure
from loadtests.frames import KEPT

PIECE = 65_536  # bytes read at a time, at most


class Client(Http):
    def send(self, draft: Draft) -> Receipt:
        return self.post(draft)

    def receive(self, epoch: str, seq: int) -> Iterator[Page | Gap]:
        with self.connected() as connection:
            headers = {"Accept": "text/event-stream"}
            connection.request("GET", f"{self.path}/events", headers=headers | last_event(epoch, seq))
            answer = answer_of(connection)
            if answer.status != 200:
                raise failure(answer.status, answer.reason)
            yield Page()
            stream = EventStream()
            while data := answer.read1(PIECE):
                for event in stream.feed(data):
                    yield news_of(event)
        raise Broken("the stream ended")


def last_event(epoch: str, seq: int) -> dict[str, str]:
    return {"Last-Event-ID": f"{epoch}-{seq}"} if epoch else {}


@lru_cache(KEPT)
def news_of(event: Event) -> Page | Gap:
    """An event's news, decoded once for all to whom it comes."""
    if event.type == "reset":
        return decoded(event.data.encode(), Gap)
    return Page([decoded(event.data.encode(), Message)], event.id.rpartition("-")[0])
