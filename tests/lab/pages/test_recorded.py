"""Directives that show what is recorded: what is not stops the build, with a sentence."""

import re

import pytest

from lab import pages, summary, wording
from lab.pages import recorded
from lab.pages.refusal import BadPage
from lab.plan import Cell

WEBSOCKET = next(row for row in summary.read(pages.REFERENCE / "irc-room").cells if row.cell.name == "websocket")


def test_a_value_is_the_recorded_one_with_its_unit(convert):
    shown = wording.text(WEBSOCKET["latency_p50"], "ms")
    assert shown.endswith(" ms")
    assert convert("It took {{ value irc-room websocket latency_p50 }}.") == f"<p>It took {shown}.</p>"


def test_a_value_may_leave_out_what_the_sentence_says_already(convert):
    shown = wording.text(WEBSOCKET["ip_bytes"], "B")
    assert convert("A message weighs {{ value irc-room websocket ip_bytes B }}.") == f"<p>A message weighs {shown}.</p>"
    assert convert("{{ value irc-room websocket ip_bytes }}") == f"<p>{shown} per message</p>"


def test_messages_a_second_are_called_so(convert):
    assert re.fullmatch(r"<p>[\d,.]+ messages a second</p>", convert("{{ value irc-room websocket sent_rate }}"))


def test_a_ratio_is_the_recorded_one_with_its_interval(convert):
    [row] = [row for row in summary.read(pages.REFERENCE / "irc-room").cells if row.cell.name == "long-polling"]
    shown = wording.times("X", row.versus["ip_bytes"]).replace(" X", "")
    assert convert("{{ ratio irc-room long-polling ip_bytes }}") == f"<p>{shown}</p>"


def test_a_value_in_code_is_shown_as_well(convert):
    assert "{{" not in convert("```text\n{{ value irc-room websocket latency_p50 }}\n```")


def test_a_row_of_an_experiment_is_named_by_its_interval_and_its_level():
    for run, cell in {"knee": Cell("long-polling", None, 100.0), "rtt": Cell("short-polling", 1.0, 50.0)}.items():
        name = f"{cell.transport}{'@1s' if cell.poll_interval_s else ''}@{cell.level:g}"
        assert recorded.row_of(run, name).cell == cell


def test_a_share_is_a_percentage(convert):
    assert re.fullmatch(r"<p>\d[\d.]* %</p>", convert("{{ value irc-room short-polling@1s empty_polls }}"))
    assert re.fullmatch(r"<p>\d[\d.]* % of one CPU</p>", convert("{{ value irc-room short-polling@1s server_load }}"))


def test_a_value_of_a_row_that_is_not_valid_says_so(convert):
    found = [
        (run.name, row.cell.name.replace(" at ", "@").replace(" ", "@"))
        for run in pages.REFERENCE.iterdir()
        if (run / summary.NAME).exists()
        for row in summary.read(run).cells
        if row.verdict.valid is False and row["latency_p50"].value is not None
    ]
    assert found
    assert "[not valid: " in convert(f"{{{{ value {' '.join(found[0])} latency_p50 }}}}")


def test_a_table_and_a_figure_say_which_run_they_are_from(convert):
    page = convert("{{ table irc-room }}\n\n{{ figure irc-room bytes-per-message }}")
    assert page.count('<p class="from">') == 2 == page.count(recorded.origin("irc-room"))
    assert '<th scope="row">WebSocket</th>' in page and "<svg " in page


def test_what_stands_alone_may_be_in_an_item_of_a_list(convert):
    page = convert("- one\n\n    {{ figure irc-room bytes-per-message }}\n\n- two")
    assert page.count("<ul>") == 1 and page.index("<svg ") < page.index("two")


@pytest.mark.parametrize(
    ("directive", "why"),
    [
        ("value no-such-run websocket latency_p50", "no-such-run is no comparison that is recorded"),
        ("value irc-room carrier-pigeon latency_p50", "it has short-polling@1s, short-polling@3s, long-polling, sse"),
        ("value irc-room websocket happiness", "There is no quantity 'happiness': there are latency_mean"),
        ("value irc-room websocket recovery_p50", "recovery_p50 of websocket has no value in irc-room"),
        ("value irc-room", "{{ value irc-room }} is to be {{ value RUN CELL KEY [UNIT] }}"),
        ("value irc-room websocket ip_bytes kB", "ip_bytes is in B per message: 'kB' is not the beginning of that"),
        ("ratio irc-room websocket ip_bytes", "websocket is compared with nothing in irc-room"),
        ("ratio irc-room sse payload_bytes", "compared are latency_p50"),
        ("table no-such-run", "no-such-run is no comparison that is recorded"),
        ("figure irc-room no-such-figure", "it has wait-and-bytes, delivery-latency"),
        ("picture no-such-picture", "There is no drawing no-such-picture.svg"),
        ("controls no-such-controls", "There are no controls 'no-such-controls'"),
        ("decisions irc-room", "irc-room decides nothing"),
        ("claim C99", "There is no claim 'C99': there are C1"),
        ("valeu irc-room websocket latency_p50", "There is no directive 'valeu': there are value, ratio"),
        ("claims all", "{{ claims all }} is to be {{ claims }}"),
    ],
)
def test_what_names_nothing_recorded_stops_the_build_and_says_what_there_is(convert, directive, why):
    with pytest.raises(BadPage) as refused:
        convert(f"{{{{ {directive} }}}}")
    assert why in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.parametrize("directive", ["table irc-room", "figure irc-room bytes-per-message", "claim C4", "claims"])
def test_a_block_in_the_middle_of_a_sentence_stops_the_build(convert, directive):
    with pytest.raises(BadPage, match="must stand on a line of its own"):
        convert(f"See {{{{ {directive} }}}} here.")


def test_a_drawing_that_phones_have_another_of_brings_both(convert):
    page = convert("{{ picture one-word }}")
    assert page.count("<figure>") == page.count('<div class="by-width">') == 1 and page.count("<svg ") == 2
    assert convert("{{ picture signature-knee }}").count("<svg ") == 1
