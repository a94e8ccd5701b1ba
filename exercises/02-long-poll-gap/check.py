"""What exercise 2 asks of a server: hold a question, answer when there is news, and lose nothing in between."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from lab.grader import Wrong
from lab.grader.clients import Answer, Client, Pending
from lab.grader.stand import Stand

SOON = 1.2  # seconds for an answer that nothing should delay
STILL = 0.2  # seconds in which a question that is held is seen to be held
WATCHED, TIMES = 2.0, 3  # seconds in which a program that looks often enough for SOON looks once; and how often watched
HOLD = 1.0  # seconds: HOLD_S, where a check waits for its end
ENOUGH, LONG = 0.8, 3  # times HOLD: no answer comes before the one, and one comes before the other
WORK = 0.25  # of the time that a question is held: more of it at work is no sleep
SPEAKERS, WORDS = ("Ada", "Bob", "Cy"), 12
WAITING = ("Ben", "Cy", "Dee", "Eve", "Fay", "Gus", "Hal", "Ivy")  # each of whom would have to be looked for
MOMENTS = 6  # tries to say something just as others ask, each of them between two other steps of theirs


def answers_at_once_what_is_there(stand: Stand) -> None:
    """Who has not heard all is told it at once, and need not wait for another message."""
    chat = stand.serve()
    ada, ben = chat.client("Ada"), chat.client("Ben")
    for text in ("one", "two", "three"):
        ada.send(text)
    answer = soon(ben.hold(after=0), "waits-before-looking")
    if answer.texts == ["three"]:
        raise Wrong("last-only", "the texts that Ben gets: 'one', 'two', 'three'", answer.texts)
    stand.expect(answer.texts, ["one", "two", "three"], "wrong-cursor", "the texts that Ben gets")
    answer = soon(ben.hold(after=2), "waits-before-looking")
    stand.expect(answer.texts, ["three"], "wrong-cursor", "the texts that Ben gets after message 2")
    stand.expect(answer.field("cursor"), 3, "wrong-cursor", "the cursor")


def says_nothing_when_the_hold_is_over(stand: Stand) -> None:
    """A question without news is held for HOLD_S seconds, asleep, and then answered with no messages."""
    chat = stand.serve(HOLD_S=str(HOLD))
    chat.client("Ada").send("one")
    beyond = chat.client("Eve").hold(after=7)
    before, begun = chat.program.family.computed(), time.monotonic()
    answer = chat.client("Ben").hold(after=1).answered(within=LONG * HOLD)
    took, worked = time.monotonic() - begun, chat.program.family.computed() - before
    if answer is None:
        raise Wrong("holds-for-ever", f"an answer when {HOLD:g} s are over", f"none in {took:.1f} s")
    if took < ENOUGH * HOLD:
        raise Wrong("does-not-hold", f"no answer before {HOLD:g} s are over", f"{answer.status} after {took:.2f} s")
    stand.expect(answer.status, 200, "says-204", "the status")
    stand.expect(answer.texts, [], "wrong-cursor", "its messages")
    stand.expect(answer.field("cursor"), 1, "wrong-cursor", "its cursor")
    answer = soon(beyond, "holds-for-ever")
    found = answer.texts, answer.field("cursor")
    stand.expect(found, ([], 1), "wrong-cursor", "messages and cursor for Eve, who asks after 7")
    if worked > WORK * took:
        share = f"one at work for {worked / took:.0%} of the time"
        raise Wrong("busy-loop", "a program that sleeps while it holds", share)


def answers_when_there_is_news(stand: Stand) -> None:
    """A question that is held is answered as soon as somebody says something."""
    chat = stand.serve()
    ada, ben = chat.client("Ada"), chat.client("Ben")
    ada.send("before")
    held = ben.hold(after=1)
    is_held(held)
    ada.send("news")
    answer = soon(held, "never-woken")
    stand.expect(answer.texts, ["news"], "wrong-cursor", "the texts that Ben gets")
    stand.expect(answer.field("cursor"), 2, "wrong-cursor", "the cursor")


def tells_all_who_wait(stand: Stand) -> None:
    """One message answers everybody who waits for it."""
    chat = stand.serve()
    ada, others = chat.client("Ada"), [chat.client(name) for name in ("Ben", "Cy", "Dee", "Eve", "Fay")]
    for after in (0, 1):
        held = [other.hold(after=after) for other in others]
        is_held(*held)
        ada.send(f"news {after}")
        end = time.monotonic() + SOON
        told = sum(one.answered(max(0, end - time.monotonic())) is not None for one in held)
        if not told:
            raise Wrong("never-woken", f"answers for {len(held)} of {len(held)} who wait", "answers for none")
        if told < len(held):
            raise Wrong("wakes-one", f"answers for {len(held)} of {len(held)} who wait", f"answers for {told}")


def does_not_hear_other_rooms(stand: Stand) -> None:
    """News in another room does not end a hold."""
    chat = stand.serve()
    ada, held = chat.client("Ada"), chat.client("Ben").hold(after=0)
    is_held(held)
    ada.ask("POST", "/rooms/{room}-another/messages", {"id": "m1", "sender": "Ada", "text": "elsewhere"})
    is_held(held, otherwise="woken-by-others")
    ada.send("here")
    stand.expect(soon(held, "never-woken").texts, ["here"], "woken-by-others", "the texts that Ben gets")


def sleeps_until_it_is_woken(stand: Stand) -> None:
    """While it holds questions, nothing wakes it but news."""
    chat = stand.serve()
    idle = chat.program.family.woken(WATCHED)
    held = [chat.client(name).hold(after=0) for name in WAITING]
    is_held(*held)
    most = idle + len(held) // 2
    for _ in range(TIMES):  # a busy machine may wake it once; who looks does so each time
        if (busy := chat.program.family.woken(WATCHED)) <= most:
            break
    chat.client("Ada").send("news")
    for one in held:
        soon(one, "never-woken")
    if busy > most:
        seen = f"it woke {busy} times in {WATCHED:g} s, and {idle} times in as long without a question"
        raise Wrong("wakes-to-look", f"a program that sleeps while it holds {len(held)} questions", seen)


def hears_what_is_said_as_it_asks(stand: Stand) -> None:
    """What is said between any two steps of your program is heard. (The check slows its steps down.)"""
    chat = stand.serve_slowly()
    ada, others = chat.client("Ada"), [chat.client(name) for name in ("Ben", "Cy", "Dee", "Eve")]
    for seq in range(1, MOMENTS + 1):
        held = [other.hold(after=seq - 1) for other in others]
        ada.send(f"word {seq}")
        for one in held:
            stand.expect(soon(one, "lost-in-the-gap").seqs, [seq], "lost-in-the-gap", "the seqs that come")


def loses_nothing_between_two_questions(stand: Stand) -> None:
    """Who goes from cursor to cursor hears each message once, in order, while several speak at once."""
    chat = stand.serve()
    every = list(range(1, len(SPEAKERS) * WORDS + 1))
    with ThreadPoolExecutor() as pool:
        listening = [pool.submit(listen, chat.client(name), len(every)) for name in ("Ben", "Dee")]
        speaking = [pool.submit(speak, chat.client(name)) for name in SPEAKERS]
        heard = [one.result() for one in listening]
        for one in speaking:
            one.result()
    for seqs in heard:
        twice = len(seqs) > len(set(map(str, seqs)))
        stand.expect(seqs, every, "told-twice" if twice else "lost-in-the-gap", "the seqs that a client hears")


def speak(client: Client) -> None:
    for n in range(WORDS):
        client.send(f"word {n}")


def listen(client: Client, total: int) -> list[Any]:
    """The seqs that it hears, from cursor to cursor, until it has all or hears nothing more."""
    cursor, heard = 0, list[Any]()
    for _ in range(total):
        answer = client.hold(after=cursor).answered(SOON)
        if answer is None:
            break
        cursor, heard = answer.field("cursor"), heard + answer.seqs
        if len(heard) >= total:
            break
    return heard


def soon(held: Pending, cause: str) -> Answer:
    """Its answer, which must not take long."""
    answer = held.answered(SOON)
    if answer is None:
        raise Wrong(cause, "an answer at once", f"none in {SOON:g} s")
    return answer


def is_held(*held: Pending, otherwise: str = "does-not-hold") -> None:
    """They have no answer now, nor soon."""
    end = time.monotonic() + STILL
    for one in held:
        answer = one.answered(max(0, end - time.monotonic()))
        if answer is not None:
            raise Wrong(otherwise, "no answer yet", f"{answer.status} {answer.shown}")
