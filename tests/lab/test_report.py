"""The report: whole, readable, and the same whenever it is rebuilt."""

import json
import re
from html.parser import HTMLParser

import pytest

from lab import manifest, report, wording
from lab.errors import BadUse
from lab.plan import Cell
from tests.lab import synthetic


def contents(where):
    return {path.relative_to(where): path.read_bytes() for path in sorted(where.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def page(made_once):
    report.build(made_once)
    return (made_once / "report.html").read_text(encoding="utf-8")


def test_a_rebuild_gives_the_same_bytes(run_folder):
    report.build(run_folder)
    first = contents(run_folder)
    for path in [*run_folder.glob("figures/*"), run_folder / "report.html", run_folder / "summary.json"]:
        path.unlink()
    report.build(run_folder)
    assert contents(run_folder) == first
    assert len([path for path in first if path.suffix == ".svg"]) == 4


def test_it_loads_nothing_from_anywhere(page):
    namespaces = re.sub(r'xmlns(:\w+)?="[^"]*"', "", page)
    assert "://" not in namespaces
    assert not re.search(r'(src|href)="(?!#)', namespaces)
    assert "<script" not in page and "@import" not in page


def test_it_explains_the_percentiles_with_its_own_numbers(page):
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))
    assert "half of all deliveries took at most 509 ms" in text
    assert "95 in 100 took at most" in text and "the slowest 1 in 100:" in text
    assert "It comes from how much 3 runs differed from each other, and is wide" in text


def test_every_figure_has_its_numbers_as_a_table(page):
    assert page.count("<figure>") == page.count("<svg role=") == page.count("<details>") == 4


def test_every_cell_has_its_sentence_and_every_id_is_one_elements(page):
    for words in ("With short polling every second", "With long polling", "With SSE", "With WebSocket"):
        assert words in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_it_is_well_formed(page):
    """Every element that is opened is closed, in order."""
    void, stack = {"meta", "circle", "rect", "path", "use", "br"}, []

    class Checker(HTMLParser):
        def handle_starttag(self, tag, attrs):
            if tag not in void:
                stack.append(tag)

        def handle_startendtag(self, tag, attrs):
            pass

        def handle_endtag(self, tag):
            if tag not in void:
                assert stack.pop() == tag

    Checker().feed(page)
    assert stack == []


def test_the_floor_stands_beside_each_row_that_has_one(tmp_path):
    medians = {Cell("short-polling", 1.0): 500.0, Cell("short-polling", 3.0): 1_500.0, Cell("sse"): 3.0}
    synthetic.comparison(tmp_path / "run", medians, floor_ms=0.125)
    found = report.build(tmp_path / "run")
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert page.count("<td>0.125</td>") == 2 and not found.notices
    assert wording.floor(found).count("0.125 ms") == 2


def test_a_row_that_is_not_valid_says_so_and_why(tmp_path):
    synthetic.comparison(tmp_path / "run", {Cell("sse"): 3.0}, blocks=2, generator_cpu=0.9)
    report.build(tmp_path / "run")
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "This row is not valid" in page and 'class="invalid"' in page
    assert "the generator used 90 % of a CPU" in page
    assert page.count('fill="var(--paper)"') == 1  # its mark is hollow


def test_what_this_machine_lacks_is_said(tmp_path):
    record = synthetic.comparison(tmp_path / "run", {Cell("sse"): 3.0})
    capabilities = record.capabilities | {"steal": False, "node": False}
    manifest.write(tmp_path / "run", manifest.msgspec.structs.replace(record, capabilities=capabilities))
    report.build(tmp_path / "run")
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "A busy host goes unnoticed" in page and "No other server" not in page


def test_where_ip_bytes_are_not_measured_it_says_so_and_draws_the_socket_bytes(tmp_path):
    record = synthetic.comparison(tmp_path / "run", {Cell("sse"): 3.0, Cell("websocket"): 2.0}, ip=False)
    manifest.write(tmp_path / "run", manifest.msgspec.structs.replace(record, capabilities={"tcp_info": False}))
    report.build(tmp_path / "run")
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "not measured here: it takes Linux" in page
    behind = page[page.index("The numbers in this figure") :].partition("</details>")[0]
    assert "socket bytes<small>B per message" in behind and "IP bytes" not in behind
    assert "socket bytes for each" in (tmp_path / "run" / "figures" / "wait-and-bytes.svg").read_text(encoding="utf-8")


def test_a_table_that_was_edited_is_named(run_folder):
    import polars as pl

    path = run_folder / "server.parquet"
    pl.read_parquet(path).head(3).write_parquet(path)
    assert report.build(run_folder).notices == ["server.parquet is not what was recorded: it was changed since."]


def test_a_comparison_that_was_cut_short_shows_what_it_has(run_folder):
    record = manifest.read(run_folder)
    cut = manifest.msgspec.structs.replace(record, runs=record.runs[:6], note="Interrupted in run 7 of 12.")
    manifest.write(run_folder, cut)
    found = report.build(run_folder)
    assert found.runs == 6
    assert "Only 6 of 12 runs were completed. Interrupted in run 7 of 12." in found.notices


def test_a_comparison_that_was_killed_is_put_together_from_its_parts(tmp_path):
    where = tmp_path / "run"
    where.mkdir()
    from lab import plan

    planned = plan.blocks([Cell("sse")], 2, 1)[0]
    synthetic.write_manifest(where, [synthetic.write_run(where, planned, [3.0] * 50)], 2, state="running")
    assert report.build(where).runs == 1


def test_an_older_schema_is_left_alone_with_a_sentence(run_folder):
    report.build(run_folder)
    before = (run_folder / "report.html").read_bytes()
    raw = json.loads((run_folder / "manifest.json").read_text())
    (run_folder / "manifest.json").write_text(json.dumps(raw | {"schema_version": 0}))
    with pytest.raises(BadUse, match="has schema 0, and this version reads 1"):
        report.build(run_folder)
    assert (run_folder / "report.html").read_bytes() == before


@pytest.mark.parametrize("content", ["", "{", "[]", '{"schema_version": 1}', '{"schema_version": 1, "runs": 7}'])
def test_a_damaged_manifest_is_a_sentence(run_folder, content):
    (run_folder / "manifest.json").write_text(content)
    with pytest.raises(BadUse, match=r"manifest\.json"):
        report.build(run_folder)


def test_words_from_a_scenario_cannot_become_markup(run_folder):
    record = manifest.read(run_folder)
    scenario = {"name": "<b>x</b>", "description": "<script>alert(1)</script>"}
    manifest.write(run_folder, manifest.msgspec.structs.replace(record, scenario=scenario))
    report.build(run_folder)
    page = (run_folder / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page and "<b>x" not in page


def test_a_run_of_before_setups_were_recorded_is_read(run_folder):
    path = run_folder / "manifest.json"
    raw = json.loads(path.read_text())
    for run in raw["runs"]:
        del run["setup"]
    path.write_text(json.dumps(raw))
    assert [run.setup for run in manifest.read(run_folder).runs] == [None] * len(raw["runs"])
    report.build(run_folder)
