"""What exercise 9 asks of a client: each message once, through a line that breaks, and waits that spare the server."""

import time
from collections.abc import Callable
from itertools import pairwise
from statistics import fmean

from lab.grader import Wrong
from lab.grader.clients import shortened
from lab.grader.ours import Line
from lab.grader.stand import Stand

from .follower import Follower

BASE, LONG, BRIEF = 0.04, 0.5, 0.02  # seconds: BASE_S for several waits, for the first, and for many
COPIES, FLAPPING = 6, 4  # programs that lose their line together, and others whose line opens and breaks
TRIES = 6  # that are looked at: the last limit is 32 bases
PATIENT = 6.0  # seconds for those tries; 63 bases, which is all limits together, are 2.5
GROWTH = 3  # times the first two waits: the last two, whose limits together are 16 times as much
MANY_TRIES = 10  # whose limits are 191 bases together, and 1,023 if nothing ends their growth
LATE, HALF = 3, 0.5  # tries after which a wait's limit is long beside all else; of it, a share that lots fall below
FRESH = 8  # bases: the mean of the first waits, whose limit is 1; after many failures it is 16
LEAST = 5  # bases: the last two waits, which are 24 on average; a busy machine makes waits longer, and none shorter
ALIKE = 1.2  # times the shortest wait: the longest of copies that wait alike
AT_ONCE = 0.2  # of the base: copies that draw their wait do not all wait less
OPENING = b"\n\n"  # where a stream's first block ends; no poll has it
MANY = 30  # messages, more than a room keeps


def prints_each_message(stand: Stand) -> None:
    """It prints what was said before it came, and what is said while it listens."""
    ben = Follower(stand)
    ben.say("one", "two")
    ben.start()
    ben.hears("one", "two")
    ben.say("three")
    ben.hears("three")


def comes_back(stand: Stand) -> None:
    """When the line was cut, it goes on where it was, with what was said meanwhile."""
    ben = Follower(stand).start()
    ben.say("one")
    ben.hears("one")
    for n in range(1, 4):
        ben.line.cut()
        ben.say(f"{n} in the tunnel", f"{n} still in it")
        ben.tries()
        ben.line.mend()
        ben.hears(f"{n} in the tunnel", f"{n} still in it")
    ben.line.flap(OPENING)
    ben.tries(2 if ben.streams else 1)
    ben.line.mend()
    ben.say("out of it")
    ben.hears("out of it")


def takes_no_half_message(stand: Stand) -> None:
    """When the line is cut in the middle of a message, or of a letter, the message is printed once, and whole."""
    ben = Follower(stand).start()
    ben.say("one")
    ben.hears("one")
    for n, half in enumerate((b"half", b"half of it, and", b"half of it, and a tsch\xc3"), 1):  # the last in an ü
        ben.line.cut_at(b"%d: " % n + half)
        ben.say(text := f"{n}: half of it, and a tschüss")
        ben.tries()
        ben.line.mend()
        ben.hears(text)


def waits_before_it_tries(stand: Stand) -> None:
    """It waits before it tries again, the first time too: of copies that lost their line not all are back at once."""
    copies = copies_of(stand, LONG, COPIES)
    cut = broken(copies, Line.cut)
    first = max(own[0] for own in gaps_of(copies, cut, tries=1))
    if first < AT_ONCE * LONG:
        second = max(own[1] for own in gaps_of(copies, cut, tries=2))
        expected = f"{COPIES} first waits, each drawn from 0 up to {LONG} s, with BASE_S={LONG}"
        seen = f"all {COPIES} copies were back within {first:.3f} s, and tried once more within {second:.3f} s"
        raise Wrong("tight-loop" if second < AT_ONCE * LONG else "first-try-at-once", expected, seen)


def spares_the_server(stand: Stand) -> None:
    """While its line is down, or breaks as it opens, its waits grow longer and longer, and copies draw their own."""
    copies = copies_of(stand, BASE, COPIES + FLAPPING)
    down, flapping = copies[:COPIES], copies[COPIES:]
    cut, flapped = broken(down, Line.cut), broken(flapping, lambda line: line.flap(OPENING))
    gaps = gaps_of(down, cut)
    grows(gaps, "does-not-grow")
    waits = list(zip(*gaps, strict=True))
    together = [n + 1 for n in range(2, TRIES) if max(waits[n]) < ALIKE * min(waits[n])]
    if len(together) >= 2:
        seen = f"tries {', '.join(map(str, together))} of {COPIES} copies, each time after nearly the same wait"
        raise Wrong("all-together", f"{COPIES} copies that come back at {COPIES} different times", seen)
    shortest = min(own[n] / (BASE * 2**n) for own in gaps for n in range(LATE, TRIES))
    if shortest >= HALF:
        seen = f"none of {COPIES * (TRIES - LATE)} waits was shorter than {shortest:.0%} of its limit"
        raise Wrong("never-short", "waits drawn from nothing up to a limit, half of them below half of it", seen)
    if flapping[0].streams:  # a poll that was answered has not failed
        grows(gaps_of(flapping, flapped), "forgives-too-soon")


def waits_as_at_first_when_all_is_well(stand: Stand) -> None:
    """No wait is longer than 32 times BASE_S, and when a message has come the waits begin anew."""
    copies = copies_of(stand, BRIEF, COPIES)
    gaps_of(copies, broken(copies, Line.cut), MANY_TRIES)
    for one in copies:
        one.line.mend()
    copies[0].say("two")
    for one in copies:
        one.hears("two")
    first = fmean(own[0] for own in gaps_of(copies, broken(copies, Line.cut), tries=1))
    if first > FRESH * BRIEF:
        seen = f"first waits of {first:.2f} s on average, with BASE_S={BRIEF}"
        raise Wrong("never-forgives", f"after a message first waits of {BRIEF} s at most", seen)


def says_what_is_gone(stand: Stand) -> None:
    """When messages are gone for ever, it says so, and goes on behind the gap."""
    ben = Follower(stand).start()
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


def copies_of(stand: Stand, base: float, count: int) -> list[Follower]:
    """Copies that all have come, and have heard a message."""
    copies = [Follower(stand, f"line {n}", base).start() for n in range(1, count + 1)]
    copies[0].say("one")
    for one in copies:
        one.hears("one")
    return copies


def broken(copies: list[Follower], how: Callable[[Line], None]) -> list[float]:
    """The moments at which their lines break in this way."""
    moments = list[float]()
    for one in copies:
        moments.append(time.monotonic())
        how(one.line)
    return moments


def gaps_of(copies: list[Follower], moments: list[float], tries: int = TRIES) -> list[list[float]]:
    """For each copy the seconds from the moment at which its line broke to its first try, and from each to the next."""
    deadline = time.monotonic() + PATIENT
    for one in copies:
        one.tries(tries, deadline - time.monotonic(), "waits-too-long")
    times = zip(moments, copies, strict=True)
    return [[now - before for before, now in pairwise([at, *one.line.refused])][:tries] for at, one in times]


def grows(gaps: list[list[float]], cause: str) -> None:
    """Wrong, unless the last waits are much longer than the first."""
    early, late = fmean(sum(own[:2]) for own in gaps), fmean(sum(own[-2:]) for own in gaps)
    if late < max(GROWTH * early, LEAST * BASE):
        seen = f"the first two took {early:.2f} s, the last two of {TRIES} took {late:.2f} s, with BASE_S={BASE}"
        raise Wrong(cause, "waits whose limit doubles with each failure", seen)
