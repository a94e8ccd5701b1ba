"""The widgets of the course, and the data that they draw, in the page itself: a Python-Markdown extension.

A page opened from a file may load neither a module nor data, so what a widget needs stands in the page as JSON, written
anew by every build from the recorded runs and from the model. A page without a widget gets nothing.
"""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor

from lab import summary
from lab.model import export
from lab.quantities import QUANTITIES

REFERENCE = Path(__file__).parent.parent / "results" / "reference"
RUN = "irc-room"  # what `lab compare` measures by default
SHOWN = ("latency_p50", "latency_p95", "ip_bytes", "requests", "server_cpu")
WIDGETS = {
    "wait-timeline": ("wire",),
    "my-run": ("reference",),
    "frame-lab": (),
    "cost-crossover": ("wire", "machine"),
}
WITHOUT_SCRIPTS = "<noscript><p>Here is something to play with. It needs JavaScript.</p></noscript>"


@cache
def data(name: str) -> str:
    """What a widget finds under this name, as JSON that is safe inside a page."""
    made: dict[str, Callable[[], object]] = {
        "wire": export.wire, "machine": lambda: export.machine(REFERENCE), "reference": reference,
    }  # fmt: skip
    return json.dumps(made[name](), separators=(",", ":")).replace("<", "\\u003c")


def reference() -> dict[str, object]:
    """The run that a reader's own is laid over: the quantities that are drawn, each with its interval."""
    found = summary.read(REFERENCE / RUN)
    cells = [
        {"transport": row.cell.transport, "poll_interval_s": row.cell.poll_interval_s, "title": row.title,
         "figures": {key: [row[key].value, row[key].low, row[key].high] for key in SHOWN}}
        for row in found.cells
    ]  # fmt: skip
    quantities = [{"key": each.key, "title": each.title, "unit": each.unit} for each in QUANTITIES if each.key in SHOWN]
    return {"run": f"results/reference/{RUN}", "scenario": found.scenario, "repeats": found.repeats,
            "schema_version": summary.SCHEMA_VERSION, "quantities": quantities, "cells": cells}  # fmt: skip


class Data(Postprocessor):
    """Puts the data of a page's widgets at its end."""

    def run(self, text: str) -> str:
        needed: dict[str, None] = {}
        for widget, names in WIDGETS.items():
            if f"<{widget}>" in text:
                needed |= dict.fromkeys(names)
                text = text.replace(f"<{widget}>", f"<{widget}>{WITHOUT_SCRIPTS}")
        scripts = [f'<script type="application/json" data-widgets="{name}">{data(name)}</script>' for name in needed]
        return "\n".join([text, *scripts])


class Widgets(Extension):
    """Lets a widget stand on a line of its own, and brings its data."""

    def extendMarkdown(self, md: Markdown) -> None:
        md.block_level_elements += WIDGETS
        md.postprocessors.register(Data(md), "widgets", 5)  # when what is raw HTML is in its place again


def makeExtension(**settings: Any) -> Widgets:
    """What Python-Markdown calls."""
    return Widgets(**settings)
