"""Each page of the course, walked along by a script that does what the page says."""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.lessons.steps import commands
from tests.lessons.walk import Walk, is_long
from tests.processes import ROOT
from tests.tools import TOOLS

LESSONS = ROOT / "lessons"
PAGES = {str(path.relative_to(LESSONS).with_suffix("")): path.read_text() for path in sorted(LESSONS.rglob("*.md"))}
PART_ONE = ["who-hears-first", "are-we-there-yet", "hold-the-line", "one-way-radio", "both-ways", "choose-first-draft"]
WALKED = [name for name, page in PAGES.items() if commands(page)]
LONG = [name for name in WALKED if any(is_long(line) for line in commands(PAGES[name]))]
BLOCK = re.compile(r"^ *```(?!python|js).*?^ *```$|^ {4,}.*?$", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"^ *(?:\$ )?((?:\.venv/bin/|lab |make |curl |python3? )\S.*)$", re.MULTILINE)
ELSEWHERE = re.compile(r'^```sh title="(?:[^"]* host|Without make)"\n')  # it takes several machines, or a new one
pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the walk looks into /proc")


@pytest.fixture
def alone():
    """No two walks at a time on this machine: the pages name their ports."""
    import fcntl

    with open(Path(tempfile.gettempdir()) / "polls-apart-walk", "w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """What a clone would hold of the tree as it is now, with the environment of these tests."""
    folder = tmp_path_factory.mktemp("walk") / "polls-apart"
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    for name in subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0"):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(sys.prefix)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A fresh one, in which nothing is set up but by what the pages say."""
    folder = tmp_path_factory.mktemp("walk") / "polls-apart"
    subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True)
    yield folder
    shutil.rmtree(folder)


SHORT = ("are-we-there-yet", "hold-the-line", "one-way-radio", "both-ways", "exercises")
"""Pages that `make test` walks along; the others take runs, and `make prove` a minute or two."""


@pytest.mark.browser
@pytest.mark.parametrize(
    "name", [one if one in SHORT else pytest.param(one, marks=pytest.mark.prove) for one in WALKED]
)
def test_a_page_does_what_it_says(name, copy, browser, alone, tool):
    for program in TOOLS:
        if any(re.search(rf"(^|[ |;]){program}\b", line) for line in commands(PAGES[name])):
            tool(program)
    Walk(copy, browser, short=True).follow(PAGES[name])


@pytest.mark.prove
@pytest.mark.browser
def test_a_newcomer_gets_through_part_one_in_a_fresh_clone(clone, browser, alone):
    for name in PART_ONE:
        Walk(clone, browser, short=False).follow(PAGES[name])


@pytest.mark.prove
@pytest.mark.browser
@pytest.mark.parametrize("name", [name for name in LONG if name not in PART_ONE])
def test_a_page_does_what_it_says_however_long_it_takes(name, clone, browser, alone):
    subprocess.run(["make", ".venv/.lab"], cwd=clone, check=True, capture_output=True)
    Walk(clone, browser, short=False).follow(PAGES[name])


@pytest.mark.parametrize("name", PAGES)
def test_every_command_on_a_page_is_typed(name):
    blocks = [block.replace("\\\n", "") for block in BLOCK.findall(PAGES[name]) if not ELSEWHERE.match(block)]
    assert [line for block in blocks for line in COMMAND.findall(block) if line not in commands(PAGES[name])] == []
