"""The directives: each is replaced by what it names, before the page is parsed."""

import inspect
import re
from collections.abc import Callable
from functools import partial
from textwrap import indent

from markdown import Markdown
from markdown.preprocessors import Preprocessor

from lab.pages import exercises, machine, observed, predict, recorded, sources, verdicts
from lab.pages.refusal import BadPage

DIRECTIVE = re.compile(r"\{\{ *(?P<name>\w+)(?P<words>[^{}]*)\}\}")
Functions = dict[str, Callable[..., str]]
INLINE: Functions = {"value": recorded.value, "ratio": recorded.ratio, "seen": observed.seen}
MARKDOWN: Functions = {
    "table": recorded.table,
    "controls": recorded.asked,
    "source": sources.source,
    "capacity": observed.capacity,
    "probes": machine.probes,
    "exercise": exercises.exercise,
    "exercises": exercises.exercises,
    "claims": verdicts.claims,  # stays in the page, where MkDocs looks for anchors
}
HTML: Functions = {
    "figure": recorded.figure,
    "picture": recorded.picture,
    "claim": verdicts.claim,
    "decisions": verdicts.decisions,
    "observed": observed.observed,
    "faults": observed.faults,
    "timeline": observed.timeline,
}


class Directives(Preprocessor):
    """Replaces each directive, in code as well."""

    md: Markdown

    def run(self, lines: list[str]) -> list[str]:
        functions = INLINE | MARKDOWN | HTML | {"prediction": partial(predict.prediction, "\n".join(lines))}
        return "\n".join(self.line(line, functions) for line in lines).split("\n")

    def line(self, line: str, functions: Functions) -> str:
        """The line; of what stands alone, a block as far in as it stood."""

        def replace(found: re.Match[str]) -> str:
            name, text = found["name"], called(functions, found)
            if name not in INLINE | MARKDOWN:
                text = self.md.htmlStash.store(text)
            if name not in MARKDOWN | HTML:
                return text
            if line.strip() != found[0]:
                raise BadPage(f"{found[0]} must stand on a line of its own.")
            return f"\n{text}\n"

        made = DIRECTIVE.sub(replace, line)
        return indent(made.strip(" "), line[: -len(line.lstrip())]) if "\n" in made else made


def called(functions: Functions, found: re.Match[str]) -> str:
    """What a directive's function gives for its words."""
    name, words = found["name"], found["words"].split()
    if name not in functions:
        raise BadPage(f"There is no directive {name!r}: there are {', '.join(functions)}.")
    parameters = inspect.signature(functions[name]).parameters.values()
    needed = [one for one in parameters if one.default is one.empty]
    if not len(needed) <= len(words) <= len(parameters):
        wanted = [one.name.upper() if one in needed else f"[{one.name.upper()}]" for one in parameters]
        raise BadPage(f"{found[0]} is to be {{{{ {' '.join([name, *wanted])} }}}}.")
    return functions[name](*words)
