"""lab/signature: the three figures, from recorded folders, and from made-up ones whose truth is known."""

import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from html import unescape

import pytest

from lab import manifest, pages, palette
from lab.drawing import WIDTH
from lab.errors import BadUse
from lab.signature import break_even, kaazing, knee
from lab.signature.__main__ import BAD_USE, FIGURES, main
from lab.signature.source import read, shifted
from lab.stats import Estimate
from tests.lab.test_plots import words

REFERENCE = pages.REFERENCE
RUNS = {"signature-knee": ["knee"], "signature-kaazing": ["kaazing"], "signature-break-even": list(break_even.NAMES)}


@pytest.fixture(scope="module")
def drawn():
    return {name: draw(REFERENCE) for name, draw in FIGURES.items()}


@pytest.mark.parametrize("name", FIGURES)
def test_each_is_the_same_to_the_byte_whenever_it_is_drawn_and_is_the_one_that_is_kept(drawn, name):
    assert drawn[name] == FIGURES[name](REFERENCE)
    assert (REFERENCE / f"{name}.svg").read_text(encoding="utf-8") == drawn[name]


@pytest.mark.parametrize("name", FIGURES)
def test_each_leads_to_its_runs_with_their_commands_and_commits(drawn, name):
    told = unescape(" ".join(re.findall("<dc:(?:source|description)>(.*)</dc:", drawn[name])))
    for run in RUNS[name]:
        record = manifest.read(REFERENCE / run)
        assert run in words(drawn[name]) and record.created[:10] in words(drawn[name])
        assert run in told and record.command in told and record.commit in told


@pytest.mark.parametrize("name", FIGURES)
def test_all_words_are_text_large_enough_and_within_the_figure(drawn, name):
    size = min(float(points) for points in re.findall(r"font-size: ([\d.]+)px", drawn[name]))
    assert size >= 10 and "://" not in re.sub(r'xmlns(:\w+)?="[^"]*"', "", drawn[name])
    across = float(ET.fromstring(drawn[name]).get("width").removesuffix("pt"))
    assert across == 72 * WIDTH


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("signature-knee", ["half the update interval: 125 ms", "Long polling", "WebSocket", "measured / model"]),
        ("signature-kaazing", ["435 : 1", "871", "Kaazing 2010:", "with acknow-", "logarithmic axis"]),
        ("signature-break-even", ["polling", "carries more", "at least", "logarithmic axis", "requests a second"]),
    ],
)
def test_each_says_what_it_is_about_and_has_the_transports_colours(drawn, name, said):
    assert all(part in words(drawn[name]) for part in said), words(drawn[name])
    for transport in ("long-polling" if name == "signature-knee" else "short-polling", "websocket"):
        assert palette.look(transport).color.lower() in drawn[name].lower()


@pytest.mark.parametrize("name", sorted({run for runs in RUNS.values() for run in runs}))
def test_a_missing_run_is_said_in_one_sentence_with_the_command_that_makes_it(tmp_path, name):
    with pytest.raises(
        BadUse, match=rf"no recorded experiment {name}: measure it with `.venv/bin/lab experiment {name}`"
    ):
        read(tmp_path, name)


def test_another_run_under_that_name_is_refused(tmp_path):
    shutil.copytree(REFERENCE / "rtt", tmp_path / "knee")
    with pytest.raises(BadUse, match="is not the experiment knee"):
        read(tmp_path, "knee")


def test_a_level_that_was_not_measured_is_named():
    with pytest.raises(BadUse, match="WebSocket at 123"):
        read(REFERENCE, "knee").row("websocket", 123.0)


def test_the_layers_grow_and_the_ratio_shrinks_from_layer_to_layer():
    source = read(REFERENCE, "kaazing")
    polling, push = ([*kaazing.layers(source, transport)[0].values] for transport in kaazing.THEIRS)
    assert polling == sorted(polling) and push == sorted(push)
    ratios = [kaazing.RATIO, *(more / fewer for more, fewer in zip(polling, push, strict=True))]
    assert ratios == sorted(ratios, reverse=True) and ratios[-1] < 10


def test_their_numbers_are_what_they_published():
    megabits = [value * kaazing.CLIENTS * 8 / kaazing.MEGA for value in kaazing.THEIRS.values()]
    assert megabits == pytest.approx([665, 1.526], abs=0.6)


def test_polling_carries_what_it_answers_times_the_interval_and_breaks_even_where_push_carries_as_much():
    source = read(REFERENCE, "poll-interval")
    for each in break_even.polling(source):
        interval = each.row.cell.poll_interval_s
        assert each.clients.value == pytest.approx(interval * each.requests_per_s.value)
        assert each.wait_s.value == pytest.approx(interval / 2, rel=0.2)
    wait = break_even.break_even(2_000.0, 10_000.0)
    assert 2_000.0 * (2 * wait) == 10_000.0


def test_a_search_that_ended_at_the_generator_is_a_lower_bound():
    source = read(REFERENCE, "capacity")
    for transport in ("long-polling", "sse", "websocket"):
        found = break_even.searched(source, transport)
        known = next(each for each in source.summary.capacity if each.series == found.row.cell.series)
        assert found.clients.value == known.clients
        assert found.at_least == ("the generator gave up" in known.limit)


def test_in_other_terms_an_estimate_keeps_its_ends():
    assert shifted(Estimate(2.0, 1.0, 3.0), by=1.0, times=10.0) == Estimate(21.0, 11.0, 31.0)
    assert shifted(Estimate(2.0), by=-1.0) == Estimate(1.0)


def test_half_the_interval_is_read_from_the_experiment_that_was_recorded():
    assert knee.half_interval_ms(read(REFERENCE, "knee")) == 125.0


def test_the_command_writes_all_three_or_says_what_is_missing(tmp_path, capsys):
    assert main([str(REFERENCE), str(tmp_path / "new")]) == 0
    assert {path.stem for path in (tmp_path / "new").iterdir()} == set(FIGURES)
    assert main([str(tmp_path), str(tmp_path / "other")]) == BAD_USE
    assert "no recorded experiment" in capsys.readouterr().err and not (tmp_path / "other").exists()
    assert main([]) == BAD_USE
    asked = subprocess.run([sys.executable, "-m", "lab.signature"], capture_output=True, text=True)
    assert asked.returncode == BAD_USE and "Name the folder" in asked.stderr
