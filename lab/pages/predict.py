"""A prediction: what the reader expects, asked before and shown again beside what was measured.

    /// predict | poll-wait
        answer: irc-room short-polling@1s latency_p50

    How long does a message wait for Ben, typically, in milliseconds?
    ///

`answer` is the words of a value, or `ratio` and its words. A guess among few has `choice: a | b | c` and `right: b`.
Without a script the box asks only, and `{{ prediction poll-wait }}` says what was measured.
"""

from html import escape
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element, SubElement

from lab import wording
from lab.pages import recorded
from lab.pages.asking import Asking, headed, options
from lab.pages.refusal import BadPage
from lab.stats import Estimate

TIMES = "times"


class Measured(NamedTuple):
    """What is predicted. A share is in percent, so that it is written as people say it."""

    estimate: Estimate
    unit: str

    @property
    def words(self) -> str:
        """`<strong>512 ms</strong> (490 to 540)`."""
        shown = escape(recorded.with_unit(self.estimate, self.unit))
        within = wording.interval(self.estimate, "share" if self.unit.startswith("share") else "")
        return f"<strong>{shown}</strong>{f' ({within})' if within else ''}"

    @property
    def facts(self) -> dict[str, str]:
        """What a script needs to compare with."""
        kind, _, of = self.unit.partition(" ")
        scale = 100 if kind == "share" else 1
        ends = {"value": self.estimate.value, "low": self.estimate.low, "high": self.estimate.high}
        found = {f"data-{name}": f"{scale * end:.6g}" for name, end in ends.items() if end is not None}
        return found | {"data-unit": f"% {of}".strip() if kind == "share" else self.unit}


class Predict(Asking):
    NAME = "predict"
    OPTIONS = options(answer=None, choice=None, right=None)

    def check(self) -> None:
        answered(self.id, self.options)

    def fill(self, block: Element, content: list[Element]) -> list[Element]:
        found = answered(self.id, self.options)
        if isinstance(found, Measured):
            block.set("data-unit", found.facts["data-unit"])
        else:
            choices = SubElement(block, "ul", {"class": "choices"})
            for choice in choices_of(self.options):
                SubElement(choices, "li", {"data-choice": choice}).text = choice
        paper = "Write your guess down. You will see it again beside the answer."
        SubElement(block, "p", {"class": "on-paper"}).text = paper
        return content


def prediction(page: str, id: str) -> str:
    """What was measured, for a script to put the reader's own beside it."""
    said = dict(headed(page, "predict")).get(id)
    if said is None:
        raise BadPage(f"{{{{ prediction {id} }}}}: this page has no /// predict | {id}.")
    found = answered(id, said)
    if isinstance(found, Measured):
        facts, words = found.facts, f'It was <span class="measured">{found.words}</span>.'
    else:
        right = f'<strong class="measured">{escape(found)}</strong>'
        facts, words = {"data-right": found}, f"The answer is {right}."
    data = "".join(f' {name}="{escape(text)}"' for name, text in facts.items())
    return f'<span class="prediction" data-of="{id}"{data}>{words}</span>'


def answered(id: str, said: dict[str, Any]) -> Measured | str:
    """What a prediction's options say is so: a recorded number, or the choice that is right."""
    answer, choices, right = said.get("answer"), choices_of(said), str(said.get("right"))
    if isinstance(answer, str) and not choices:
        return measured(id, answer.split())
    if answer is None and len(choices) > 1 and right in choices:
        return right
    raise BadPage(f"/// predict | {id}: it has `answer:` with a value's words, or `choice: a | b | c` and `right: b`.")


def choices_of(said: dict[str, Any]) -> list[str]:
    return [choice.strip() for choice in str(said.get("choice") or "").split("|") if choice.strip()]


def measured(id: str, words: list[str]) -> Measured:
    kind, rest = (words[0], words[1:]) if words and words[0] in ("value", "ratio") else ("value", words)
    if len(rest) != 3:
        raise BadPage(f"/// predict | {id}: `answer:` is RUN CELL KEY, or ratio RUN CELL KEY.")
    if kind == "ratio":
        return Measured(recorded.compared(*rest), TIMES)
    row, estimate = recorded.measured(*rest)
    if row.verdict.of(rest[2:]).valid is False:
        raise BadPage(f"/// predict | {id}: {rest[1]} is not valid in {rest[0]}, so there is no answer.")
    return Measured(estimate, recorded.UNITS[rest[2]])
