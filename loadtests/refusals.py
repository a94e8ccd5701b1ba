"""What is wrong with a file that somebody wrote, in plain words."""

import re
from collections.abc import Iterable, Mapping

import msgspec

TYPES = {r"int \| float": "a number", "int": "a whole number", "float": "a number", "str": "text", "array": "a list",
         "object": "a table", "bool": "true or false"}  # fmt: skip
PLAIN = {
    r"^Expected (.*), got (.*)$": r"must be \1, not \2",
    r"^Expected ": "must be ",
    r" of length >= (.*)$": r" with at least \1",
    r" matching regex ": " that matches ",
    r" >= (?=[\d.]+$)": " of at least ",
    r" <= (?=[\d.]+$)": " of at most ",
    r" > (?=[\d.]+$)": " above ",
    r"^Object missing required field (.*)$": r"the field '\1' is missing",
    r"^Object contains unknown field (.*)$": r"there is no field '\1'",
    r"^Invalid (?:enum )?value (.*)$": r"there is no \1",
}
"""msgspec's words for what is wrong, and ours."""


class ScenarioError(Exception):
    """What is wrong with a scenario and where, in one sentence."""


def sentence(error: msgspec.ValidationError, choices: Mapping[str, Iterable[str]] = {}) -> str:
    """msgspec's message in plain words, the field in front: `duration_s: must be a number of at most 3600.`

    Of a field that is in `choices`, what there is to choose from is said too.
    """
    what, _, where = str(error).replace("`", "").partition(" - at $")
    field = where.removeprefix(".")
    for pattern, words in PLAIN.items():
        what = re.sub(pattern, words, what)
    for word, plain in TYPES.items():
        what = re.sub(rf"(?<=be |ot ){word}\b", plain, what)
    if (name := field.rpartition(".")[2]) in choices and "there is no" in what:
        what += f": choose from {', '.join(choices[name])}"
    return f"{field}: {what}." if field else f"{what[0].upper()}{what[1:]}."
