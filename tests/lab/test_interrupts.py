"""Every experiment there is, interrupted by Ctrl-C at random moments and gone on with: `make prove`.

Each is made small by data alone: the same factors, transports and figures, fewer levels and clients, a shorter window.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from lab import folder, manifest, sweep
from lab.capacity import Search
from lab.compare import setup_of
from lab.manifest import Manifest
from lab.plan import blocks
from loadtests.records import TABLES

pytestmark = [
    pytest.mark.prove,
    pytest.mark.timeout(900),
    pytest.mark.skipif(os.name != "posix", reason="Windows has no signal that ends a process in order"),
]
ONE_RUN = 3.0  # seconds, about: within so many more the interrupt comes, so in any step of a run, or between two
INTERRUPTS = 2
SMALL: dict[str, dict[str, Any]] = {
    "capacity": {"transports": ["sse", "websocket"], "objective": "p50 < 0.1ms"},  # no load meets it: seven runs each
    "clients": {"levels": [1, 20]},
    "engines": {"changes": {"workload.rooms": 4}},
    "first-message": {"levels": [0, 20], "changes": {"workload.rooms": 2, "arrive_within_s": 0.5}},
    "idle": {"poll_intervals": [0.25, 0.5]},
    "many-writers": {"levels": [2, 5]},
    "message-rate": {"levels": [1, 5], "changes": {"workload.rooms": 2}},
    "message-size": {"levels": [1, 4000], "changes": {"workload.rooms": 2}},
    "open-vs-closed": {"factors": {"stall_s": 0.2}},
    "poll-interval": {"poll_intervals": [0.25, 0.5]},
    "reconnect-storm": {"levels": [10, 20], "factors": {"cut_s": 0.3}},
    "rtt": {"levels": [0, 20], "changes": {"workload.rooms": 2}},
    "slow-client": {"changes": {"workload.rate_per_s": 5.0}, "levels": [0, 1]},
}


def shrunk(name: str, where: Path) -> Path:
    """The experiment's file with what makes it long made short."""
    fields = tomllib.loads((sweep.FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    less = SMALL.get(name, {})
    fields |= {"repeats": 1, "poll_intervals": [0.25]} | {key: less[key] for key in less if key != "changes"}
    short = {"duration_s": 0.8, "warmup_s": 0.2, "collect_s": 1.0}
    fields["changes"] = fields.get("changes", {}) | short | less.get("changes", {})
    path = where / f"{name}.toml"
    path.write_text("".join(toml(fields)), encoding="utf-8")
    assert {chart["y"] for chart in fields["charts"]} == {chart.y for chart in sweep.load(name).charts}
    assert set(fields.get("factors", {})) == set(sweep.load(name).factors)
    return path


def toml(fields: dict[str, Any]) -> Iterator[str]:
    """As TOML: tables last, an array of them at the end."""
    for key, value in fields.items():
        if key != "charts":
            yield f"{key} = {literal(value)}\n"
    for chart in fields["charts"]:
        yield "[[charts]]\n" + "".join(f"{key} = {literal(value)}\n" for key, value in chart.items())


def literal(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{key}" = {literal(inner)}' for key, inner in value.items()) + "}"
    return "[" + ", ".join(map(literal, value)) + "]" if isinstance(value, list) else json.dumps(value)


def lab(path: Path, out: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "lab", "experiment", str(path), "--out", str(out)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def only_folder(out: Path) -> Path:
    (found,) = [path.parent for path in out.glob(f"*/{manifest.NAME}") if not path.parent.is_symlink()]
    return found


def interrupted(path: Path, out: Path, after: int, delay_s: float) -> None:
    """Run it for so many runs and seconds, then Ctrl-C."""
    running = lab(path, out)
    assert running.stderr is not None
    said = [running.stderr.readline() for _ in range(after)]
    try:
        running.wait(delay_s if after else delay_s + ONE_RUN)  # a first run has the program's start before it
    except subprocess.TimeoutExpired:
        running.send_signal(signal.SIGINT)
    said.append(running.communicate(timeout=120)[1])
    assert running.returncode == 2, said
    assert "Interrupted" in said[-1] and "Traceback" not in said[-1], said


def complete(record: Manifest) -> dict[int, str]:
    """When each run that is over began."""
    return {run.run: run.began for run in record.runs if run.state == "complete"}


def check_whole(where: Path, path: Path) -> None:
    """Every planned cell once and no other, in the manifest as in the tables, and all that follows from them."""
    record, wanted = manifest.read(where), sweep.load(str(path))
    assert record.state == "complete" and {run.state for run in record.runs} == {"complete"}, record.note
    made = [(run.run, run.cell, run.seed) for run in record.runs]
    if not wanted.objective:
        assert made == [(plan.run, plan.cell, plan.seed) for plan in blocks(wanted.cells(), wanted.repeats, 1)]
    assert len({(run.cell, run.block) for run in record.runs}) == len(made)
    assert [run for run, _, _ in made] == list(range(len(made)))
    for name in TABLES:
        assert set(pl.read_parquet(where / f"{name}.parquet")["run"]) <= set(range(len(made)))
    for name in ("receivers", "connections", "generator"):
        assert sorted(pl.read_parquet(where / f"{name}.parquet")["run"].unique()) == list(range(len(made)))
    assert not pl.read_parquet(where / "receivers.parquet").select("run", "receiver").is_duplicated().any()
    assert record.files == folder.checksums(where)
    assert not (where / folder.PARTS).exists() and not (where / folder.DAMAGED).exists()
    drawn = {figure.stem for figure in (where / "figures").glob("*.svg")}
    assert drawn == {chart.name for chart in wanted.charts} and (where / "report.html").exists()
    assert (where.parent / "latest").resolve() == where.resolve()


def check_search(where: Path, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The search had come to its end: of what is recorded follows no further step, and the answers are these."""
    record = manifest.read(where)
    monkeypatch.setattr(folder, "part", lambda where, _: where)  # the tables hold every run
    search = Search(sweep.load(str(path)), where, record, setup_of("steady"), 1)
    assert search.next_step() is None
    assert record.capacity == [search.capacity(cell) for cell in search.series]


def check_rebuilt(where: Path, elsewhere: Path) -> None:
    """The report made again of the recorded files alone, in another place, is the same to the byte."""
    shutil.copytree(where, elsewhere)
    shutil.rmtree(elsewhere / "figures")
    for name in ("summary.json", "summary.csv", "report.html"):
        (elsewhere / name).unlink()
    subprocess.run([sys.executable, "-m", "lab", "report", elsewhere], capture_output=True, timeout=120)
    files = {path.relative_to(where) for path in where.rglob("*") if path.is_file()}
    assert {path.relative_to(elsewhere) for path in elsewhere.rglob("*") if path.is_file()} == files
    assert [name for name in files if (where / name).read_bytes() != (elsewhere / name).read_bytes()] == []


@pytest.mark.parametrize("name", sweep.known())
def test_interrupted_at_random_it_goes_on_without_a_cell_twice_or_missing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(f"interrupts {name}")
    path, out = shrunk(name, tmp_path), tmp_path / "runs"
    before: dict[int, str] = {}
    for _ in range(INTERRUPTS):
        interrupted(path, out, rng.randrange(2), rng.uniform(0, ONE_RUN))
        now = complete(manifest.read(only_folder(out)))
        assert before.items() <= now.items()  # nothing that was over was measured again
        before = now
    last = lab(path, out)
    _, errors = last.communicate(timeout=600)
    assert last.returncode in (0, 1, 2) and "Traceback" not in errors, errors  # 1, 2: too short, or too busy a machine
    where = only_folder(out)
    check_whole(where, path)
    assert before.items() <= complete(manifest.read(where)).items()
    if name == "capacity":
        check_search(where, path, monkeypatch)
    monkeypatch.undo()
    check_rebuilt(where, tmp_path / "elsewhere" / where.name)
