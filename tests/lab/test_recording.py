"""lab/recording.py: a run's rows as numbers, as a table and as figures, each with where it is from."""

import base64
import re

import pytest

from lab import manifest, notebook, report, summary
from lab.errors import BadUse
from lab.recording import Recording
from tests.lab import synthetic


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    where = tmp_path_factory.mktemp("runs") / "rtt"
    synthetic.experiment(where, "rtt")
    report.build(where)
    return Recording("rtt", where, record=manifest.read(where), summary=summary.read(where))


@pytest.fixture(scope="module")
def compared(made_once):
    report.build(made_once)
    return Recording("synthetic", made_once, record=manifest.read(made_once), summary=summary.read(made_once))


def svg(shown):
    found = re.search(r"base64,([^\"]+)", shown.html)
    return base64.b64decode(found[1]).decode()


def test_a_frame_has_a_row_for_each_cell_with_the_interval(swept):
    frame = swept.frame("latency_p50", "ip_bytes")
    assert frame["way"].to_list() == ["SSE", "SSE", "WebSocket", "WebSocket"]
    assert frame["level"].to_list() == [0.0, 50.0, 0.0, 50.0]
    estimate = swept.rows[0]["latency_p50"]
    assert frame.row(0, named=True)["latency_p50_low"] == estimate.low
    assert frame.columns[-3:] == ["ip_bytes", "ip_bytes_low", "ip_bytes_high"]


def test_a_table_says_each_value_with_its_interval_and_the_run(compared):
    lines = repr(compared.table("latency_p50")).splitlines()
    assert lines[0] == " | delivery latency p50, ms"
    assert re.fullmatch(r"Short polling 1 s \| \d+ \(\d+ to \d+\)", lines[1])
    assert lines[-1] == compared.source


def test_ratios_leave_out_what_they_refer_to(compared):
    lines = repr(compared.table("latency_p50", of="versus")).splitlines()
    assert [line.split(" | ")[0] for line in lines[1:4]] == ["Short polling 1 s", "Long polling", "SSE"]
    assert "Times as much as WebSocket" in lines[4]


def test_a_table_may_be_of_some_transports(compared):
    lines = repr(compared.table("latency_p50", transports=["sse"])).splitlines()
    assert [line.split(" | ")[0] for line in lines[:2]] == ["", "SSE"]


@pytest.mark.parametrize("name", ["latency", "tail"])
def test_a_figure_names_its_run_its_command_and_its_commit(swept, name):
    shown = swept.figure(name)
    assert "WebSocket" in svg(shown)
    assert swept.source in shown.text
    assert "made by `" in swept.source and "commit" in swept.source


def test_any_quantity_can_be_drawn_over_the_levels(swept):
    assert "server CPU" in svg(swept.chart("CPU", y="server_cpu"))


def test_every_delivery_is_drawn_with_the_names_of_the_cells(compared):
    drawn = svg(compared.distribution())
    for row in compared.rows:
        assert row.cell.series in drawn


def test_an_unknown_name_is_refused_with_those_that_there_are(swept, compared):
    with pytest.raises(BadUse, match="latency, tail"):
        swept.figure("knee")
    with pytest.raises(BadUse, match="There is no quantity 'speed'"):
        swept.table("speed")
    with pytest.raises(BadUse, match="no levels"):
        compared.chart("CPU", y="server_cpu")


def test_a_recording_says_what_was_asked_how_often_and_where(swept):
    told = repr(swept)
    assert told.startswith("rtt: What does each millisecond of distance cost a transport?")
    assert "8 runs" in told and swept.source in told


def test_the_recorded_comparison_can_be_shown():
    assert "WebSocket" in svg(notebook.find("irc-room").figure("wait-and-bytes"))
