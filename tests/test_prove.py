"""The long proofs of `make prove`: what a stranger gets from a fresh clone, and what must hold every time."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.tools import find

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.prove


@pytest.fixture
def clone(tmp_path):
    """A fresh one for each proof, in which nothing was set up yet."""
    folder = tmp_path / "polls-apart"
    subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True)
    yield folder
    shutil.rmtree(folder)


def say(what, began):
    """Print how long it took, for the one who runs the proof."""
    print(f"\n{what}: {time.monotonic() - began:.0f} s", file=sys.__stderr__)


def test_make_live_on_a_fresh_clone_shows_a_word_four_times_in_under_90_s(clone):
    from playwright.sync_api import expect, sync_playwright

    began = time.monotonic()
    environment = {**os.environ, "BROWSER": "true"}  # the program `true`, which opens nothing
    live = subprocess.Popen(["make", "live"], cwd=clone, stdout=subprocess.PIPE, text=True, env=environment,
                            start_new_session=True)  # fmt: skip
    try:
        address = next(found[0] for line in live.stdout if (found := re.search(r"http://[\d.:]+/", line)))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find("chromium"), args=["--no-sandbox"])
            page = browser.new_page()
            page.goto(address)
            page.get_by_placeholder("Write a message").fill("dinner?")
            page.keyboard.press("Enter")
            expect(page.get_by_text("dinner?", exact=True)).to_have_count(4)
            say("from `make live` in a fresh clone to a word seen four ways, set-up included", began)
            assert time.monotonic() - began < 90
            browser.close()
    finally:
        os.killpg(live.pid, signal.SIGINT)
        live.wait()


def test_make_compare_on_a_fresh_clone_loses_and_repeats_nothing(clone):
    began = time.monotonic()
    made = subprocess.run(["make", "compare"], cwd=clone, capture_output=True, text=True)
    say("make compare from a fresh clone, set-up included", began)
    assert made.returncode == 0, made.stdout + made.stderr
    assert (clone / "results/runs/latest/report.html").stat().st_size > 50_000
    summary = json.loads((clone / "results/runs/latest/summary.json").read_text())
    assert len(summary["cells"]) == 5
    for row in summary["cells"]:
        counts = row["counts"]
        if row["verdict"]["valid"]:
            assert counts["delivered"] == counts["expected"] == 3 * counts["sent"]
            assert counts["duplicates"] == counts["reordered"] == counts["lost"] == 0


def test_lab_compare_quick_ends_with_a_dash_for_p99(clone):
    subprocess.run(["make", ".venv/.lab"], cwd=clone, check=True, capture_output=True)
    began = time.monotonic()
    quick = subprocess.run([clone / ".venv/bin/lab", "compare", "--quick", "--json"], cwd=clone, capture_output=True)
    say("lab compare --quick", began)
    rows = json.loads(quick.stdout)["cells"]
    assert len(rows) == 4 and all(row["figures"]["latency_p99"]["value"] is None for row in rows)


def test_a_killed_server_loses_nothing_twenty_times_of_twenty():
    for attempt in range(20):
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "tests/servers/contract/test_restarts.py",
        ]
        made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert made.returncode == 0, f"attempt {attempt + 1}: {made.stdout}"
