"""Who listens to a stream: once, until a word, or coming and going."""

from contextlib import closing
from random import Random

from lab.grader import Wrong
from lab.grader.clients import Client
from lab.grader.streams import Event, Stream

SOON, TRIES = 1.5, 3  # seconds for what nothing should delay; how often Ada greets one who may not listen yet


def listen(client: Client, query: str = "", last: str = "", buffer: int = 0) -> Stream:
    """A stream of the room; Wrong if it does not open."""
    try:
        return Stream(client, f"/rooms/{{room}}/events{query}", {"Last-Event-ID": last} if last else {}, buffer)
    except Wrong as wrong:
        if wrong.cause == "silent":
            raise Wrong("opens-late", "the head of the stream at once", wrong.seen) from None
        raise


def listening(ben: Client, ada: Client) -> Stream:
    """A stream in which Ben has heard Ada. What is said as it opens is another check's matter: so she tries again."""
    stream = listen(ben)
    for _ in range(TRIES):
        ada.send("hello")
        if stream.event(SOON) is not None:
            return stream
    stream.close()
    raise Wrong("not-told", "an event for 'hello'", f"none, though Ada said it {TRIES} times")


def until(stream: Stream, word: str, within: float = SOON) -> list[Event]:
    """What it tells, up to an event that begins with this word, or until it tells nothing more."""
    events = list[Event]()
    while not (events and events[-1].data.startswith(word)) and (event := stream.event(within)) is not None:
        events.append(event)
    return events


def heard_until(stream: Stream, word: str, within: float = SOON) -> list[str]:
    """The first words of that."""
    return [event.data.split(" ")[0] for event in until(stream, word, within)]


def come_and_go(client: Client, total: int, chance: Random) -> list[str]:
    """The ids that it hears, a few on each stream, until it has as many as there are or hears nothing more."""
    heard = list[str]()
    while len(heard) < total:
        with closing(listen(client, last=heard[-1] if heard else "")) as stream:
            for _ in range(min(chance.randint(3, 9), total - len(heard))):
                event = stream.event(SOON)
                if event is None:
                    return heard
                heard.append(event.id or "")
    return heard
