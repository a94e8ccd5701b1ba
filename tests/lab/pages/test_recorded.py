"""Directives in the lessons: what is recorded is shown, and what is not stops the build."""

import pytest
from markdown import Markdown

from lab import pages, summary, wording
from lab.pages import recorded
from lab.pages.refusal import BadPage

WEBSOCKET = next(row for row in summary.read(pages.REFERENCE / "irc-room").cells if row.cell.name == "websocket")


def convert(text):
    return Markdown(extensions=["tables", "md_in_html", pages.makeExtension()]).convert(text)


def test_a_value_is_the_recorded_one_with_its_unit():
    shown = wording.text(WEBSOCKET["latency_p50"], "ms")
    assert shown.endswith(" ms")
    assert convert("It took {{ value irc-room websocket latency_p50 }}.") == f"<p>It took {shown}.</p>"


def test_a_table_and_a_figure_say_which_run_they_are_from():
    page = convert("{{ table irc-room }}\n\n{{ figure irc-room bytes-per-message }}")
    assert page.count('<p class="from">') == 2 == page.count(recorded.origin("irc-room"))
    assert "<td>WebSocket</td>" in page and "<svg " in page


@pytest.mark.parametrize(
    "directive",
    [
        "value no-such-run websocket latency_p50",
        "value irc-room carrier-pigeon latency_p50",
        "value irc-room websocket happiness",
        "value irc-room",
        "ratio irc-room carrier-pigeon ip_bytes",
        "table no-such-run",
        "figure irc-room no-such-figure",
        "picture no-such-picture",
        "controls no-such-controls",
    ],
)
def test_what_names_nothing_recorded_stops_the_build(directive):
    with pytest.raises(BadPage):
        convert(f"{{{{ {directive} }}}}")
