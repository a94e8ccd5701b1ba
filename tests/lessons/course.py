"""The pages of the course as their authors wrote them."""

import re
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from lab.pages.asking import headed
from lab.pages.directives import DIRECTIVE
from tests.processes import ROOT

FRONT = re.compile(r"\A---\n(.*?)^---\n", re.DOTALL | re.MULTILINE)
FENCE = re.compile(r"^ *(`{3,}).*?^ *\1`* *$", re.DOTALL | re.MULTILINE)
NUMBERED = re.compile(r"^ +- (?:\d+ [^:]*|Choose[^:]*): (\S+\.md)$", re.MULTILINE)


class Page:
    """`front` is what stands between the rules at its head, `text` all below."""

    def __init__(self, path: Path) -> None:
        self.path = path
        whole = path.read_text(encoding="utf-8")
        head = FRONT.match(whole)
        self.front: dict[str, Any] = yaml.safe_load(head[1]) if head else {}
        self.text = whole[head.end() :] if head else whole

    def __str__(self) -> str:
        return self.path.relative_to(ROOT / "lessons").with_suffix("").as_posix()

    @cached_property
    def sections(self) -> list[str]:
        return re.findall(r"^## (.*?) *$", FENCE.sub("", self.text), re.MULTILINE)

    def section(self, name: str) -> str:
        """What stands under a heading."""
        return re.split(r"^## ", FENCE.sub("", self.text).partition(f"\n## {name}\n")[2], flags=re.MULTILINE)[0]

    def asked(self, kind: str) -> list[tuple[str, dict[str, Any]]]:
        """The id and the options of each quiz, or of each prediction."""
        return list(headed(self.text, kind.removesuffix("s")))

    @cached_property
    def directives(self) -> list[list[str]]:
        return [[found["name"], *found["words"].split()] for found in DIRECTIVE.finditer(self.text)]

    @property
    def prose(self) -> str:
        """Without code, directives, addresses, and the options of blocks."""
        options = re.sub(r"^(/{3,} .*\n)((?: {4,}.*\n)*)", r"\1", FENCE.sub("", self.text), flags=re.MULTILINE)
        return re.sub(r"\{\{.*?\}\}|`[^`]*`|\]\([^)]*\)|<[^>]*>", " ", options)


GENERATED = ROOT / "lessons" / "notebooks"
PAGES = [Page(path) for path in sorted((ROOT / "lessons").rglob("*.md")) if GENERATED not in path.parents]
IN_NAV = {ROOT / "lessons" / name for name in NUMBERED.findall((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))}
LESSONS = [page for page in PAGES if page.path in IN_NAV or "teaching_min" in page.front]
