"""The teachers' pack, as it was written."""

import re

from tests.lessons.course import LESSONS, Page
from tests.processes import ROOT

INSTRUCTOR = ROOT / "instructor"
NOTES = {str(lesson): (lesson, Page(INSTRUCTOR / "notes" / f"{lesson}.md")) for lesson in LESSONS}
DECK = Page(INSTRUCTOR / "slides" / "part-1.md")
FENCE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
HEADINGS = re.findall(r"^##? (.*)$", FENCE.sub("", DECK.text), re.MULTILINE)
PAGES = sorted(INSTRUCTOR.rglob("*.md"))
TOLD = [path for path in PAGES if path.parent.name in ("instructor", "notes", "plans", "slides")]  # and not asked
