"""What exercise 9 asks of a client: each message once, through a line that breaks, and waits that spare the server."""

import time
from itertools import pairwise
from statistics import fmean
from typing import Any

from lab.grader import Wrong
from lab.grader.clients import shortened
from lab.grader.stand import Stand

SERVER = ("sse", "long-polling", "--keep", "20")  # messages of a room
MOMENT, QUIET = 0.05, 3.0  # seconds between two looks whether a program lives, and until no line will come
SOON, BASE = 0.02, 0.05  # seconds: the base of the waits where they do not matter, and where they are looked at
COPIES, TRIES = 6, 6  # programs that lose their line together, and tries that are looked at: the last limit is 32 bases
PATIENT = 8.0  # seconds for those tries; 63 bases, which is all limits together, are 3.15
MANY = 30  # messages, more than a room keeps


def prints_each_message(stand: Stand) -> None:
    """It prints what was said before it came, and what is said while it listens."""
    ben = Listener(stand)
    ben.say("one", "two")
    ben.start()
    ben.hears("one", "two")
    ben.say("three")
    ben.hears("three")


def comes_back(stand: Stand) -> None:
    """When the line was cut, it goes on where it was, with what was said meanwhile."""
    ben = Listener(stand).start()
    ben.say("one")
    ben.hears("one")
    for n in range(1, 4):
        ben.line.cut()
        ben.say(f"{n} in the tunnel", f"{n} still in it")
        ben.tries()
        ben.line.mend()
        ben.hears(f"{n} in the tunnel", f"{n} still in it")
    ben.line.cut()
    ben.tries()
    ben.line.cut_at(b"retry:")  # a stream is cut in its first block, before any message; a poll is not
    ben.line.mend()
    ben.line.tried(1, SOON * 32)
    ben.line.cut_at(b"")
    ben.line.mend()
    ben.say("out of it")
    ben.hears("out of it")


def takes_no_half_message(stand: Stand) -> None:
    """When the line is cut in the middle of a message, that message is printed once, and whole."""
    ben = Listener(stand).start()
    ben.say("one")
    ben.hears("one")
    for n in range(1, 4):
        ben.line.cut_at(b"half of message %d" % n)
        ben.say(f"half of message {n}, and the rest")
        ben.tries()
        ben.line.mend()
        ben.hears(f"half of message {n}, and the rest")


def spares_the_server(stand: Stand) -> None:
    """While the line is down, copies of it wait between their tries, longer and longer, and each by its own lot."""
    copies = [Listener(stand, f"line {n}", BASE).start() for n in range(1, COPIES + 1)]
    copies[0].say("one")
    for one in copies:
        one.hears("one")
    gaps = [[now - before for before, now in pairwise(moments)] for moments in tries_of(copies)]
    whole = fmean(map(sum, gaps))
    if whole < 3 * BASE:
        raise Wrong("tight-loop", f"waits of {BASE} s and more between the tries", f"{TRIES} tries in {whole:.3f} s")
    early, late = fmean(sum(own[:2]) for own in gaps), fmean(sum(own[-2:]) for own in gaps)
    if late < 2 * early:
        seen = f"the first two took {early:.2f} s, the last two of {TRIES} took {late:.2f} s"
        raise Wrong("does-not-grow", "waits that grow with each failure", seen)
    together = [n + 1 for n in range(2, TRIES) if spread([own[n] for own in gaps]) < 0.2]
    if len(together) >= 2:
        seen = f"tries {', '.join(map(str, together))} of {COPIES} copies, each time after nearly the same wait"
        raise Wrong("all-together", f"{COPIES} copies that come back at {COPIES} different times", seen)


def says_what_is_gone(stand: Stand) -> None:
    """When messages are gone for ever, it says so, and goes on behind the gap."""
    ben = Listener(stand).start()
    ben.say("one")
    ben.hears("one")
    ben.line.cut()
    texts = [f"word {n}" for n in range(2, MANY + 2)]
    ben.say(*texts)
    ben.tries()
    place = stand.friend("grader", ben.line.to).get("/long-polling/rooms/{room}/messages?after=0").field("cursor")
    ben.line.mend()
    found = ben.next("silent-gap", "a line with the gap")
    if "gap" not in found:
        raise Wrong("silent-gap", '{"gap": true}', shortened(str(found)))
    ben.seq = place
    ben.hears(*texts[place - 1 :])


class Listener:
    """A copy of the learner's program, at the end of a line of its own, and Ada, who talks in its room."""

    def __init__(self, stand: Stand, name: str = "line", base: float = SOON) -> None:
        self.stand, self.line, self.base = stand, stand.line(*SERVER, name=name), base
        self.ada, self.seq, self.was_cut = stand.friend("Ada", self.line.to), 0, False

    def start(self) -> "Listener":
        server = f"http://127.0.0.1:{self.line.port}"
        self.program = self.stand.program(SERVER=server, ROOM=self.stand.room, BASE_S=str(self.base))
        return self

    def say(self, *texts: str) -> None:
        for text in texts:
            self.ada.ask("POST", "/sse/rooms/{room}/messages", {"id": text, "sender": "Ada", "text": text})

    def hears(self, *texts: str) -> None:
        """Wrong, unless it now prints these and no others."""
        for text in texts:
            found = self.next("message-lost" if self.was_cut else "prints-nothing", f"a line with {text!r}")
            seen, expected = [found.get("seq"), found.get("text")], [self.seq + 1, text]
            if "gap" in found:
                raise Wrong("not-where-told", f"a line with {text!r}", shortened(str(found)))
            if isinstance(seen[0], int) and 0 < seen[0] <= self.seq:
                raise Wrong("begins-again", f"seq and text: {expected}", f"seq and text: {seen}, which it had printed")
            cause = "message-lost" if isinstance(seen[0], int) and seen[0] > expected[0] else "not-as-it-came"
            self.stand.expect(seen, expected, cause, "seq and text of the next line")
            self.seq += 1

    def next(self, cause: str, expected: str) -> dict[str, Any]:
        """The next line that it prints; Wrong for this cause if it prints none."""
        found = self.program.json(QUIET)
        if found is None:
            self.lives()
            raise Wrong(cause, expected, f"nothing more in {QUIET:g} s")
        return found

    def tries(self, times: int = 1, within: float = QUIET, cause: str = "gave-up") -> None:
        """Wait until it has tried to connect so often since its line was cut."""
        self.was_cut = True
        deadline = time.monotonic() + within
        while not self.line.tried(times, MOMENT):
            self.lives()
            if time.monotonic() > deadline:
                seen = f"{len(self.line.refused)}, with BASE_S={self.base}"
                raise Wrong(cause, f"{times} {'try' if times == 1 else 'tries'} to come back", seen)

    def lives(self) -> None:
        """Wrong if it does not."""
        if self.was_cut and self.program.process.poll() is not None and not self.program.stopped_for:
            code = self.program.wait(1)
            seen = self.program.last_words if code else "it ended, without an error"
            raise Wrong("gave-up", "a program that comes back", seen)
        self.program.raise_mishap()


def tries_of(copies: list[Listener]) -> list[list[float]]:
    """Cut all lines: for each copy the moment of that, and those of its tries."""
    cuts = []
    for one in copies:
        cuts.append(time.monotonic())
        one.line.cut()
    deadline = time.monotonic() + PATIENT
    for one in copies:
        one.tries(TRIES, deadline - time.monotonic(), "waits-too-long")
    return [[cut, *one.line.refused[:TRIES]] for cut, one in zip(cuts, copies, strict=True)]


def spread(waits: list[float]) -> float:
    """From the shortest to the longest, as a part of their mean."""
    return (max(waits) - min(waits)) / fmean(waits)
