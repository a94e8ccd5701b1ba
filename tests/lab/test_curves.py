"""lab/curves.py and lab/reading.py: what an experiment's numbers look like, and what is said of them."""

import re

import msgspec
import pytest

from lab import curves, manifest, reading, report, summary, sweep
from lab.joins import read_tables
from lab.plan import Cell
from lab.stats import Estimate
from tests.lab import synthetic

SWEEP = sweep.Sweep(
    name="made-up",
    title="Made up",
    question="What if?",
    varies="workload.rate_per_s",
    axis="messages a second",
    levels=(1.0, 10.0, 100.0),
    transports=("short-polling", "websocket"),
    charts=(
        sweep.Chart("latency", "The wait", "latency_p50"),
        sweep.Chart("both", "Wait and CPU", "server_cpu", x="latency_p50", y_scale="linear"),
        sweep.Chart("rows", "Every cell", "ip_bytes", x="cell"),
    ),
)
MEDIANS = {
    Cell("short-polling", 1.0, level): 500.0 for level in SWEEP.levels
} | {Cell("websocket", None, level): 2.0 * level for level in SWEEP.levels}  # fmt: skip


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    where = tmp_path_factory.mktemp("made-up")
    record = synthetic.comparison(where, MEDIANS)
    tables, _ = read_tables(where)
    return where, record, summary.summarise(record, tables)


def test_each_level_is_compared_with_the_reference_of_that_level_and_the_first_of_its_line(found):
    rows = {row.cell: row for row in found[2].cells}
    top = rows[Cell("short-polling", 1.0, 100.0)]
    assert top.versus["latency_p50"].value == pytest.approx(2.5, rel=0.02)
    assert rows[Cell("websocket", None, 100.0)].growth["latency_p50"].value == pytest.approx(100, rel=0.02)
    assert rows[Cell("websocket", None, 1.0)].growth == {} and rows[Cell("websocket", None, 1.0)].versus == {}


def test_the_figures_are_the_same_to_the_byte_and_name_every_line(found, tmp_path):
    drawn = curves.draw(SWEEP, found[2])
    assert drawn == curves.draw(SWEEP, found[2])
    assert set(drawn) == {"latency", "both", "rows"}
    for name in ("latency", "both"):
        texts = re.findall(r"<text[^>]*>([^<]+)</text>", drawn[name])
        assert {"Short polling 1 s", "WebSocket"} <= set(texts)
    assert "messages a second" in drawn["latency"]


def test_what_is_zero_has_a_place_on_the_axis(found):
    first, *others = found[2].cells
    nothing = msgspec.structs.replace(first, figures=first.figures | {"latency_p50": Estimate(0.0, 0.0, 0.0)})
    drawn = {}
    for name, cells in (("none", found[2].cells), ("one", [nothing, *others])):
        drawn[name] = curves.draw(SWEEP, msgspec.structs.replace(found[2], cells=cells))["latency"]
    assert "(logarithmic axis)" in drawn["none"] and "(logarithmic axis)" not in drawn["one"]


def test_the_reading_says_what_grows_what_does_not_and_by_how_much(found):
    said = reading.paragraph(SWEEP, found[2])
    assert "from 1 to 100 (messages a second)" in said
    assert "short polling every second does not change detectably" in said
    assert re.search(r"WebSocket goes from 2\.\d\d ms to 20\d ms, 100 times as much", said)
    assert re.search(r"At 1, against WebSocket: short polling every second 2\d\d times", said)


def test_the_report_holds_question_figures_and_reading(found):
    where, record, _ = found
    manifest.write(where, msgspec.structs.replace(record, experiment=msgspec.to_builtins(SWEEP)))
    report.build(where)
    page = (where / "report.html").read_text()
    assert "What if?" in page and page.count("<figure>") == 3
    assert "does not change detectably" in page
