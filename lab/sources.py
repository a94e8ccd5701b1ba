"""Where a figure or a report is from: the recorded run, the code that made it, and the command."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Protocol


class Record(Protocol):
    """A manifest, or observations."""

    @property
    def folder(self) -> str: ...
    @property
    def command(self) -> str: ...
    @property
    def commit(self) -> str | None: ...
    @property
    def dirty(self) -> bool | None: ...


METADATA = """<metadata>
 <rdf:RDF xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="">
   <dc:source>{source}</dc:source>
   <dc:description>{description}</dc:description>
  </rdf:Description>
 </rdf:RDF>
</metadata>
"""  # Dublin Core, as Matplotlib writes it, for a drawing of whatever hand


def run_of(record: Record, where: Path) -> str:
    """The name of the run's folder; of a run from before that was recorded, what the folder is called now."""
    return record.folder or where.name


def made(record: Record, where: Path) -> str:
    """One sentence, for the foot of a report."""
    commit = "a commit that is not known" if record.commit is None else f"commit {record.commit}"
    changed = ", changed since" if record.dirty else ""
    return f"From the recorded run {run_of(record, where)}, made by `{record.command}` at {commit}{changed}."


def sourced(drawing: str, record: Record, where: Path) -> str:
    """An SVG that says in its metadata what it was drawn from."""
    return sourced_from(drawing, [(record, where)])


def sourced_from(drawing: str, runs: Sequence[tuple[Record, Path]]) -> str:
    """The same of a drawing from several runs."""
    source, description = ", ".join(run_of(*run) for run in runs), " ".join(made(*run) for run in runs)
    metadata = METADATA.format(source=escape(source), description=escape(description))
    inside = drawing.index(">", drawing.index("<svg")) + 1
    return f"{drawing[:inside]}\n{metadata}{drawing[inside:].removeprefix(chr(10))}"
