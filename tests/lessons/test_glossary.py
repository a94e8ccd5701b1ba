"""The glossary: every term of the field that the lessons use is in it, once, with the lesson that introduces it."""

import re
from html import unescape
from pathlib import Path

import pytest

from tests.processes import ROOT

LESSONS = ROOT / "lessons"
PAGE = (LESSONS / "glossary.md").read_text()
ENTRY = re.compile(
    r"^- \*\*(?P<term>.+?)\*\*\{ #(?P<id>[a-z0-9-]+) \}: (?P<meaning>.+) \[(?P<title>.+)\]\((?P<page>.+)\)$"
)
ENTRIES = [ENTRY.match(line) for line in PAGE.splitlines() if line.startswith("- ")]
OF_THE_FIELD = (  # each as the field calls it
    "open loop", "open model", "closed loop", "closed model", "spawn rate", "run time", "intended", "delivery latency",
    "throughput", "goodput", "header overhead", "backpressure", "fan-out", "cursor", "epoch", "heartbeat", "drain",
)  # fmt: skip


def title(page: str) -> str:
    return re.search(r"^# (.*)$", (LESSONS / page).read_text(), re.MULTILINE)[1]


def shown(site: Path, page: str) -> str:
    """A page's words, as they are read."""
    html = (site / page.removesuffix(".md") / "index.html").read_text()
    words = re.sub(r"<script.*?</script>|<style.*?</style>|<[^>]*>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(words)).lower()


def test_every_entry_is_a_term_a_sentence_and_a_page():
    assert all(ENTRIES)
    assert [entry["meaning"] for entry in ENTRIES if not re.fullmatch(r"[^.]+(\.\w[^.]*)*\.", entry["meaning"])] == []


def test_terms_stand_once_and_in_order():
    terms = [entry["term"].lower() for entry in ENTRIES]
    assert terms == sorted(set(terms))
    assert len({entry["id"] for entry in ENTRIES}) == len(ENTRIES)


def test_every_term_of_the_field_that_a_lesson_uses_is_there():
    lessons = [path.read_text() for path in LESSONS.glob("*.md") if "\nobjectives:" in path.read_text()]
    used = {term for term in OF_THE_FIELD for text in lessons if term in re.sub(r"\s+", " ", text).lower()}
    assert used and {term for term in used if not re.search(rf"\b{term}", PAGE.lower())} == set()


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["id"])
def test_the_page_that_a_term_names_uses_it(entry, site):
    heading = title(entry["page"])
    number = re.match(r"\d+", heading)
    assert entry["title"] == (f"lesson {number[0]}" if number else heading)
    assert re.search(rf"\b{re.escape(entry['term'].split(' (')[0].lower())}", shown(site, entry["page"]))
