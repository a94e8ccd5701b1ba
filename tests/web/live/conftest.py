"""One live lab, and people who look at it in one browser."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, WebSocket, expect
from websockets.sync.client import connect

from tests.processes import PATIENCE, ROOT, Site, until
from tests.web.conftest import TRANSPORTS, Witness
from tests.web.live.classroom import board, classroom, open_page, phone  # noqa: F401  # fixtures

AT_REST = {"poll_s": 1, "rtt_ms": 0, "jitter_ms": 0, "robot_per_s": 0, "robot_bytes": 100}


class Lab(Site):
    """`lab live`: the page at `url`, the stage on the port above."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "lab", "live", "--no-browser"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self.process.stdout is not None
        first = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", first)
        assert found, f"lab live did not say where it is: {first}"
        self.url = found[0]
        host, port = self.address
        self.stage = f"ws://{host}:{port + 1}"

    def rest(self) -> None:
        """All dials as they were in the beginning, and nobody frozen."""
        with connect(self.stage, origin=self.url, open_timeout=PATIENCE) as socket:
            socket.send(json.dumps({"type": "watch"}))
            for control, value in AT_REST.items():
                socket.send(json.dumps({"type": "set", "control": control, "value": value}))
            for transport in TRANSPORTS:
                socket.send(json.dumps({"type": "do", "action": "thaw", "transport": transport}))
            while True:
                frame = json.loads(socket.recv(PATIENCE))
                if frame["type"] == "controls" and not frame["frozen"] and AT_REST.items() <= frame.items():
                    return

    def close(self) -> None:
        self.process.terminate()
        assert self.process.wait(PATIENCE) == 0
        self.process.stdout.close()


class Visit:
    """A page of the live lab, and what the stage told it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.told: dict[str, Any] = {}  # the latest frame of each type
        self.sockets: set[str] = set()
        page.on("websocket", self.listen)

    def listen(self, socket: WebSocket) -> None:
        self.sockets.add(socket.url)
        if "/rooms/" not in socket.url:
            socket.on("framereceived", self.hear)

    def hear(self, payload: str | bytes) -> None:
        frame = json.loads(payload)
        self.told[frame["type"]] = frame

    def pane(self, transport: str) -> Any:
        return self.page.locator(f".pane.{transport}")

    def say(self, text: str, by: str = "websocket") -> None:
        """Write a message in a pane and send it."""
        field = self.pane(by).locator("form input")
        field.fill(text)
        field.press("Enter")

    def turn(self, dial: str, value: float) -> None:
        """Turn a dial, and wait until the stage says so."""
        self.page.locator(f"#{dial}").fill(str(value))
        self.wait(lambda: self.told["controls"][dial] == value)

    def wait(self, condition: Callable[[], bool]) -> None:
        """Wait for what the page was told: the browser's events come in between."""
        until(lambda: self.page.wait_for_timeout(20) or condition())

    def happened(self, pattern: str) -> str:
        """Wait for a sentence in what just happened; returns it."""
        line = self.page.locator(".happened li").filter(has_text=re.compile(pattern)).last
        expect(line).to_be_attached()
        return line.inner_text()

    def shows(self, *texts: str) -> None:
        """Wait until each pane shows these as its last lines, in this order, and nothing is on its way."""
        for pane in self.page.locator(".pane").all():
            expect(pane.locator(".coming li")).to_have_count(0)
            for text in texts:
                expect(pane.locator(".log li p").get_by_text(text, exact=True)).to_have_count(1)
            assert pane.locator(".log li p").all_inner_texts()[-len(texts) :] == list(texts)

    def seqs(self, transport: str) -> list[int]:
        lines = self.pane(transport).locator(".log li[data-seq]")
        return lines.evaluate_all("lines => lines.map((line) => Number(line.dataset.seq))")

    def whole(self) -> None:
        """Wait until all panes are equally far; assert that each shows every number once, in order."""
        transports = self.page.locator(".pane").evaluate_all("panes => panes.map((pane) => pane.dataset.transport)")
        until(lambda: len({self.seqs(transport)[-1] for transport in transports}) == 1)
        for transport in transports:
            seqs = self.seqs(transport)
            assert seqs == list(range(seqs[0], seqs[-1] + 1)), transport
        assert self.page.locator(".log .gap").count() == 0


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    lab = Lab()
    yield lab
    lab.close()


@pytest.fixture
def look(lab: Lab, tool: Callable[[str], str], request: pytest.FixtureRequest) -> Iterator[Callable[..., Visit]]:
    """`look()` is the live page in a browser profile of its own, with the dials at rest; `look(beside=visit)` another
    tab of one. In the end nothing may have gone wrong in it, and it spoke to nobody but the lab."""
    tool("chromium")
    browser: Browser = request.getfixturevalue("browser")
    witnesses: list[Witness] = []
    visits: list[Visit] = []
    with ExitStack() as stack:
        lab.rest()

        def open_page(
            beside: Visit | None = None,
            outage: bool = False,
            before: Callable[[Page], object] | None = None,
            **options: Any,
        ) -> Visit:
            if beside:
                context = beside.page.context
            else:
                context = browser.new_context(**{"reduced_motion": "reduce"} | options)
                stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(20_000)  # ms: above two retries at their limit of 8 s
            witnesses.append(Witness(page, lab.url, outage))
            visits.append(Visit(page))
            if before:
                before(page)
            page.goto(f"{lab.url}/")
            expect(page.locator(".pane[data-state=connected]")).to_have_count(4)
            return visits[-1]

        yield open_page
        lab.rest()
    assert [seen for witness in witnesses for seen in witness.seen] == []
    strangers = [
        url for visit in visits for url in visit.sockets if not url.startswith((lab.stage, "ws" + lab.url[4:]))
    ]
    assert strangers == []
