"""Before you begin: what the page shows of HTTP is what crosses the wire, and its ways to set up are the real ones."""

import re
import shlex
import subprocess
import sys
from contextlib import closing

import pytest

from lab import doctor
from tests.lessons.exchanges import fences, parts, say
from tests.processes import ROOT
from tests.servers.defects.places import MinimalServer
from tests.tools import TOOLS

PAGE = (ROOT / "lessons/prerequisites.md").read_text()
README = (ROOT / "README.md").read_text()
ON_LINUX, ON_WINDOWS = re.findall(r'^```\w+ title="Without make"\n(.*?)^```$', PAGE, re.MULTILINE | re.DOTALL)


def test_the_first_server_answers_the_request_as_the_page_shows():
    request, answer = fences(PAGE)
    with closing(MinimalServer("short-polling")) as server:
        assert parts(say(server.port, request)) == parts(answer)


def test_the_lines_without_make_are_those_of_the_readme():
    lines = re.findall(r"^    (.* -m (?:venv|pip) .*)$", README, re.MULTILINE)
    assert len(lines) == 3 and lines == ON_LINUX.replace("python3", "python").splitlines()
    windows = ON_WINDOWS.replace(r".venv\Scripts\python", ".venv/bin/python").replace("py -m venv", "python -m venv")
    assert windows.splitlines() == lines


@pytest.mark.prove
def test_a_fresh_clone_is_set_up_without_make(tmp_path):
    clone = tmp_path / "polls-apart"
    subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
    for line in ON_LINUX.splitlines():
        subprocess.run(shlex.split(line.replace("python3", sys.executable)), cwd=clone, check=True)
    doctor = subprocess.run([".venv/bin/lab", "doctor"], cwd=clone, capture_output=True, text=True, check=True)
    assert "what a measurement uses" in doctor.stdout


def test_what_stands_beside_a_target_is_what_make_does():
    rows = re.findall(r"^\| `make (\w+)` \| (.*\.venv/.*) \|$", PAGE, re.MULTILINE)
    assert [target for target, _ in rows] == ["compare", "live", "site"]
    for target, commands in rows:
        dry = ["make", "--dry-run", "--no-print-directory", "LAB=", "DEV=", target]
        does = subprocess.run(dry, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        run = [command for command in re.findall(r"`(.+?)`", commands) if " pip install " not in command]
        assert run and [command for command in run if command not in does] == []


def test_an_optional_program_is_named_with_its_package():
    rows = dict(re.findall(r"^\| `([\w-]+)` \| `([\w-]+)` \|", PAGE, re.MULTILINE))
    assert rows == {program: TOOLS[program][0] for program in rows}
    looked_for = {probe.name.replace("_", "-") for probe in doctor.PROBES if probe.mend.startswith("Install")}
    assert looked_for <= set(rows)
