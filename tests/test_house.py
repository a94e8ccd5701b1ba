"""What the README promises: commands that exist, a table that is up to date, a picture from the recorded run."""

import re
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from lab import picture, readme

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[1].split()


def test_the_result_table_is_that_of_the_recorded_run():
    assert readme.with_table(README, readme.recorded(ROOT / "results/reference/irc-room")) == README


def test_the_picture_is_that_of_the_recorded_run():
    for name, sheet in {"one-word": picture.WIDE, "one-word-narrow": picture.PHONE}.items():
        drawn = (ROOT / f"results/reference/{name}.svg").read_text()
        assert picture.one_word(ROOT / "results/reference/irc-room", sheet) == drawn


@pytest.mark.parametrize("target", TARGETS)
def test_every_make_target_names_programs_that_exist(target):
    command = ["make", "--dry-run", "--always-make", f"PYTHON={sys.executable}", target]  # no search for one each time
    dry = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert dry.returncode == 0, dry.stderr
    for program in re.findall(r"\.venv/bin/([\w-]+)", dry.stdout):
        assert (Path(sys.executable).parent / program).exists(), program
    for script in re.findall(r"python (tests/\S+\.py)", dry.stdout):
        assert (ROOT / script).exists()


def test_every_make_target_is_in_the_help():
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True).stdout
    assert [target for target in TARGETS if f"make {target} " not in shown] == ["help"]


def test_every_make_target_that_a_workflow_runs_is_one():
    workflows = [path.read_text() for path in (ROOT / ".github/workflows").glob("*.yml")]
    found = {target for text in workflows for target in re.findall(r"run: [^#\n]*?\bmake ([a-z-]+)", text)}
    assert {"test", "compare", "site-build"} <= found <= set(TARGETS)


def test_every_command_in_the_readme_is_one():
    mentioned = set(re.findall(r"`make ([a-z-]+)`|^    make ([a-z-]+)", README, re.MULTILINE))
    assert {a or b for a, b in mentioned} <= set(TARGETS)


def test_every_file_that_the_readme_links_to_is_there():
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        assert link.startswith("https://") or (ROOT / link).exists(), link


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_file_pins_with_hashes_and_names_no_host(lock):
    text = (ROOT / lock).read_text()
    assert "--hash=sha256:" in text
    assert "://" not in text and "index-url" not in text and "find-links" not in text


def test_the_citation_names_the_newest_release_if_there_is_one():
    released = re.findall(r"^## \[?(\d[\w.]*)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert re.findall(r"^version: (\S+)", (ROOT / "CITATION.cff").read_text(), re.MULTILINE) == released[:1]


def test_every_dependency_is_locked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for lock, names in {
        "requirements.lock": project["project"]["dependencies"],
        "requirements-dev.lock": project["dependency-groups"]["dev"],
    }.items():
        locked = {line.split("==")[0] for line in (ROOT / lock).read_text().splitlines() if "==" in line}
        for name in names:
            assert re.split(r"[>=;\[ ]", name)[0] in locked


def test_ci_runs_make_test_and_nothing_else():
    commands = [line for line in (ROOT / ".ci/run").read_text().splitlines() if line and not line.startswith("#")]
    assert commands[-1] == "exec make test"


def test_a_busy_port_is_a_sentence_that_names_the_mend():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        set_up = ("DEV=", f"BIN={Path(sys.executable).parent}")
        command = ["make", "--no-print-directory", "site", f"PORT={port}", *set_up]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stdout.strip() == f"Port {port} is in use: take another, make site PORT=8001."
