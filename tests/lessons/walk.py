"""A walk along a page: does what the page says, as literally as a script can, and sees whether it is as it says."""

import os
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser

from tests.lessons.shape import are_among, is_like
from tests.lessons.steps import CONSOLE, PANEL, Step, lines, steps
from tests.lessons.tab import Tab
from tests.lessons.terminal import Rest, Terminal
from tests.processes import PATIENCE, until

SHORTER = {  # what takes long, and what is typed in its place where there is no time for it; None: nothing is
    r"make (?!live)(.*)": r"make --dry-run \1",
    r"\.venv/bin/lab compare\b.*": r"\g<0> --quick --no-floor --transports short-polling --duration 0.5",
    r"\.venv/bin/python -m pytest .*": r"\g<0> --collect-only --quiet",
    r"\.venv/bin/lab experiment \w.*": None,
    r"\.venv/bin/lab claims --fresh .*": None,
    r"python3? -m venv .*|\.venv/bin/python -m pip .*": None,
}
LONG = 3600.0  # seconds that a command may take in a long walk
SHORT = 240.0  # and in a short one


def shorter(line: str) -> str | None:
    """What a short walk types for a line of a page."""
    for pattern, instead in SHORTER.items():
        if match := re.fullmatch(pattern, line):
            return instead and match.expand(instead)
    return line


def is_long(line: str) -> bool:
    return shorter(line) != line


class Walk:
    """A walk by one who has the project in `folder`. In a short one, shorter commands stand for the long ones."""

    def __init__(self, folder: Path, browser: Browser | None, short: bool) -> None:
        self.folder = folder
        self.browser = browser
        self.short = short
        self.patience = SHORT if short else LONG
        self.terminals: dict[str, Terminal] = {}
        self.tabs: dict[str, Tab] = {}
        self.environment = os.environ | {
            "BROWSER": "true",  # the program `true`, which opens nothing
            "TERM": "dumb",
            "PYTHON_BASIC_REPL": "1",  # the one that does not paint
        }
        if short:  # the set-up is borrowed: its code is elsewhere, and nothing is to be installed in it
            self.environment |= {"PYTHONPATH": str(folder), "MAKEFLAGS": "-- LAB= DEV="}

    def follow(self, page: str) -> None:
        """All steps of a page, given its Markdown. AssertionError where it is not as the page says."""
        with free_ports(page):
            try:
                for step in steps(page):
                    self.take(step)
                    self.pause()
                for terminal in self.terminals.values():
                    self.leave(terminal)
            finally:
                for opened in (*self.terminals.values(), *self.tabs.values()):
                    opened.close()

    def pause(self) -> None:
        """As a reader pauses, to see what comes: until nothing moves any more."""
        try:
            until(Rest(self.terminals.values()).has_come, self.patience)
        except AssertionError:
            busy = [terminal.line for terminal in self.terminals.values() if terminal.is_busy]
            raise AssertionError(f"there is no end to it: {busy}") from None

    def take(self, step: Step) -> None:
        match step.kind:
            case "sh":
                self.command(self.terminals.setdefault(step.place, Terminal(self.folder, self.environment)), step.text)
            case "python":
                self.terminals[step.place].clear()
                for line in step.text.splitlines():
                    self.terminals[step.place].enter(line)
            case "press":
                self.terminals[step.place].press()
            case "close":
                self.tabs.popitem()[1].close()
            case "js":
                self.tab(step.place).type(step.text)
            case "text":
                self.see(step)

    def command(self, terminal: Terminal, text: str) -> None:
        """Type the lines of a block, each when the one before has ended."""
        self.leave(terminal)
        terminal.clear()
        for line in lines(text):
            if typed := shorter(line) if self.short else line:
                self.leave(terminal)
                terminal.type(typed)
                self.pause()

    def leave(self, terminal: Terminal) -> None:
        """What runs there must end now by itself, and well, unless the page showed how, or pressed Ctrl-C."""
        if terminal.process is None:
            return
        code = terminal.finish(self.patience if is_long(terminal.line) else PATIENCE)
        made = code == 2 and "report.html" in terminal.shown  # it ran to its end, and says what is not valid
        assert code == 0 or made or terminal.is_excused, f"`{terminal.line}` ended with {code}:\n{terminal.shown}"
        terminal.process = None

    def tab(self, place: str) -> Tab:
        """The tab whose console a page speaks of; the one that was opened last where it does not say."""
        if place == CONSOLE:
            return list(self.tabs.values())[-1]
        if place not in self.tabs:
            assert self.browser
            self.tabs[place] = Tab(self.browser, place.removeprefix(f"{CONSOLE} of "))
        return self.tabs[place]

    def see(self, step: Step) -> None:
        """What the page shows must be there, or come."""
        if step.place in self.terminals:
            terminal = self.terminals[step.place]
            wait(lambda: is_like(terminal.said, step.text), lambda: terminal.said, step)
            terminal.is_excused = True
            terminal.clear()
        elif step.place == PANEL:
            tab = self.tab(CONSOLE)
            wait(lambda: are_among(tab.look().requests, step.text), lambda: "\n".join(tab.requests), step)
        else:
            tab = self.tab(step.place)
            wait(lambda: are_among(tab.look().console, step.text), lambda: "\n".join(tab.console), step)


def wait(shown: Callable[[], bool], seen: Callable[[], str], step: Step) -> None:
    """Until it is shown. Says what was seen in its place where it never is."""
    try:
        until(shown, PATIENCE)
    except AssertionError:
        raise AssertionError(f"{step.place}: the page shows\n{step.text}\nand there is\n{seen()}") from None


@contextmanager
def free_ports(page: str) -> Iterator[None]:
    """The page's ports, for this walk alone, free before it and after."""
    ports = sorted({int(port) for port in re.findall(r"(?:127\.0\.0\.1|localhost):(\d+)", page)})
    for port in ports:
        assert is_free(port), f"port {port}, which the page uses, is another program's: end that first"
    yield
    for port in ports:
        assert is_free(port), f"somebody still listens on port {port} after the page's end"


def is_free(port: int) -> bool:
    try:
        with socket.create_server(("127.0.0.1", port)):
            return True
    except OSError:
        return False
