"""What exercise 3 asks of a server: an event stream that begins where its listener stands, and leaves nothing out."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from random import Random

from lab.grader import Wrong
from lab.grader.clients import Client, Pending
from lab.grader.stand import Stand

from .listeners import SOON, come_and_go, heard_until, listen, listening, until

BEAT, ENOUGH = 0.3, 0.8  # seconds: HEARTBEAT_S, where a check waits for it; how much of it there must be at least
PAST, LONG = 128, "x" * 65_000  # messages of so many characters are more than the buffers of a connection hold
SMALL = 65_536  # bytes that a slow listener's own buffer holds
SPEAKERS, WORDS = ("Ada", "Bob", "Cy", "Dee"), 15
LISTENERS = ("Ben", "Eve", "Fay", "Gus")
MOMENTS = 8  # tries to say something just as they come, each of them between two other steps of theirs
SLOWLY = 4.0  # seconds for what comes in slow motion


def tells_what_is_said(stand: Stand) -> None:
    """A stream opens at once, and who listens is told what is said."""
    chat = stand.serve()
    ada, ben = chat.client("Ada"), chat.client("Ben")
    with closing(listening(ben, ada)) as stream:
        kind = f"{stream.answer.status} {stream.answer.headers.get_content_type()}"
        stand.expect(kind, "200 text/event-stream", "not-a-stream", "status and type")
        ada.send("dinner?")
        seen = [event.data for event in until(stream, "dinner?")]
        if not seen:
            raise Wrong("not-told", "an event for 'dinner?'", f"none in {SOON:g} s")
        stand.expect(seen[-1], "dinner?", "not-the-text", "the data of the event")


def numbers_each_event(stand: Stand) -> None:
    """Each event carries the number of its message as its id."""
    chat = stand.serve()
    ada, ben = chat.client("Ada"), chat.client("Ben")
    with closing(listening(ben, ada)) as stream:
        seqs = {text: str(ada.send(text).field("seq")) for text in ("one", "two", "three")}
        ids = {event.data: event.id for event in until(stream, "three")}
        stand.expect([ids.get(text) for text in seqs], [*seqs.values()], "no-ids", "the ids of three events")


def keeps_a_text_whole(stand: Stand) -> None:
    """A text of several lines arrives as it was said."""
    chat = stand.serve()
    ada, ben = chat.client("Ada"), chat.client("Ben")
    with closing(listening(ben, ada)) as stream:
        for cause, text in (
            ("torn-lines", "bread\nmilk"),
            ("torn-lines", "first\n\nthird"),
            ("splits-otherwise", "eggs\n"),
            ("splits-otherwise", "tea\u2028and coffee"),  # a line separator, which ends no line of a stream
        ):
            ada.send(text)
            told = until(stream, text.split("\n")[0])
            stand.expect(told and told[-1].data, text, cause, "the data of the event")


def begins_after_the_cursor(stand: Stand) -> None:
    """Who has heard two messages, and says so with after=2, is told from the third on."""
    judge(coming_back(stand, "?after=2"), "begins-anew")


def goes_on_after_the_last_event(stand: Stand) -> None:
    """Who comes back to the old address with Last-Event-ID: 2 is told from the third on."""
    judge(coming_back(stand, "?after=0", last="2"), "ignores-last-event-id")


def leaves_nothing_between_the_log_and_the_news(stand: Stand) -> None:
    """What is said while the log is still being told comes after it, once; and who says it need not wait."""
    chat = stand.serve()
    ada, ben = chat.client("Ada"), chat.client("Ben")
    for n in range(1, PAST + 1):
        ada.send(f"{n} {LONG}")
    with closing(listen(ben, "?after=0", buffer=SMALL)) as stream:
        heard = heard_until(stream, "1")  # and reads no further
        if not heard:
            raise Wrong("forgets-the-log", f"first the {PAST} messages that were said before", f"nothing in {SOON:g} s")
        for n in range(PAST + 1, PAST + 4):
            if said(ada, f"{n} while Ben reads").answered(SOON) is None:
                raise Wrong("sender-waits", "an answer to Ada at once, though Ben reads slowly", f"none in {SOON:g} s")
        heard += heard_until(stream, str(PAST))
        ada.send("over")
        heard += heard_until(stream, "over")
    told_once(heard, [*map(str, range(1, PAST + 4)), "over"])


def tells_once_what_is_said_as_one_comes(stand: Stand) -> None:
    """What is said between any two steps of a stream that opens is told once. (The check slows its steps down.)"""
    chat = stand.serve_slowly()
    speakers, others = [[chat.client(name) for name in names] for names in (SPEAKERS, LISTENERS)]
    with ThreadPoolExecutor() as pool:
        for n in range(MOMENTS):
            before = n * (len(speakers) + 1)
            every = [str(before + place) for place in range(1, len(speakers) + 2)]
            coming = [pool.submit(listen, one, f"?after={before}") for one in others]
            for speaking in [pool.submit(one.send, f"word {n}") for one in speakers]:
                speaking.result()
            speakers[0].send(f"over {n}")
            for one in coming:
                with closing(one.result()) as stream:
                    told_once([event.id or "" for event in until(stream, f"over {n}", SLOWLY)], every)


def loses_nobody_who_comes_and_goes(stand: Stand) -> None:
    """Who leaves and comes back again and again, while several speak, is told each message once, in order."""
    chat = stand.serve()
    every = [str(n) for n in range(1, len(SPEAKERS) * WORDS + 1)]
    with ThreadPoolExecutor() as pool:
        chances = [Random(stand.random.random()) for _ in range(3)]
        told = [pool.submit(come_and_go, chat.client(f"Ben {n}"), len(every), one) for n, one in enumerate(chances)]
        speaking = [pool.submit(speak, chat.client(name)) for name in SPEAKERS]
        for heard in [one.result() for one in told]:
            told_once(heard, every)
        for one in speaking:
            one.result()


def is_heard_where_nobody_speaks(stand: Stand) -> None:
    """After HEARTBEAT_S seconds of silence a comment comes, again and again."""
    chat = stand.serve(HEARTBEAT_S=str(BEAT))
    ada, ben = chat.client("Ada"), chat.client("Ben")
    begun = time.monotonic()
    with closing(listen(ben)) as stream:
        if not all(stream.comment(SOON) for _ in range(3)):
            raise Wrong("no-heartbeat", f"a comment after every {BEAT:g} s of silence", f"none in {SOON:g} s")
        took = time.monotonic() - begun
        if took < 2 * BEAT * ENOUGH:
            raise Wrong("beats-without-pause", f"two comments in no less than {2 * BEAT:g} s", f"in {took:.2f} s")
        ada.send("news")
        stand.expect(heard_until(stream, "news"), ["news"], "not-told", "what comes after them")


def said(client: Client, text: str) -> Pending:
    """The same as to send it, without waiting for the answer."""
    return Pending(lambda: client.send(text))


def coming_back(stand: Stand, query: str, last: str = "") -> list[str]:
    """What is told to one who comes when four messages are there, and hears a fifth."""
    chat = stand.serve()
    ada, ben = chat.client("Ada"), chat.client("Ben")
    for text in ("one", "two", "three", "four"):
        ada.send(text)
    with closing(listen(ben, query, last)) as stream:
        heard = heard_until(stream, "four", SOON / 3)  # or says the fifth before: it still comes after it
        ada.send("five")
        return heard + heard_until(stream, "five")


def judge(heard: list[str], from_the_first: str) -> None:
    """Wrong, unless it is the third, the fourth and the fifth."""
    expected = ["three", "four", "five"]
    begins = {"one": from_the_first, "two": "resumes-early", "four": "resumes-late", "five": "forgets-the-log"}
    if heard and heard[0] in begins:
        raise Wrong(begins[heard[0]], expected, heard)
    told_once(heard, expected)


def told_once(heard: Sequence[str], every: Sequence[str]) -> None:
    """Wrong, unless these are all, in their order."""
    missed = [one for one in every if one not in heard]
    twice = [one for one in every if heard.count(one) > 1]
    if missed:
        raise Wrong("falls-between", f"{len(every)} messages, each once", f"without {', '.join(missed[:5])}")
    if twice:
        raise Wrong("told-twice", f"{len(every)} messages, each once", f"{', '.join(twice[:5])} twice")
    if heard != every:
        raise Wrong("told-twice", f"{len(every)} messages in their order", heard[:10])


def speak(client: Client) -> None:
    """Some words, for as long as each is answered."""
    for n in range(WORDS):
        if said(client, f"word {n}").answered(SOON) is None:
            return
