"""What was looked at, on a page: the numbers of its report, and a stopped build for what nobody saw."""

import re

import pytest
from markdown import Markdown

from lab import observations, pages, wording
from lab.faults import results
from lab.pages import observed
from lab.pages.refusal import BadPage
from lab.stats import Estimate

HIJACK = observations.read(pages.REFERENCE / "hijack")


def convert(text):
    return Markdown(extensions=["tables", pages.makeExtension()]).convert(text)


def test_what_was_seen_is_said_in_a_word_or_with_its_unit():
    yes = HIJACK.of("a stranger reads", "minimal websocket").value
    assert convert("{{ seen hijack a-stranger-reads minimal-websocket }}") == f"<p>{'yes' if yes else 'no'}</p>"
    shown = convert("{{ seen proxies idle-connection-closed-after good }}")
    assert shown.endswith(" s</p>") and float(shown[3:-6]) > 0


def test_little_time_is_told_in_milliseconds():
    seconds = observations.read(pages.REFERENCE / "proxies").of("delay added by buffering", "good").value
    assert seconds < observed.SHORT
    shown = convert("{{ seen proxies delay-added-by-buffering good }}")
    assert shown == f"<p>{wording.text(Estimate(1_000 * seconds), 'ms')}</p>"


def test_a_table_is_that_of_the_report():
    page = convert("{{ observed hijack did-it-read }}")
    report = (pages.REFERENCE / "hijack" / "report.html").read_text(encoding="utf-8")
    table = re.sub(r"\s+(?=<)| data-head=\"[^\"]*\"", "", page[page.index("<table>") : page.index("</table>")]).strip()
    whole = re.sub(r"\s+(?=<)", "", report)
    assert table.replace("<tr><td></td><th", '<tr><th scope="col"></th><th') in whole
    assert "<code>results/reference/hijack</code>" in page


def test_a_picture_has_its_caption_and_its_source():
    page = convert("{{ observed proxies }}")
    assert page.count("<svg ") == page.count("<figcaption>") == page.count('<p class="from">') == 1


def test_a_capacity_that_the_instrument_bounds_is_at_least_so_much():
    rows = convert("{{ capacity capacity }}").split("</tr>")
    bounded = [row for row in rows if "the generator" in row]
    assert bounded and all("at least" in row for row in bounded)
    assert any("the server's CPU" in row and "at least" not in row for row in rows)


def test_faults_have_a_row_for_each_store_and_a_timeline():
    found = results.judge(pages.REFERENCE / "faults")[0]
    rows, drawn = convert("{{ faults faults }}"), convert("{{ timeline faults }}")
    assert all(f'<th scope="row">{part.title}</th>' in rows for part in found.parts)
    assert f"{found.totals['deliveries']:,} deliveries" in rows and "<svg " in drawn
    assert all("<code>results/reference/faults</code>" in page for page in (rows, drawn))


@pytest.mark.parametrize(
    "directive",
    [
        "seen no-such-run a-stranger-reads minimal-websocket",
        "seen hijack a-stranger-dances minimal-websocket",
        "seen hijack a-stranger-reads nowhere",
        "observed hijack",
        "observed hijack no-such-table",
        "observed irc-room did-it-read",
        "faults irc-room",
        "timeline irc-room",
        "capacity irc-room",
    ],
)
def test_what_nobody_saw_stops_the_build(directive):
    with pytest.raises(BadPage):
        convert(f"{{{{ {directive} }}}}")
