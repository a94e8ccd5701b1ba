"""What exercise 5 asks of a server: a chat in which nothing is counted twice and nobody waits for anybody."""

import json
import socket
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Barrier
from typing import Any

from lab.grader import Wrong
from lab.grader.sockets import Socket, stalled
from lab.grader.stand import Served, Stand

SOON = 3.0  # seconds for what nothing should delay
PATH = "/rooms/{room}/socket"
SPEAKERS = ("Ada", "Ben", "Cy", "Dee", "Eve", "Fay", "Gus", "Hal")
WORDS, ROUNDS = 10, 5  # of each at once, fewer together than may wait for a client, and how often they do
FEW, SLOW = 4, 3  # speakers, and the words of each, where all goes in slow motion
TALK = 120  # messages after somebody has left: more than may wait for a client
BACKLOG, BATCH = 20, 10  # messages that may wait, where that is tried, and that are said before all have heard them
FLOOD, LONG = 300, "x" * 32_000  # messages of so many characters are more than the buffers of a connection hold

Message = dict[str, Any]


def tells_everybody_in_the_room(stand: Stand) -> None:
    """What one says is told to everybody in the room, under one number, and to nobody elsewhere."""
    chat = stand.serve()
    with entered(chat, "Ada", "Ben") as (ada, ben):
        say(ada, "hello")
        told = [hear(member, "hello")[-1] for member in (ada, ben)]
        stand.expect([one.get("seq") for one in told], [3, 3], "numbers-differ", "the number that Ada and Ben see")
        expected = {"id": "Ada-hello", "sender": "Ada", "text": "hello"}
        stand.expect({name: told[1].get(name) for name in expected}, expected, "not-told", "what Ben sees")
        with closing(Socket(chat.client("Cy"), "/rooms/{room}-another/socket")) as cy:
            say(cy, "elsewhere")
            seen = [(one.get("seq"), one.get("text")) for one in hear(cy, "elsewhere")]
            stand.expect(seen, [(1, "elsewhere")], "rooms-run-together", "what Cy sees in another room")
        say(ada, "bye")
        stand.expect([one.get("text") for one in hear(ben, "bye")], ["bye"], "rooms-run-together", "what Ben sees then")


def counts_and_adds_in_one_step(stand: Stand) -> None:
    """What is said between any two steps of your program has a number of its own. (The check slows its steps down.)"""
    at_once(stand.serve_slowly(), SPEAKERS[:FEW], SLOW)


def numbers_each_message_once(stand: Stand) -> None:
    """However many speak at once, each message has a number of its own, and everybody hears all, in their order."""
    at_once(stand.serve(), SPEAKERS, WORDS)


def at_once(chat: Served, names: Sequence[str], words: int) -> None:
    """Wrong, unless each is told all that they say at the same time, once and in order."""
    with entered(chat, *names) as members, ThreadPoolExecutor(len(members)) as pool:
        for _ in range(ROUNDS):
            say(members[0], "now")
            heard = [hear(member, "now") for member in members]
            first = heard[0][-1].get("seq")
            if not isinstance(first, int):
                raise Wrong("numbers-differ", "a seq that is a number", first)
            expected = list(range(first + 1, first + 1 + len(members) * words))
            start = Barrier(len(members))
            list(pool.map(lambda member, start=start: speak(member, start, words), members))
            heard = [take(member, len(expected)) for member in members]
            for member, messages in zip(members, heard, strict=True):
                told_once(member, messages, expected)
            for member, messages in zip(members, heard, strict=True):
                seqs = [one.get("seq") for one in messages]
                if seqs != expected:
                    n = next(n for n, seq in enumerate(seqs) if seq != expected[n])
                    raise Wrong("out-of-order", f"{member.client.name} is told {expected[n]} next", f"{seqs[n]}")


def is_not_disturbed_by_who_leaves(stand: Stand) -> None:
    """Who leaves, with or without a goodbye, takes nobody along."""
    chat = stand.serve()
    with entered(chat, "Zoe", "Ada", "Ben") as (zoe, ada, ben):
        zoe.close()
        stalled(chat.client("Yan"), PATH).close()
        talk(ada, (ada, ben), [f"word {n}" for n in range(TALK)], "the-dead-stay")


def waits_for_nobody(stand: Stand) -> None:
    """Who does not read is cut, and everybody else goes on."""
    chat = stand.serve(BACKLOG=str(BACKLOG))
    with entered(chat, "Ada", "Ben", "Cy") as members, closing(stalled(chat.client("Sal"), PATH)) as sal:
        said = json.dumps({"id": "Sal-1", "sender": "Sal", "text": "Sal is here"}).encode()
        sal.sendall(bytes([0x81, 0x80 | len(said)]) + bytes(4) + said)  # one text frame, under a mask of zeros
        for member in members:
            hear(member, "Sal is here")
        talk(members[0], members, [f"{n} {LONG}" for n in range(FLOOD)], "waits-for-the-slowest")
        if not ends(sal):
            raise Wrong("never-cut", f"an end of Sal's connection: {FLOOD} long messages were said", "it is open still")
        talk(members[0], members, ["we go on"], "waits-for-the-slowest")


@contextmanager
def entered(chat: Served, *names: str) -> Iterator[tuple[Socket, ...]]:
    """People in the room of this check, each of whom has said so, and heard it, and so have those before."""
    members = list[Socket]()
    try:
        for name in names:
            members.append(Socket(chat.client(name), PATH))
            say(members[-1], f"{name} is here")
            for member in members:
                hear(member, f"{name} is here")
        yield tuple(members)
    finally:
        for member in members:
            member.close()


def say(member: Socket, text: str) -> None:
    name = member.client.name
    member.send(id=f"{name}-{text[:20]}", sender=name, text=text)


def speak(member: Socket, start: Barrier, words: int) -> None:
    start.wait()
    for n in range(words):
        say(member, f"{member.client.name} {n}")


def talk(speaker: Socket, listeners: Sequence[Socket], texts: Sequence[str], cause: str) -> None:
    """All of it is heard, and no more is said before what was said is: so whoever reads has never much waiting."""
    for begin in range(0, len(texts), BATCH):
        batch = texts[begin : begin + BATCH]
        for text in batch:
            say(speaker, text)
        for listener in listeners:
            hear(listener, batch[-1], cause)


def hear(member: Socket, text: str, cause: str = "not-told") -> list[Message]:
    """All that it is told, up to this text; Wrong if that does not come."""
    heard = list[Message]()
    while not heard or heard[-1].get("text") != text:
        message = member.receive(SOON)
        if message is None:
            raise Wrong(cause, f"{member.client.name} is told {text[:20]!r}", f"nothing more in {SOON:g} s")
        heard.append(message)
    return heard


def take(member: Socket, count: int) -> list[Message]:
    """The next messages that it is told: so many, or as many as come."""
    heard = list[Message]()
    while len(heard) < count and (message := member.receive(SOON)) is not None:
        heard.append(message)
    return heard


def told_once(member: Socket, messages: Sequence[Message], expected: Sequence[int]) -> None:
    """Wrong, unless it was told each number once, and with each another text."""
    seqs = [one.get("seq") for one in messages]
    texts = {str(one.get("text")) for one in messages}
    never = [seq for seq in expected if seq not in seqs]
    twice = [seq for seq in expected if seqs.count(seq) > 1]
    if never or twice or len(texts) < len(expected):
        seen = [f"{seq} twice" for seq in twice[:3]] + [f"{seq} never" for seq in never[:3]]
        whole = f"{member.client.name} is told {expected[0]} to {expected[-1]}, each once"
        raise Wrong("lost-update", whole, ", ".join(seen) or "two numbers for one text")


def ends(bare: socket.socket) -> bool:
    """Whether the connection is over for who reads all that is left of it."""
    bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    bare.settimeout(SOON)
    try:
        while bare.recv(1 << 16):
            pass
    except TimeoutError:
        return False
    except OSError:  # it was reset
        pass
    return True
