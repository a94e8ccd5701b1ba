"""servers/deploy/polls-apart.service: what it starts is a server, and systemd reads it."""

import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

from lab.behind import FOLDER, filled
from tests.processes import Server

TEXT = (FOLDER / "polls-apart.service").read_text()


def test_its_command_starts_a_server_that_goes_by_its_name(start: Callable[..., Server], tmp_path: Path) -> None:
    command = TEXT.partition("ExecStart=")[2].partition("\nWorkingDirectory")[0].replace("\\\n", " ")
    words = shlex.split(filled(command, {"state": str(tmp_path), "name": "chat.example.org"}))
    assert words[1:3] == ["-m", "servers"]
    server = start(*words[3:])  # and --port 0, which counts since it comes last
    asked = {"Host": "chat.example.org", "Origin": "https://chat.example.org"}
    assert server.request("POST", "/session", {"name": "Ada"}, asked).status == 201
    assert server.request("POST", "/session", {"name": "Ada"}, {"Host": "other.example.org"}).status == 421
    assert (tmp_path / "chat.sqlite").exists()


def test_systemd_finds_nothing_wrong_with_it(tool: Callable[[str], str], tmp_path: Path) -> None:
    verify = tool("systemd-analyze")
    unit = tmp_path / "polls-apart.service"
    venv = tmp_path / ".venv" / "bin"
    venv.mkdir(parents=True)
    (venv / "python").write_text("#!/bin/sh\n")
    (venv / "python").chmod(0o755)
    unit.write_text(filled(TEXT, {"project": str(tmp_path), "state": "/var/lib/polls-apart", "name": "c.example.org"}))
    done = subprocess.run([verify, "verify", "--man=no", unit], capture_output=True, text=True)
    assert "polls-apart.service" not in done.stderr, done.stderr
