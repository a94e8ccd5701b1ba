"""What exercise 1 asks of a server: cursors, rooms, one message once, and 304."""

import re

from lab.grader import Wrong
from lab.grader.clients import Answer
from lab.grader.stand import Stand

QUOTED = re.compile(r'(W/)?"[^"]*"')  # an ETag, weak or strong (RFC 9110, section 8.8.3)
KEPT = ("seq", "id", "sender", "text")  # of each message


def brings_all_to_a_new_client(stand: Stand) -> None:
    """A client that has seen nothing gets all, numbered 1, 2, 3."""
    chat = stand.serve()
    ada, ben = chat.client("Ada"), chat.client("Ben")
    seqs = [ada.send(text).field("seq") for text in ("one", "two", "three")]
    stand.expect(seqs, [1, 2, 3], "not-numbered", "the seqs of three messages")
    answer = ben.poll(after=None)
    brings(stand, answer, "one", "two", "three")
    stand.expect(answer.seqs, [1, 2, 3], "not-numbered", "their seqs")
    for found, text in zip(answer.messages, answer.texts, strict=True):
        said = {"seq": found["seq"], "id": f"Ada-{text}", "sender": "Ada", "text": text}
        stand.expect({name: found.get(name) for name in KEPT}, said, "not-whole", "a message as Ben gets it")


def keeps_rooms_apart(stand: Stand) -> None:
    """A room has its own messages, and one that nobody wrote in has none."""
    chat = stand.serve()
    ada = chat.client("Ada")
    ada.send("only here", id="m1")
    other = chat.client("Ben").get("/rooms/{room}-another/messages?after=0")
    stand.expect(other.status, 200, "unknown-room", "the status of a room that nobody wrote in")
    stand.expect(other.texts, [], "rooms-run-together", "its messages")
    there = {"id": "m1", "sender": "Ada", "text": "only there"}
    taken = ada.ask("POST", "/rooms/{room}-another/messages", there)
    seen = [taken.status, taken.field("seq")]
    stand.expect(seen, [201, 1], "rooms-run-together", "status and seq of its first message, m1")


def brings_only_what_is_new(stand: Stand) -> None:
    """A client that has seen some gets the others, and a cursor to go on with."""
    chat = stand.serve()
    ada, ben = chat.client("Ada"), chat.client("Ben")
    for text in ("one", "two", "three"):
        ada.send(text)
    answer = ben.poll(after=2)
    if answer.texts == ["one", "two", "three"]:
        raise Wrong("gets-all-again", "the texts that Ben gets after message 2: ['three']", answer.texts)
    stand.expect(answer.texts, ["three"], "off-by-one", "the texts that Ben gets after message 2")
    brings(stand, ben.poll(after=1), "two", "three")
    stand.expect(answer.field("cursor"), 3, "cursor-of-the-question", "the cursor")
    again = ben.poll(after=3)
    stand.expect(again.texts, [], "off-by-one", "the texts that Ben gets after message 3")
    stand.expect(again.field("cursor"), 3, "cursor-of-the-question", "the cursor")
    beyond = ben.poll(after=7)
    stand.expect(beyond.texts, [], "off-by-one", "the texts that Ben gets after message 7, which is not there yet")
    stand.expect(beyond.field("cursor"), 3, "cursor-of-the-question", "the cursor")


def follows_a_conversation(stand: Stand) -> None:
    """A client that goes from cursor to cursor sees each message once."""
    chat = stand.serve()
    ada, ben = chat.client("Ada"), chat.client("Ben")
    cursor, seen = 0, list[str]()
    said = [f"word {n}" for n in range(stand.random.randint(6, 9))]
    for text in said:
        ada.send(text)
        if stand.random.random() < 0.6:
            answer = ben.poll(after=cursor)
            cursor, seen = answer.field("cursor"), seen + answer.texts
    stand.expect(seen + ben.poll(after=cursor).texts, said, "off-by-one", "all that Ben has seen")


def takes_a_message_once(stand: Stand) -> None:
    """A message that is sent again, since its answer was lost, is in the log once."""
    chat = stand.serve()
    ada, ben = chat.client("Ada"), chat.client("Ben")
    first, second = ada.send("ok", id="m1"), ada.send("ok", id="m2")
    seen = [second.status, second.field("seq")]
    stand.expect(seen, [201, 2], "takes-it-for-another", "status and seq of m2, which says 'ok' as m1 does")
    again = ada.send("ok", id="m1")
    ids = [message.get("id") for message in ben.poll(after=0).messages]
    stand.expect(ids, ["m1", "m2"], "sent-twice", "the ids that Ben gets, after m1 came again")
    seen = [again.status, again.field("seq")]
    stand.expect(seen, [200, first.field("seq")], "sent-twice", "status and seq of m1, the second time")


def says_that_nothing_is_new(stand: Stand) -> None:
    """Nothing new is answered 304 to whoever has the ETag, and news is not."""
    chat = stand.serve()
    ada, ben = chat.client("Ada"), chat.client("Ben")
    ada.send("one")
    etag = etag_of(ben.poll(after=1))
    same = ben.poll(after=1, headers={"If-None-Match": etag})
    stand.expect([same.status, same.body], [304, b""], "always-whole", "status and body, with that ETag")
    ada.send("two")
    news = ben.poll(after=1, headers={"If-None-Match": etag})
    stand.expect(news.status, 200, "stale-304", "the status after another message")
    stand.expect(news.texts, ["two"], "off-by-one", "its messages")
    ada.send("three")
    news = ben.poll(after=2, headers={"If-None-Match": etag_of(news)})
    stand.expect(news.status, 200, "stale-304", "the status after one more, for who asks on after message 2")


def brings(stand: Stand, answer: Answer, *texts: str) -> None:
    """Wrong, unless it brings these, oldest first."""
    if len(texts) > 1 and answer.texts == [*texts][::-1]:
        raise Wrong("newest-first", [*texts], answer.texts)
    stand.expect(answer.texts, [*texts], "leaves-some-out", "the texts that Ben gets")


def etag_of(answer: Answer) -> str:
    """Wrong, unless it has one."""
    etag = answer.headers.get("ETag")
    if not etag:
        raise Wrong("always-whole", "an ETag with the answer", "none")
    if not QUOTED.fullmatch(etag):
        raise Wrong("bare-etag", f'an ETag in double quotes, such as "{etag.strip(chr(34))}"', etag)
    return etag
