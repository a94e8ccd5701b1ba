"""<my-run>, driven: a reader's own summary.json over the reference, and files that are none."""

import json

import pytest
from playwright.sync_api import Page, expect

from lab import summary
from lab.numbers import number
from lab.widgets import REFERENCE, RUN, SHOWN
from lab.wording import DASH
from tests.lessons.widgets.driving import behind, plain, rows

pytestmark = pytest.mark.browser
UNITS = {"latency_p50": " ms", "latency_p95": " ms", "ip_bytes": " B", "requests": "", "server_cpu": " µs"}
OTHER = "poll-interval"  # a recorded run of the same kind: other intervals between polls
DROP = """(figure, [name, text]) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([text], name));
  const given = { dataTransfer, bubbles: true, cancelable: true };
  for (const type of ["dragover", "drop"]) figure.dispatchEvent(new DragEvent(type, given));
}"""


@pytest.fixture
def widget(scripts: Page):
    """With no run of the reader's own, and nothing said."""
    widget = scripts.locator("my-run")
    choose(widget, recorded(RUN))
    widget.get_by_role("button", name="Take it away").click()
    expect(widget.locator(".own")).to_have_count(0)
    return widget


def choose(widget, content, name="summary.json"):
    payload = content if isinstance(content, bytes) else json.dumps(content).encode()
    file = {"name": name, "mimeType": "application/json", "buffer": payload}
    widget.get_by_label("Choose your summary.json").set_input_files([file])


def recorded(run: str):
    return json.loads((REFERENCE / run / summary.NAME).read_text())


def test_before_a_file_is_chosen_it_shows_the_reference(page):
    widget = page.locator("my-run")
    tables = behind(widget).locator("table").all()
    assert len(tables) == len(SHOWN)
    for table, key in zip(tables, SHOWN, strict=True):
        assert f"results/reference/{RUN}" in table.locator("caption").inner_text()
        shown = rows(table)
        for row in summary.read(REFERENCE / RUN).cells:
            assert shown[row.title][0] == f"{number(row[key].value)}{UNITS[key]}"
    expect(widget.locator(".own")).to_have_count(0)


def test_a_run_of_ones_own_is_laid_over_it(widget):
    choose(widget, (REFERENCE / OTHER / summary.NAME).read_bytes())
    expect(widget.get_by_role("status")).to_contain_text("Filled is your run")
    own = {row.title: row for row in summary.read(REFERENCE / OTHER).cells}
    theirs = {row.title: row for row in summary.read(REFERENCE / RUN).cells}
    assert set(own) & set(theirs) and set(own) - set(theirs)
    for table, key in zip(behind(widget).locator("table").all(), SHOWN, strict=True):
        shown = rows(table)
        assert set(shown) == set(own) | set(theirs)
        for title, cells in shown.items():
            for there, cell in ((theirs, cells[0]), (own, cells[2])):
                known = title in there and there[title][key].value is not None
                assert cell == (f"{number(there[title][key].value)}{UNITS[key]}" if known else DASH), (title, key)
            if title in own and title in theirs and theirs[title][key].value:
                assert cells[4] == number(own[title][key].value / theirs[title][key].value)
    chart = widget.locator("[data-chart=latency_p50]")
    expect(chart.locator(".theirs")).to_have_count(len(theirs))
    expect(chart.locator(".own")).to_have_count(len(own))


def test_markers_stand_where_the_values_are(widget):
    own = recorded(RUN)
    for cell in own["cells"]:
        for field in ("value", "low", "high"):
            cell["figures"]["latency_p50"][field] *= 10
    choose(widget, own)
    chart = widget.locator("[data-chart=latency_p50]")
    expect(chart.locator(".own").first).to_be_visible()
    places = {
        kind: [spot.bounding_box()["x"] for spot in chart.locator(f".{kind}").all()] for kind in ("theirs", "own")
    }
    shifts = [own - theirs for theirs, own in zip(places["theirs"], places["own"], strict=True)]
    assert max(shifts) - min(shifts) < 2 and min(shifts) > 5  # ten times as much is as far, wherever, on such an axis
    assert places["theirs"] == sorted(places["theirs"], reverse=True) or len(set(places["theirs"])) > 1


def test_it_is_taken_away_again_and_another_is_taken(widget):
    choose(widget, recorded(RUN))
    widget.get_by_role("button", name="Take it away").press("Enter")
    expect(widget.locator(".own")).to_have_count(0)
    expect(widget.get_by_role("button", name="Take it away")).to_have_count(0)
    choose(widget, recorded(RUN))
    expect(widget.locator("[data-chart=latency_p50] .own")).not_to_have_count(0)


def test_a_file_that_is_far_too_large_is_not_even_read(widget):
    widget.locator("figure").evaluate(f"(figure) => ({DROP})(figure, ['summary.json', ' '.repeat(7e6)])")
    sentence = "summary.json is too large: it has 7.0 MB, and no summary.json has more than 5 MB."
    expect(widget.locator(".said.wrong")).to_have_text(sentence)


def test_a_file_may_be_dropped(widget):
    text = (REFERENCE / RUN / summary.NAME).read_text()
    widget.locator("figure").evaluate(DROP, ["summary.json", text])
    expect(widget.locator("[data-chart=ip_bytes] .own")).not_to_have_count(0)


def test_what_is_not_valid_or_of_another_load_is_said(widget):
    own = recorded(RUN) | {"scenario": "stock-ticker", "repeats": 1}
    own["cells"][-1]["verdict"] = {"valid": False, "reasons": ["the generator was late"], "saturated": False}
    own["cells"][0]["figures"]["latency_p50"] = {"value": None, "low": None, "high": None, "note": "never"}
    choose(widget, own)
    said = widget.locator(".said")
    expect(said).to_contain_text("WebSocket is not valid: the generator was late.")
    expect(said).to_contain_text("It is of stock-ticker and the reference of irc-room")
    expect(said).to_contain_text("One run of each has no intervals.")
    expect(widget.locator("[data-chart=latency_p95] .own.doubted")).to_have_count(1)
    assert rows(behind(widget).locator("table").first)["Short polling 1 s"][2] == DASH


def no_summary(**changes):
    return recorded(RUN) | changes


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"cell,transport\n", "summary.json is not JSON: choose the file summary.json in results/runs/latest."),
        (b"", "summary.json is not JSON: choose the file summary.json in results/runs/latest."),
        (b"\xff\xfe\x00", "summary.json is not JSON: choose the file summary.json in results/runs/latest."),
        (b"null", "summary.json is JSON, but no summary that lab compare wrote: it has no cells of a known schema."),
        (b"[1]", "summary.json is JSON, but no summary that lab compare wrote: it has no cells of a known schema."),
        (b'{"schema_version": 1}', "summary.json is JSON, but no summary that lab compare wrote: "
         "it has no cells of a known schema."),
        (no_summary(schema_version=2), "summary.json has schema version 2 and this page reads version 1: "
         "take both from the same version of the lab."),
        (no_summary(cells=[]), "summary.json has no cells: its run ended before anything was measured."),
        (no_summary(cells=[None]), "summary.json is damaged: cell 1 has no transport that is known, or no figures."),
        (no_summary(cells=[{"cell": {"transport": "pigeon"}, "figures": {}}]),
         "summary.json is damaged: cell 1 has no transport that is known, or no figures."),
        (recorded("knee"), "summary.json is of an experiment, whose cells have levels: "
         "choose a summary.json that lab compare wrote."),
    ],
    ids=["csv", "empty", "binary", "null", "list", "no cells", "newer", "none", "damaged", "pigeon", "levels"],
)  # fmt: skip
def test_a_file_that_is_none_is_told_what_is_wrong_with_it_in_a_sentence(widget, content, sentence):
    choose(widget, recorded(RUN))
    expect(widget.locator("[data-chart=requests] .own").first).to_be_attached()
    choose(widget, content)
    expect(widget.locator(".said.wrong")).to_have_text(sentence)
    assert plain(widget.get_by_role("status").inner_text()) == sentence
    expect(widget.locator(".own")).to_have_count(0)


@pytest.mark.parametrize(
    "run", [folder.name for folder in sorted(REFERENCE.iterdir()) if (folder / summary.NAME).exists()]
)
def test_every_summary_that_the_lab_ever_wrote_is_read_or_refused_with_its_reason(widget, run):
    choose(widget, (REFERENCE / run / summary.NAME).read_bytes())
    levels = any(row.cell.level is not None for row in summary.read(REFERENCE / run).cells)
    expect(widget.locator(".said")).to_contain_text("is of an experiment" if levels else "Filled is your run")
