"""The cheat sheet: one page of paper, and what it shows of the wire and of the model is so."""

import math
import re
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from websockets.frames import Frame, Opcode

from lab import readme
from lab.model import waits
from lab.model.arrivals import Poisson
from tests.lessons.exchanges import fences, parts, say
from tests.processes import ROOT
from tests.tools import find

PAGE = (ROOT / "lessons/cheat-sheet.md").read_text()
PROTOCOL = (ROOT / "servers/protocol.md").read_text()
RETRY = (ROOT / "servers/web/retry.js").read_text()
TRANSPORTS = ("short-polling", "long-polling", "sse", "websocket")
EPOCH = "9c1e"  # the page's


def cells(heading: str) -> dict[str, list[str]]:
    """The rows of the first table beneath a heading, by their first cell."""
    table = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in re.findall(r"^\|.*\|$", table, re.M)]
    return {row[0]: row[1:] for row in rows[2:]}


@pytest.mark.browser
def test_it_prints_on_one_page_of_a4(site: Path, tool) -> None:
    tool("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find("chromium"), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto(f"file://{site / 'cheat-sheet' / 'index.html'}")
        printed = page.pdf(prefer_css_page_size=True)
        browser.close()
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    width, height = map(float, re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", printed).groups())
    assert (width, height) == pytest.approx((210 / 25.4 * 72, 297 / 25.4 * 72), abs=1)  # points


@pytest.mark.parametrize(("number", "transport"), list(enumerate(TRANSPORTS)))
def test_a_server_answers_as_the_page_shows(number, transport, start):
    request, answer = re.split(r"\n\n(?=HTTP/)", fences(PAGE)[number])
    server = start(transport, "--heartbeat", "0.5")
    epoch = talked(server, transport) if transport != "websocket" else "0"
    asked = request.replace(EPOCH, epoch).replace("after=6", "after=6" if transport != "websocket" else "after=0")
    told = parts(say(server.port, asked.replace("\n", f"\nHost: 127.0.0.1:{server.port}\n", 1), "\n:"))
    shown = parts(answer.replace(EPOCH, epoch))
    assert told.first.lower() == shown.first.lower()
    assert shown.fields.items() <= told.fields.items()
    assert skeleton(shown.body) == skeleton(told.body)


def talked(server, transport: str) -> str:
    """The epoch of a room in which seven messages were said."""
    for n in range(7):
        said = server.request("POST", "/rooms/tea/messages", {"id": str(n), "sender": "Ada", "text": "dinner?"})
    return said.json["epoch"]


def skeleton(body: str) -> str:
    """A body without what a message holds beside its seq, and without how it is cut into chunks."""
    lines = [line for line in body.splitlines() if not re.fullmatch(r"[0-9a-f]*", line)]
    text = re.sub(r'("seq":\d+),[^}]*\}', r"\1, …}", "\n".join(lines))
    return re.sub(r"retry: \d+", "retry: #", text)


def test_the_frames_say_hello():
    rows = cells("On the wire")
    assert bytes.fromhex(rows["server's"][0].strip("`")) == Frame(Opcode.TEXT, b"Hello").serialize(mask=False)
    masked = bytes.fromhex(rows["client's, masked"][0].strip("`"))
    assert masked[:2] == b"\x81\x85"
    assert bytes(byte ^ masked[2 + n % 4] for n, byte in enumerate(masked[6:])) == b"Hello"


def test_when_to_take_which_is_what_the_readme_says():
    assert cells("The four")["**take it when**"] == list(readme.PICK.values())


def test_every_close_code_of_the_protocol_is_there():
    shown = set(re.findall(r"`(\d{4})`", " ".join(cells("Close codes"))))
    assert set(re.findall(r"(?<![\d,])(10\d\d|44\d\d)\b", PROTOCOL)) <= shown


@pytest.mark.parametrize(("rate", "trip", "every"), [(0.1, 0.05, 1.0), (2.0, 0.4, 3.0)])
def test_the_formulas_are_those_of_the_model(rate, trip, every):
    given = {"D": trip, "T": every, "r": rate, "e": math.e}

    def page(row: str) -> float:
        formula = cells("How long, how many")[row][0].strip("`").replace("·", "*").replace("^", "**")
        return eval(formula, given)

    polled, gap = waits.to_the_next_poll(every), Poisson(rate).gap(trip)
    assert page("push: a message takes") == trip + waits.none().mean
    assert page("short polling: on average") == pytest.approx(trip + polled.mean)
    assert page("short polling: at most") == pytest.approx(trip + polled.quantile(1.0))
    assert page("short polls that are empty") == pytest.approx(Poisson(rate).none_within(every))
    assert page("long polls that find nothing, and are held") == pytest.approx(gap.held)
    assert page("long polling: messages in an answer") == pytest.approx(gap.messages)
    assert page("long polling: at most") == pytest.approx(trip + waits.to_the_next_answer(gap).quantile(1.0))


def test_the_pause_is_that_of_the_page_of_the_chat():
    base, limit = (float(re.search(rf"const {name} = ([\d.]+)", RETRY)[1]) for name in ("BASE", "LIMIT"))
    (said,) = cells("How long, how many")["pause after *k* failures, at most"]
    assert said == f"`min({limit:g}, {base:g}·2^k)`, times chance"
