"""A page of Markdown to print: one HTML file that needs nothing else, for a sheet of A4 or Letter.

python -m lab.printed instructor/live-lesson.md build/live-lesson.html
"""

import re
import sys
from pathlib import Path

from markdown import Markdown
from markupsafe import Markup

from lab import report
from lab.answers import BAD_USE
from lab.errors import BadUse

ELSEWHERE = re.compile(r'<a href="\.\./[^"]*">(.*?)</a>')  # on paper a link into the repository leads nowhere


def build(source: Path, to: Path) -> None:
    """Write the file."""
    try:
        text = source.read_text(encoding="utf-8")
    except OSError as error:
        raise BadUse(f"{source} cannot be read ({error.strerror}): it is made where instructor/ is.") from None
    content = ELSEWHERE.sub(r"\1", Markdown(extensions=["tables"]).convert(text))
    title = text.splitlines()[0].lstrip("# ")
    to.parent.mkdir(parents=True, exist_ok=True)
    page = report.template("printed.html").render(title=title, content=Markup(content))
    to.write_text(page, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    try:
        build(*map(Path, sys.argv[1:]))
    except BadUse as error:
        print(f"printed: {error}", file=sys.stderr)
        sys.exit(BAD_USE)
    print(f"Open {sys.argv[2]} and print it: it is one page.")
