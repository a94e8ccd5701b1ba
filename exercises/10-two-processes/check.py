"""What exercise 10 asks of a server: two processes of it, with one file, are one chat."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from lab.grader import Wrong
from lab.grader.clients import Answer
from lab.grader.stand import Served, Stand
from lab.ports import lasting

SPEAKERS = ("Ada", "Ben")  # at each process
ROUNDS, IDS = 15, 20  # in which all speak at once, and messages that come to both at once: enough that some meet


def keeps_what_it_acknowledged(stand: Stand) -> None:
    """A process that is killed and started again has lost nothing, and counts on."""
    (chat,) = started(stand, "first")
    ada = chat.client("Ada")
    for text in ("one", "two", "three"):
        ada.send(text)
    chat.end()
    (chat,) = started(stand, "first")
    ben = chat.client("Ben")
    stand.expect(ben.poll(after=0).texts, ["one", "two", "three"], "in-memory", "the texts that Ben gets")
    stand.expect(chat.client("Ada").send("four").field("seq"), 4, "counts-anew", "the seq of the fourth message")


def shows_what_the_other_wrote(stand: Stand) -> None:
    """What is said at one process is heard at the other."""
    first, second = started(stand, "first", "second")
    ada, ben = first.client("Ada"), second.client("Ben")
    stand.expect(ben.poll(after=0).texts, [], "not-numbered", "the texts in a room that nobody wrote in")
    ada.send("hello")
    stand.expect(ben.poll(after=0).texts, ["hello"], "read-once", "the texts at the second")
    ben.send("who is there?")
    stand.expect(ada.poll(after=1).texts, ["who is there?"], "read-once", "the texts at the first after message 1")
    ada.send("me")
    answer = ben.poll(after=2)
    stand.expect(answer.texts, ["me"], "read-once", "the texts at the second after message 2")
    stand.expect([*answer.seqs, answer.field("cursor")], [3, 3], "not-numbered", "its seq, and the cursor")
    whole = {"seq": 3, "id": "Ada-me", "sender": "Ada", "text": "me"}
    found = {name: answer.messages[0].get(name) for name in whole}
    stand.expect(found, whole, "not-whole", "message 3 as it is read at the second")


def keeps_rooms_apart(stand: Stand) -> None:
    """Each room counts for itself, and an id belongs to its room."""
    (chat,) = started(stand, "first")
    ada, there = chat.client("Ada"), "/rooms/{room}-another/messages"
    ada.send("hello", id="m1")
    other = ada.ask("POST", there, {"id": "m1", "sender": "Ada", "text": "hello"})
    seen = [other.status, other.field("seq")]
    stand.expect(seen, [201, 1], "rooms-run-together", "status and seq of m1 in another room")
    stand.expect(ada.get(f"{there}?after=0").texts, ["hello"], "rooms-run-together", "the texts there")


def takes_a_message_once(stand: Stand) -> None:
    """The same message, sent to one process and then to the other, is one message."""
    first, second = started(stand, "first", "second")
    taken = first.client("Ada").send("hello", id="m1")
    another = second.client("Ben").send("hello", id="m2")
    seen = [another.status, another.field("seq")]
    stand.expect(seen, [201, 2], "takes-it-for-another", "status and seq of Ben's hello, which has an id of its own")
    again = second.client("Ada").send("hello", id="m1")
    seen = [again.status, again.field("seq")]
    stand.expect(seen, [200, taken.field("seq")], "id-in-memory", "status and seq, the second time")
    ids = [message.get("id") for message in first.client("Ben").poll(after=0).messages]
    stand.expect(ids, ["m1", "m2"], "id-in-memory", "the ids that Ben gets")


def numbers_what_comes_at_once(stand: Stand) -> None:
    """Written to at the same moment, they give each number once and leave none out."""
    served = started(stand, "first", "second")
    speakers = [one.client(f"{name}, {one.name}") for one in served for name in SPEAKERS]
    expected = list[int]()
    with collisions(served), ThreadPoolExecutor(len(speakers)) as pool:
        for n in range(ROUNDS):
            said = [pool.submit(who.send, f"word {n}") for who in speakers]
            seqs = sorted(number(one.result()) for one in said)
            new = list(range(len(expected) + 1, len(expected) + len(speakers) + 1))
            stand.expect(seqs, new, "two-at-once", f"the seqs of {len(speakers)} messages sent at once")
            expected += new
    for one in served:
        seqs = one.client("Cleo").poll(after=0).seqs
        stand.expect(seqs, expected, "not-numbered", f"the seqs that are read at the {one.name} process")


def takes_once_what_comes_at_once(stand: Stand) -> None:
    """The same message, sent to both at the same moment, is one message."""
    served = started(stand, "first", "second")
    with collisions(served), ThreadPoolExecutor(len(served)) as pool:
        for n in range(IDS):
            said = [pool.submit(one.client("Ada").send, f"word {n}", f"m{n}") for one in served]
            answers = [one.result() for one in said]
            seen = [sorted(one.status for one in answers), [one.field("seq") for one in answers]]
            stand.expect(seen, [[200, 201], [n + 1] * 2], "two-at-once", "statuses and seqs of one message at both")


def number(answer: Answer) -> int:
    seq = answer.field("seq")
    if not isinstance(seq, int):
        raise Wrong("not-numbered", "a seq that is a whole number", repr(seq))
    return seq


@contextmanager
def collisions(served: list[Served]) -> Iterator[None]:
    """While both are written to: an error 500 is then a collision, and the program has said which."""
    try:
        yield
    except Wrong as wrong:
        if wrong.cause != "error-500":
            raise
        lines = [line for one in served for line in one.program.output.text.splitlines()]
        error = next((line for line in reversed(lines) if "Error" in line), wrong.seen)
        raise Wrong("two-at-once", wrong.expected, f"500: {error}") from None


def started(stand: Stand, *names: str) -> list[Served]:
    """So many processes with the file of this check, started at the same moment."""
    served = []
    for name in names:
        port = lasting()
        program = stand.program(PORT=str(port), DATABASE=str(stand.folder / f"{stand.room}.db"))
        served.append(Served(stand, program, port, name))
    for one in served:
        one.program.listening(one.port)
    return served
