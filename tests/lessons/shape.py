"""The shape of what is shown: its words, without the numbers, which differ each time."""

import re

REST = "…"  # stands for the rest of a line, and alone in a line for any lines


def shape(text: str) -> str:
    """Each number as 0, each run of blanks or of a rule as one, no empty lines."""
    text = re.sub(r"\d+(?:[.,]\d+)*", "0", text)
    text = re.sub(r"([─━═-])\1+", r"\1", re.sub(r"[^\S\n]+", " ", text))
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def pattern(text: str) -> str:
    """A regular expression for what has the same shape as a page's text."""
    found = (re.escape(line).replace(REST, ".*") + r"\n" for line in shape(text).splitlines())
    return "".join(r"(.+\n)*" if line == r".*\n" else line for line in found)


def is_like(seen: str, text: str) -> bool:
    """Whether what was seen is, from its first line to its last, what the page shows."""
    return re.fullmatch(pattern(text), shape(seen) + "\n") is not None


def are_among(seen: list[str], text: str) -> bool:
    """Whether the lines that the page shows are among those seen, in that order and word by word, but for blanks."""
    rest = iter([line.split() for line in seen])
    return all(line.split() in rest for line in text.splitlines() if line.strip())
