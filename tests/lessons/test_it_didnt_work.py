"""It didn't work: what the page says a terminal says is what it says. Each thing is made to go wrong here."""

import inspect
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lab import authority, behind, cli, finish, joins, verdicts
from lab.demonstrations import capture, chromium
from lab.plan import Cell, PlannedRun
from tests.lab import synthetic
from tests.processes import PATIENCE, ROOT

PAGE = (ROOT / "lessons/it-didnt-work.md").read_text()
SENTENCES = re.findall(r"^``` \{ \.text \.said \}\n(.*?)\n```$", PAGE, re.MULTILINE | re.DOTALL)
LAB = (sys.executable, "-m", "lab")
FEW = ("sh", "-c", 'ulimit -Sn 200; ulimit -Hn 200; exec "$0" "$@"')
NOWHERE = {"PATH": "/nonexistent"}


def said(*command: str, code: int = 2, cwd: Path = ROOT, **env: str) -> str:
    env = os.environ | {"PYTHONPATH": str(ROOT)} | env
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


def made(*variables: str) -> str:
    return said("make", "--no-print-directory", *variables)


def minimal(port: int) -> str:
    server = ("-m", "flask", "--app", "servers/minimal/short_polling.py", "run", "--port", str(port))
    return said(sys.executable, *server, code=1)


def taken(command: Callable[[int], str]) -> str:
    """What is said of a port on which another listens."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        return command(other.getsockname()[1])


def refused(command: Callable[[int], str]) -> str:
    """What is said of a port on which nobody listens, and nobody can while we have it."""
    with closing(socket.socket()) as mute:
        mute.bind(("127.0.0.1", 0))
        return command(mute.getsockname()[1])


def without_a_browser() -> str:
    live = subprocess.Popen(
        [*LAB, "live"], cwd=ROOT, env=os.environ | NOWHERE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    with live:
        lines = [live.stdout.readline() for _ in range(2)]
        live.send_signal(signal.SIGTERM)
        live.wait(PATIENCE)
    return "".join(lines)


WRONG: dict[str, Callable[[Path], str]] = {
    "Python 3.11": lambda tmp: made("PYTHON=", f"VENV={tmp}", f"{tmp}/.uv"),
    "Python has no venv": lambda tmp: made("PYTHON=false", f"VENV={tmp}", f"{tmp}/.uv"),
    "lab: cannot listen": lambda _: taken(lambda port: said(*LAB, "serve", "sse", "--port", str(port))),
    "Address already in use\nPort": lambda _: taken(minimal),
    "Port 8000": lambda _: taken(
        lambda port: made("site", f"PORT={port}", "DEV=", f"BIN={Path(sys.executable).parent}")
    ),
    "No browser": lambda _: without_a_browser(),
    "lab: on 0.0.0.0": lambda _: said(*LAB, "serve", "sse", "--host", "0.0.0.0", "--port", "0"),
    "lab: Redis at": lambda _: refused(
        lambda port: said(*LAB, "serve", "sse", "--store", f"redis://127.0.0.1:{port}", "--port", "0")
    ),
    "lab: more than one worker": lambda _: said(*LAB, "serve", "sse", "--workers", "2"),
    "lab: only 200 files": lambda _: said(*FEW, *LAB, "serve", "sse", "--port", "0"),
    "Untested here": lambda _: said(sys.executable, "tests/tools.py", code=0, CI="", **NOWHERE),
    "lab: Short polling 1 s has": lambda _: said(*FEW, *LAB, "compare", "crowd"),
    "lab: This experiment needs a Chromium": lambda _: f"lab: {chromium.NO_BROWSER}",
    "lab: This experiment drives": lambda _: f"lab: {chromium.NO_PLAYWRIGHT}",
    "lab: There is no nginx": lambda _: f"lab: {behind.MISSING}",
    "lab: There is no openssl": lambda _: f"lab: {authority.MISSING}",
    "lab: This experiment looks at packets": lambda _: f"lab: {capture.NO_TSHARK}",
    "lab: tshark cannot": lambda _: f"lab: {capture.CANNOT.format(why='…')}",
    "lab: There is no transport": lambda _: said(*LAB, "compare", "--transports", "websocket-2"),
    "lab: results/runs/latest": lambda tmp: said(*LAB, "report", cwd=tmp),
    "lab: The disk is full": lambda _: inspect.getsource(cli.main),
}


def masked(text: str) -> str:
    """Without what differs from one machine to the next."""
    return re.sub(r"\d[\d,.]*", "#", text)


def test_every_sentence_of_the_page_is_tried_and_every_one_that_is_tried_is_on_it():
    assert [[key for key in WRONG if sentence.startswith(key)] for sentence in SENTENCES] == [[key] for key in WRONG]


@pytest.mark.parametrize("beginning", WRONG)
def test_a_terminal_says_what_the_page_says(beginning, tmp_path):
    if os.name != "posix":
        pytest.skip("the page is about Linux, and about macOS in part")
    (sentence,) = [sentence for sentence in SENTENCES if sentence.startswith(beginning)]
    assert masked(sentence) in masked(WRONG[beginning](tmp_path))


SPOILT = (
    {"generator_cpu": 0.75}, {"send_lag_ms": 1.2}, {"unsent": 2}, {"missing": 1},
    {"errors": {"[Errno 24] Too many open files": 1}}, {"offered": 0}, {"loop": "closed"},
    {"steal": 0.03}, {"loop_lag_ms": 1.2}, {"limits": {"cpus": 1}}, {"limits": {"descriptors": 41}},
    {"limits": {"clock_step_ns": 15_600_000}}, {"server_errors": 2}, {"hole_s": 2.0},
)  # fmt: skip


def reasons(where: Path, offered: int | None = None, server_errors: int = 0, **spoilt: Any) -> list[str]:
    """Why a run of which this is known is not to be relied on."""
    record = synthetic.write_run(where, PlannedRun(0, 0, Cell("sse"), 1), [10.0] * 80, **spoilt)
    finish.merge(where)
    tables, _ = joins.read_tables(where)
    run = joins.figures(msgspec.structs.replace(record, server_errors=server_errors), tables)
    return verdicts.of_cell([run if offered is None else msgspec.structs.replace(run, offered=offered)]).reasons


def test_the_reasons_in_the_tables_are_those_that_a_verdict_gives(tmp_path):
    given = [reasons(tmp_path / str(n), **spoilt) for n, spoilt in enumerate(SPOILT)]
    shown = re.findall(r"^\| `(.*?)`", PAGE, re.MULTILINE)
    assert [[masked(reason.removeprefix("block 1: ")) for reason in told] for told in given] == [
        [masked(reason)] for reason in shown
    ]
