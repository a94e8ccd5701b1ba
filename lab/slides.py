"""Slides from Markdown: one HTML file, with the lessons' own figures, sources and values, by the same directives.

    python -m lab.slides instructor/slides/part-1.md build/slides/part-1.html

A line of `---` begins a slide. An `<aside markdown>` is for the speaker's eyes: a key shows it.
"""

import re
import sys
from pathlib import Path

from markdown import Markdown
from markupsafe import Markup

from lab import palette, report
from lab.answers import BAD_USE
from lab.errors import BadUse

EXTENSIONS = ["tables", "attr_list", "md_in_html", "lab.pages", "pymdownx.superfences"]
NEXT = "<hr />"  # what Markdown makes of a line of ---


def main(source: str, to: str) -> None:
    made = build(Path(source), Path(to))
    print(f"{made} slides: open {to} (arrows turn, n shows the notes, d changes light and dark)")


def build(source: Path, to: Path) -> int:
    """Write the file, and say how many slides it has."""
    try:
        text = source.read_text(encoding="utf-8")
    except OSError as error:
        raise BadUse(f"{source} cannot be read ({error.strerror}): slides are made where instructor/ is.") from None
    slides = slides_of(text)
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(page(slides), encoding="utf-8", newline="\n")
    return len(slides)


def slides_of(text: str) -> list[str]:
    """The HTML of each slide. All are read as one page, so that a prediction is answered some slides later."""
    return [slide.strip() for slide in Markdown(extensions=EXTENSIONS).convert(text).split(NEXT)]


def page(slides: list[str]) -> str:
    """All that a browser needs, in one file."""
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", "".join(slides), re.DOTALL)
    if not heading:
        raise BadUse("The first slide needs a title: a line that begins with #.")
    return report.template("slides.html").render(
        title=Markup(re.sub(r"<[^>]*>", "", heading[1])),
        slides=[Markup(slide) for slide in slides],
        palette=Markup(palette.CSS.read_text(encoding="utf-8")),
    )


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except BadUse as error:
        print(f"slides: {error}", file=sys.stderr)
        sys.exit(BAD_USE)
