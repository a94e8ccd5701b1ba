"""The figures."""

import itertools
import re
import xml.etree.ElementTree as ET

import pytest

from lab import joins, manifest, palette, plots, summary
from lab.plan import Cell
from tests.lab import synthetic


@pytest.fixture(scope="module")
def drawn(made_once):
    tables, _ = joins.read_tables(made_once)
    return plots.draw(summary.summarise(manifest.read(made_once), tables))


def words(svg):
    return " ".join(
        "".join(element.itertext()) for element in ET.fromstring(svg).iter() if element.tag.endswith("text")
    )


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("wait-and-bytes", "in ms (logarithmic axis)"),
        ("wait-and-bytes", "IP bytes for each delivered message (logarithmic axis)"),
        ("delivery-latency", "in ms (logarithmic axis)"),
        ("bytes-per-message", "bytes for each delivered message (logarithmic axis)"),
        ("server-cpu", "(µs)"),
    ],
)
def test_every_axis_names_its_unit_and_its_scale(drawn, name, unit):
    assert unit in words(drawn[name])


def test_text_is_text_and_every_cell_is_named_beside_its_marks(drawn):
    for svg in drawn.values():
        for title in ("Short polling 1 s", "Long polling", "SSE", "WebSocket"):
            assert title in words(svg)


def test_nothing_in_a_figure_changes_with_the_date_or_points_elsewhere(drawn):
    for svg in drawn.values():
        assert "<metadata" not in svg and "DOCTYPE" not in svg
        assert "://" not in re.sub(r'xmlns(:\w+)?="[^"]*"', "", svg)


def test_each_transport_has_its_colour_from_the_palette(drawn):
    for svg in drawn.values():
        for transport in ("short-polling", "long-polling", "sse", "websocket"):
            assert palette.look(transport).color.lower() in svg.lower()


def test_a_cell_that_is_not_valid_is_hollow_and_named_so(tmp_path):
    synthetic.comparison(tmp_path, {Cell("sse"): 3.0}, generator_cpu=0.9)
    tables, _ = joins.read_tables(tmp_path)
    for svg in plots.draw(summary.summarise(manifest.read(tmp_path), tables)).values():
        assert "(not valid)" in words(svg)
        marks = re.findall(r'<use [^>]*style="fill: (#\w+); stroke: (#\w+); stroke-linejoin', svg)
        assert set(marks) == {(palette.paper().lower(), palette.look("sse").color.lower())}


def test_who_only_sent_late_is_hollow_where_waits_are_shown_and_nowhere_else(tmp_path):
    synthetic.comparison(tmp_path, {Cell("sse"): 3.0}, send_lag_ms=500)
    tables, _ = joins.read_tables(tmp_path)
    found = plots.draw(summary.summarise(manifest.read(tmp_path), tables))
    named = {name for name, svg in found.items() if "(not valid)" in words(svg)}
    assert named == {"wait-and-bytes", "delivery-latency"} < set(found)


def test_names_of_points_that_lie_together_do_not_lie_on_each_other(tmp_path):
    close = {Cell("long-polling"): 3.0, Cell("sse"): 3.01, Cell("websocket"): 3.02}
    synthetic.comparison(tmp_path, close)
    tables, _ = joins.read_tables(tmp_path)
    svg = plots.draw(summary.summarise(manifest.read(tmp_path), tables))["wait-and-bytes"]
    heights = [float(y) for y in re.findall(r'y="([\d.]+)"[^>]*>(?:Long polling|SSE|WebSocket)<', svg)]
    heights.sort()
    assert len(heights) == 3 and min(b - a for a, b in itertools.pairwise(heights)) >= 10
