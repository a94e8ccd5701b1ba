"""The lesson, read from lesson.toml: its phases, the vote, and the exit ticket."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from lab.live.frames import PHASES, TRANSPORTS, Phase, Transport
from lab.plan import TITLES

FILE = Path(__file__).with_name("lesson.toml")
CHOICES = ("a", "b", "c")


class Step(Struct, frozen=True, forbid_unknown_fields=True):
    """A phase: among which transports members are shared out (none: each stays), and what is set for it."""

    name: Phase
    minutes: float
    transports: list[Transport]
    title: str
    said: str
    rtt_ms: float = 0.0
    robot_per_s: float = 0.0
    poll_s: float = 5.0

    @property
    def compared(self) -> bool:
        """Whether it is one in which people send and see, and nothing is asked."""
        return self.name not in ("vote", "ticket", "over")


class Vote(Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    text: str


class Item(Struct, frozen=True, forbid_unknown_fields=True):
    """A question of the ticket."""

    text: str
    right: str
    a: str
    b: str
    c: str

    def choices(self) -> list[tuple[str, str]]:
        return [(id, getattr(self, id)) for id in CHOICES]


class Lesson(Struct, frozen=True, forbid_unknown_fields=True):
    phases: list[Step]
    vote: Vote
    ticket: list[Item]

    def step(self, phase: Phase) -> Step:
        return self.phases[PHASES.index(phase)]

    def question(self, phase: Phase) -> dict[str, Any] | None:
        """What members are asked in it: `{title, items: [{text, choices: [{id, text}]}]}`. What is right stays here."""
        if phase == "vote":
            choices = [(transport, TITLES[transport]) for transport in TRANSPORTS]
            return {"title": self.vote.title, "items": [asked(self.vote.text, choices)]}
        if phase == "ticket":
            return {"title": "Before you go", "items": [asked(item.text, item.choices()) for item in self.ticket]}
        return None

    def answered(self, tickets: Iterable[tuple[str, ...]]) -> dict[str, Any]:
        """Who took what of each item, as the projector shows it."""
        handed = list(tickets)
        items = [
            {"text": item.text, "choices": [
                {"id": id, "text": text, "count": sum(ticket[n] == id for ticket in handed), "right": id == item.right}
                for id, text in item.choices()
            ]}
            for n, item in enumerate(self.ticket)
        ]  # fmt: skip
        return {"handed": len(handed), "items": items}

    def takes(self, answers: tuple[str, ...]) -> bool:
        """Whether these are answers to its ticket."""
        return len(answers) == len(self.ticket) and all(answer in CHOICES for answer in answers)


def asked(text: str, choices: Iterable[tuple[str, str]]) -> dict[str, Any]:
    return {"text": text, "choices": [{"id": id, "text": words} for id, words in choices]}


def read() -> Lesson:
    """The lesson as the file has it, a step for each phase, in their order."""
    lesson = msgspec.convert(tomllib.loads(FILE.read_text(encoding="utf-8")), Lesson)
    assert tuple(step.name for step in lesson.phases) == PHASES
    return lesson
