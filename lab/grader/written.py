"""What a learner wrote in Markdown: sections, lines that say one thing, tables, and the numbers in them."""

import re
from pathlib import Path

NUMBER = re.compile(r"(?<![\w.,/-])\d[\d,]*(?:\.\d+)?")


class Written:
    """A text with headings of the second level. What is not there is empty."""

    def __init__(self, file: Path) -> None:
        parts = re.split(r"^## +(.+?) *$", file.read_text(encoding="utf-8", errors="replace"), flags=re.MULTILINE)
        self.sections = dict(zip(parts[1::2], parts[2::2], strict=True))

    def lines(self, section: str) -> list[str]:
        return self.sections.get(section, "").splitlines()

    def said(self, section: str, what: str) -> str:
        """The rest of a line that begins with this and a colon."""
        line = re.search(rf"^{what}: *(.*?) *$", self.sections.get(section, ""), re.MULTILINE)
        return line[1].strip("`") if line else ""

    def table(self, section: str) -> list[list[str]]:
        """The cells of its table, the heading first; without the line that divides them."""
        found = [line.strip().strip("|").split("|") for line in self.lines(section) if "|" in line]
        rows = [[cell.strip().strip("`") for cell in line] for line in found]
        return [row for row in rows if not set("".join(row)) <= set("-: ")]

    def numbers(self, section: str) -> list[float]:
        """Those outside of its table."""
        return numbers(" ".join(line for line in self.lines(section) if "|" not in line))


def numbers(text: str) -> list[float]:
    """Those that stand by themselves: not the 95 in p95."""
    return [float(found.replace(",", "")) for found in NUMBER.findall(text)]


def is_rounded(value: float, written: float) -> bool:
    """Whether what is written is the value, or the value with two digits or more that count."""
    return written == value or any(float(f"{value:.{digits}e}") == written for digits in range(1, 17))
