"""A reader's browser tab with its developer tools open: the console, and the list that the network panel draws."""

import json
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser

PENDING, FAILED = "(pending)", "(failed)"


class Tab:
    """A tab at an address. The tools are opened once the page is there, so the list begins empty."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.page = browser.new_page()
        self.page.goto(url)
        self.console: list[str] = []
        self.rows: dict[str, list[str]] = {}  # name, status, type of each request
        self.source = ""  # that was typed last
        self.tools = self.page.context.new_cdp_session(self.page)
        for event, happens in {
            "Runtime.consoleAPICalled": self._logged,
            "Network.requestWillBeSent": lambda told: self._asked(told, told["request"]["url"], told["type"]),
            "Network.webSocketCreated": lambda told: self._asked(told, told["url"], "websocket"),
            "Network.responseReceived": self._answered,
            "Network.webSocketHandshakeResponseReceived": self._answered,
            "Network.loadingFailed": self._failed,
        }.items():
            self.tools.on(event, happens)
        self.tools.send("Runtime.enable")
        self.tools.send("Network.enable")

    def _logged(self, told: dict[str, Any]) -> None:
        self.console.append(" ".join(str(value.get("value", "")) for value in told["args"]))

    def _asked(self, told: dict[str, Any], url: str, kind: str) -> None:
        address = urlsplit(url)
        name = address.path.rpartition("/")[2] + (f"?{address.query}" if address.query else "")
        self.rows[told["requestId"]] = [name, PENDING, kind.lower()]

    def _answered(self, told: dict[str, Any]) -> None:
        if told["requestId"] in self.rows:
            self.rows[told["requestId"]][1] = str(told["response"]["status"])

    def _failed(self, told: dict[str, Any]) -> None:
        if self.rows.get(told["requestId"], ["", ""])[1] == PENDING:
            self.rows[told["requestId"]][1] = FAILED

    def type(self, source: str) -> None:
        """Type into the console, which does not wait for what is promised, and shows what comes of it."""
        self.source = source
        self.console.clear()
        self._evaluate()

    def _evaluate(self) -> None:
        told = self.tools.send("Runtime.evaluate", {"expression": self.source, "replMode": True})
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        if "value" in told["result"]:
            self.console.append(json.dumps(told["result"]["value"]))

    def look(self) -> "Tab":
        """Itself, when it has taken in what happened. A mere expression is typed again: its value may be another."""
        self.page.evaluate("0")
        if self.source and not self.source.rstrip().endswith((";", "}")):
            self._evaluate()
        return self

    @property
    def requests(self) -> list[str]:
        """The lines of the network panel: name, status and type."""
        return [" ".join(row) for row in self.rows.values()]

    def close(self) -> None:
        self.page.close()
