"""loadtests/locustfile.py with Locust's own command, as a Locust user would type it."""

import contextlib
import csv
import http.client
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.processes import PATIENCE, Server

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
        assert int(rows["DELIVERY", name]["Request Count"]) > 0 == int(rows["DELIVERY", name]["Failure Count"])
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


def test_the_web_page_is_for_this_machine_only_and_starts_a_test(start: Callable[..., Server]) -> None:
    server = start("websocket")
    command = [sys.executable, "-m", "locust", "-f", str(FILE), "--host", server.url, "--transport", "websocket"]
    with subprocess.Popen([*command, "--web-port", str(free_port())], stderr=subprocess.PIPE, text=True) as process:
        try:
            line = next(line for line in process.stderr if "web interface at" in line)
            host, _, port = line.split("http://")[1].split(",")[0].partition(":")
            assert host == "127.0.0.1"
            connection = http.client.HTTPConnection(host, int(port), timeout=PATIENCE)
            while connection.sock is None:  # it says where it listens a moment before it does
                with contextlib.suppress(ConnectionRefusedError):
                    connection.connect()
            form = f"user_count=4&spawn_rate=4&scenario=steady&poll_interval=0&seed=2&host={server.url}"
            connection.request("POST", "/swarm", form, {"Content-Type": "application/x-www-form-urlencoded"})
            assert json.loads(connection.getresponse().read())["success"] is True
            while "DELIVERY" not in {row["method"] for row in figures(connection)}:
                pass  # the test's time-out is the limit
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=PATIENCE)


def figures(connection: http.client.HTTPConnection) -> list[dict[str, object]]:
    connection.request("GET", "/stats/requests")
    rows: list[dict[str, object]] = json.loads(connection.getresponse().read())["stats"]
    return rows


def free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
