"""The notebooks as pages of the site: executed from the recorded runs, written as Markdown with their figures.

    python -m lab.notebook_pages

A page is made again when its notebook, the recorded runs, or code or packages that read them have changed.
"""

import base64
import hashlib
import os
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path
from typing import Any

from lab import report, showing

ROOT = Path(__file__).parent.parent
NOTEBOOKS = ROOT / "notebooks"
PAGES = ROOT / "lessons" / "notebooks"
READ = ("lab", "loadtests", "results/reference", "requirements-dev.lock")  # by every notebook
FIGURE = re.compile(r'<img [^>]*alt="([^"]*)" src="data:image/svg\+xml;base64,([^"]+)">')
LOOKS = (  # what an output brings along for Jupyter, and what the site's own look has instead
    (f'style="{showing.SMALL}"', 'class="from"'),
    (f'style="{showing.CELL};white-space:nowrap"', 'class="number"'),
    (f'style="{showing.CELL}"', 'class="number"'),
    (f'style="{showing.WORDS};white-space:nowrap"', 'class="name"'),
    (f' style="{showing.WORDS}"', ""),
    ('<figure style="margin:0">', "<figure>"),
    ('<div style="overflow-x:auto">', '<div class="scroll cards" tabindex="0" role="group" aria-label="Table">'),
)


def main() -> None:
    """Make the pages that are not up to date, as many at once as there are CPUs."""
    stale = [source for source in sorted(NOTEBOOKS.glob("*.py")) if not current(source)]
    if stale:
        print(f"Executing {len(stale)} notebooks for the site ...", flush=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(make, stale):
            pass  # an error in one is raised here


def page_of(source: Path) -> Path:
    return PAGES / f"{source.stem}.md"


def current(source: Path) -> bool:
    """Whether a notebook's page is there and says that it was made from what is here now."""
    page = page_of(source)
    return page.exists() and f"\nmade_from: {digest(source)}\n" in page.read_text(encoding="utf-8")


def digest(source: Path) -> str:
    """Of all that a page is made from."""
    made_from = hashlib.sha256(sys.version.encode() + source.read_bytes())
    for path in sorted(path for name in READ for path in files(ROOT / name)):
        made_from.update(f"{path} {path.stat().st_size} ".encode() + path.read_bytes())
    return made_from.hexdigest()


def files(where: Path) -> list[Path]:
    found = where.rglob("*") if where.is_dir() else [where]
    return [path for path in found if path.is_file() and "__pycache__" not in path.parts]


def make(source: Path) -> Path:
    """Execute a notebook and write its page, whole or not at all."""
    made_from = digest(source)
    told = "\n\n".join(markdown(executed(source), source.stem))
    page = page_of(source)
    page.parent.mkdir(exist_ok=True)
    unfinished = page.with_name(f".{page.name}.{os.getpid()}")
    title = told.partition("\n")[0].removeprefix("# ")
    unfinished.write_text(f'---\ntitle: "{title}"\nmade_from: {made_from}\n---\n\n{told}\n', encoding="utf-8")
    return unfinished.replace(page)


def executed(source: Path) -> Any:
    """The notebook with its outputs; nbclient.CellExecutionError where a cell fails."""
    import jupytext
    from nbclient import NotebookClient

    notebook = jupytext.read(source)
    quiet = ["--log-level=ERROR"]
    client = NotebookClient(notebook, extra_arguments=quiet, resources={"metadata": {"path": NOTEBOOKS}})
    return client.execute(env=os.environ | {"PYTHONPATH": str(ROOT)})


def markdown(notebook: Any, name: str) -> Iterator[str]:
    """The cells in their order, and after each piece of code what it showed."""
    prose, *cells = notebook.cells
    heading, _, rest = prose.source.partition("\n")
    yield heading
    yield (f'<p class="from">This page is <code>notebooks/{name}.py</code>, executed from the recorded runs. '
           "To change it and run it yourself: <code>make notebooks</code>.</p>")  # fmt: skip
    yield rest.strip()
    for number, cell in enumerate(cells):
        if cell.cell_type == "markdown":
            yield cell.source
        else:
            yield f"```python\n{cell.source}\n```"
            yield from (shown(output, f"{name}-{number}") for output in cell.outputs)


def shown(output: Any, name: str) -> str:
    """One output: HTML on a single line, which Markdown leaves alone, or text as it was printed."""
    data = output.get("data", {})
    if "text/html" not in data:
        return f"```text\n{(output.get('text') or data['text/plain']).rstrip()}\n```"
    html: str = data["text/html"]
    for jupyters, ours in LOOKS:
        html = html.replace(jupyters, ours)
    drawn = FIGURE.sub(lambda found: drawing(unescape(found[1]), found[2], name), html)
    return f'<div class="output">{" ".join(drawn.split())}</div>'


def drawing(title: str, encoded: str, name: str) -> str:
    """A figure in the page's own ink, as the lessons have theirs."""
    return report.inlined(base64.b64decode(encoded).decode(), name, title)


if __name__ == "__main__":
    main()
