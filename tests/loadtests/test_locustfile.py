"""loadtests/locustfile.py with Locust's own command, as a Locust user would type it."""

import contextlib
import csv
import http.client
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.processes import PATIENCE, Server, until

BUSY = """
description = "One busy room."
participants = 4
senders = 2
duration_s = 60.0
poll_intervals = [1.0]
[workload]
kind = "poisson"
rooms = 1
rate_per_s = 10.0
bytes = 20
"""
OLD = 4  # seconds: a message from before is then older than any delivery takes
MORE = 50  # deliveries, for some of them to be those of whoever joined last
FILE = Path(__file__).parents[2] / "loadtests" / "locustfile.py"


def locust(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "locust", "-f", str(FILE), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@contextlib.contextmanager
def headless(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Locust without its page, printing its figures every two seconds until it is told to end."""
    command = [sys.executable, "-m", "locust", "-f", str(FILE), "--headless", *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def read_until(process: subprocess.Popen[str], rows: set[tuple[str, str]]) -> None:
    """Wait until Locust has shown each of these rows."""
    for line in process.stdout:
        rows -= {row for row in rows if line.split()[: len(" ".join(row).split())] == " ".join(row).split()}
        if not rows:
            return
    raise AssertionError(f"Locust ended without {rows}")


def test_all_four_side_by_side_report_deliveries_and_acks_apart(start: Callable[..., Server], tmp_path: Path) -> None:
    server = start("all")
    names = ("short-polling 0.5s", "long-polling", "sse", "websocket")
    options = ("--host", server.url, "--transport", "all", "--scenario", "steady", "--poll-interval", 0.5)
    with headless(*options, "-u", 16, "-r", 16, "--csv", tmp_path / "stats") as process:
        read_until(process, {(kind, name) for kind in ("DELIVERY", "ACK") for name in names})
        process.send_signal(signal.SIGTERM)
        _, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
    with (tmp_path / "stats_stats.csv").open() as file:
        rows = {(row["Type"], row["Name"]): row for row in csv.DictReader(file)}
    for name in names:
        assert int(rows["DELIVERY", name]["Request Count"]) > 0
        assert int(rows["ACK", name]["Request Count"]) > 0 == int(rows["ACK", name]["Failure Count"])
    assert float(rows["DELIVERY", "sse"]["Min Response Time"]) > 0


def test_a_server_that_is_not_there_shows_as_failures(start: Callable[..., Server]) -> None:
    server = start("sse")
    server.terminate()
    with headless("--host", server.url, "--transport", "sse", "-u", 2, "-r", 2) as process:
        read_until(process, {("CONNECTION", "sse")})
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
        assert process.returncode == 1


def test_an_unknown_scenario_is_one_sentence_that_names_the_known() -> None:
    done = locust("--host", "http://127.0.0.1:9", "--scenario", "chess", "--headless", "-t", "1s")
    assert done.returncode != 0
    assert "There is no scenario 'chess'" in done.stderr and "Traceback" not in done.stderr


@pytest.fixture
def page(start: Callable[..., Server], tmp_path: Path) -> Iterator["Page"]:
    """Locust's page, for a server of WebSockets with one busy room."""
    scenario = tmp_path / "busy.toml"
    scenario.write_text(BUSY)
    server = start("websocket")
    command = [sys.executable, "-m", "locust", "-f", str(FILE), "--host", server.url, "--transport", "websocket"]
    with subprocess.Popen([*command, "--web-port", str(free_port())], stderr=subprocess.PIPE, text=True) as process:
        try:
            line = next(line for line in process.stderr if "web interface at" in line)
            yield Page(line.split("http://")[1].split(",")[0], server.url, scenario)
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=PATIENCE)


class Page:
    """What a browser does on Locust's page."""

    def __init__(self, address: str, url: str, scenario: Path) -> None:
        self.host, _, port = address.partition(":")
        self.url, self.scenario = url, scenario
        self.connection = http.client.HTTPConnection(self.host, int(port), timeout=PATIENCE)
        while self.connection.sock is None:  # it says where it listens a moment before it does
            with contextlib.suppress(ConnectionRefusedError):
                self.connection.connect()

    def ask(self, method: str, path: str, form: str | None = None) -> dict[str, Any]:
        self.connection.request(method, path, form, {"Content-Type": "application/x-www-form-urlencoded"})
        answer: dict[str, Any] = json.loads(self.connection.getresponse().read())
        return answer

    def swarm(self, users: int) -> None:
        """Start a test, or take one that runs to another number of users."""
        form = f"user_count={users}&spawn_rate={users}&scenario={self.scenario}&poll_interval=0&seed=2&host={self.url}"
        assert self.ask("POST", "/swarm", form)["success"] is True

    def deliveries(self, at_least: int) -> dict[str, Any]:
        """The row of deliveries, as soon as it counts so many."""
        while True:  # the test's time-out is the limit
            seen = self.ask("GET", "/stats/requests")
            for row in seen["stats"]:
                if seen["state"] == "running" and row["method"] == "DELIVERY" and row["num_requests"] >= at_least:
                    return row


def test_the_web_page_is_for_this_machine_only_and_starts_a_test(page: "Page") -> None:
    assert page.host == "127.0.0.1"
    page.swarm(2)
    page.deliveries(1)


@pytest.mark.prove
def test_what_was_in_the_log_before_is_no_delivery(page: "Page") -> None:
    """Nothing counted can have taken longer than it was there, nor than its receiver."""
    page.swarm(2)
    page.deliveries(1)
    first = time.monotonic()
    until(lambda: time.monotonic() - first > OLD)
    oldest_ms = (time.monotonic() - first) * 1000
    before = page.deliveries(1)["num_requests"]
    page.swarm(4)  # two more join, and read the log from its beginning
    assert page.deliveries(before + MORE)["max_response_time"] < oldest_ms

    page.ask("POST", "/stop")
    until(lambda: page.ask("GET", "/stats/requests")["state"] == "stopped")
    begun = time.monotonic()
    page.swarm(2)  # a second test, in the same rooms
    slowest_ms = page.deliveries(MORE)["max_response_time"]
    assert slowest_ms < (time.monotonic() - begun) * 1000


def free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
