"""The use cases: one experiment, the decision table, and what it says; from a folder whose truth is known."""

import re
from io import StringIO

import msgspec
import pytest
from rich.console import Console

from lab import curves, manifest, report, summary, sweep, use_case_table, use_cases
from lab.plan import Cell
from lab.stats import Estimate
from tests.lab import synthetic

MEDIANS = {
    Cell("short-polling", 0.08, "game"): 45.0,
    Cell("short-polling", 1.0, "game"): 500.0,
    Cell("sse", None, "game"): 3.0,
    Cell("websocket", None, "game"): 69.0,
    Cell("short-polling", 5.0, "notifications"): 2_500.0,
    Cell("websocket", None, "notifications"): 2.0,
}


@pytest.fixture(scope="module")
def where(tmp_path_factory):
    where = tmp_path_factory.mktemp("runs") / "use-cases"
    synthetic.use_cases(where, MEDIANS, publishes=100)
    report.build(where)
    return where


@pytest.fixture(scope="module")
def found(where):
    return summary.read(where)


def test_the_summary_holds_a_decision_on_each_row(found):
    assert [(one.cell.name, one.objective, one.quantity, one.met) for one in found.decisions] == [
        ("short-polling 0.08s at game", "p95 < 100 ms", "latency_p95", True),
        ("short-polling 1s at game", "p95 < 100 ms", "latency_p95", False),
        ("sse at game", "p95 < 100 ms", "latency_p95", True),
        ("websocket at game", "p95 < 100 ms", "latency_p95", None),
        ("short-polling 5s at notifications", "p95 < 10 s", "latency_p95", True),
        ("websocket at notifications", "p95 < 10 s", "latency_p95", True),
    ]


def test_each_use_case_has_its_verdict_in_a_sentence(found):
    game, notifications, polling = use_cases.told(found)
    assert game.startswith(
        "game (p95 < 100 ms): short polling every 0.08 s and SSE meet it; short polling every second does not; "
        "undecided for WebSocket: the interval holds the limit."
    )
    assert notifications.startswith("notifications (p95 < 10 s): all meet it. ")
    assert "Fewest bytes: no detectable difference between those who do." in notifications
    assert polling.startswith("Polling surely wins in none of the 2")


def cheaper(found, cell, key, factor):
    """The same with a cell that is so many times as expensive, surely."""

    def changed(row):
        if row.cell != cell:
            return row
        price = Estimate(*(factor * value for value in (row[key].value, row[key].low, row[key].high)))
        return msgspec.structs.replace(
            row, figures=row.figures | {key: price}, versus=row.versus | {key: Estimate(factor, factor, factor)}
        )

    return msgspec.structs.replace(found, cells=[changed(row) for row in found.cells])


def test_polling_wins_where_it_meets_the_objective_for_less_than_any_push(found):
    rare = Cell("short-polling", 5.0, "notifications")
    cheap = cheaper(found, rare, "server_load", 0.1)
    _, notifications, polling = use_cases.told(cheap)
    assert "Least server CPU: short polling every 5 s (0.1 % of a CPU)." in notifications
    assert polling.endswith("than anything that pushes: short polling every 5 s in notifications (least server CPU).")
    often = Cell("short-polling", 1.0, "game")  # it misses the objective, so that its price counts for nothing
    assert use_cases.told(cheaper(found, often, "ip_bytes_hour", 0.1))[-1].startswith("Polling surely wins in none")


def test_who_wins_is_the_cheapest_with_all_that_tie_or_nobody(found):
    game, notifications = use_cases.cases(found)
    assert use_cases.winners(notifications, "ip_bytes_hour") == "no detectable difference"
    cheap = cheaper(found, Cell("short-polling", 5.0, "notifications"), "server_load", 0.1)
    assert use_cases.winners(use_cases.cases(cheap)[1], "server_load") == "short polling every 5 s"
    assert use_cases.winners(game._replace(best={"server_load": []}), "server_load") == "nobody can say"
    [alone] = game.of(True)[:1]
    met_by_one = game._replace(options=[one for one in game.options if one.row == alone], best={"server_load": [alone]})
    assert use_cases.winners(met_by_one, "server_load") == "short polling every 0.08 s"


@pytest.mark.parametrize("width", [80, 120])
def test_the_table_fits_and_has_every_row(found, width):
    console = Console(file=StringIO(), width=width)
    console.print(use_case_table.table(found, width))
    lines = console.file.getvalue().splitlines()
    assert max(map(len, lines)) <= width and "…" not in console.file.getvalue()
    rows = [line.split()[:1] for line in lines]
    assert [words for words in rows if words in (["game"], ["notifications"])] == [["game"], ["notifications"]]
    assert sum(bool(re.search(r" (yes|no|undecided) ", line)) for line in lines) == len(MEDIANS)


def test_the_command_prints_it_and_says_it(where, lab):
    said = lab("report", where)
    assert said.code == 0
    assert (
        "Who meets the objective, and at what price" in said.out and "Polling surely wins in none of the 2" in said.out
    )


def test_the_report_has_the_table_the_sentences_and_where_each_workload_comes_from(where, found):
    page = " ".join((where / report.PAGE).read_text(encoding="utf-8").split())
    assert page.count('<tbody> <tr><th scope="rowgroup"') == 2
    for sentence in use_cases.told(found):
        assert sentence.replace("<", "&lt;") in page
    assert "Claypool" in page and "Pielot" in page


def test_the_figure_has_a_mark_for_each_objective_that_is_met(where, found):
    drawn = curves.draw(sweep.load("use-cases"), found)["decisions"]
    texts = re.findall(r"<text[^>]*>([^<]+)</text>", drawn)
    assert (texts.count("yes"), texts.count("no"), texts.count("?")) == (4, 1, 1)
    assert {"game", "notifications", "SSE", "WebSocket", "every 0.08 s"} <= set(texts)
    assert (where / "figures" / "decisions.svg").exists()


def test_an_interval_that_is_wider_than_its_field_is_said_in_words(found):
    wait = Estimate(262.0, 1.36e-6, 5.06e10)
    rows = [msgspec.structs.replace(row, figures=row.figures | {"latency_p95": wait}) for row in found.cells]
    drawn = curves.draw(sweep.load("use-cases"), msgspec.structs.replace(found, cells=rows))["decisions"]
    assert drawn.count("262 (very wide)") == len(rows) and "50,600" not in drawn


def test_an_objective_that_was_edited_into_nonsense_is_a_sentence(where, tmp_path, lab):
    import shutil

    copy = shutil.copytree(where, tmp_path / "use-cases")
    record = manifest.read(copy)
    scenarios = record.scenarios | {"game": record.scenarios["game"] | {"objective": "soon"}}
    manifest.write(copy, msgspec.structs.replace(record, scenarios=scenarios))
    said = lab("report", copy)
    assert said.code == 2 and "The objective 'soon' is not one" in said.err
