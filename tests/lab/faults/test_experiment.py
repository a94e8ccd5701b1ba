"""The experiment: a minute of it for real, what it finds in servers with planted defects, what it leaves behind."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys

import psutil
import pytest
from rich.console import Console

from lab import answers
from lab.faults import experiment, results
from lab.faults.plan import KILLS, LONG, PARTS, QUICK, Length, Part
from lab.progress import Progress
from loadtests.records import TRANSPORTS
from tests.lab.faults.defective import DEFECTS
from tests.processes import until

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGKILL")
FEW = Length(300, 3, 20, pace_s=0.2, rooms=1, readers=2, rate=2.0, longest_s=60, settle_s=10)
FOUND = {  # in the planted defect, at least one of these
    "lose": {"skipped"},
    "repeat": {"duplicated"},
    "forget": {"lost", "rewritten"},
    "swap": {"non-monotonic", "skipped"},
    "hide": {"non-monotonic", "lost", "rewritten"},
    "flap": {"non-monotonic"},
    "trim": {"lost"},
}


def run(where, length, parts):
    return experiment.run(where, Progress(Console(file=io.StringIO()), quiet=True), 1, length, parts)


def check_version(where, length):
    """What the issue asks for, over all parts."""
    found, records = experiment.write(where), results.conducted(where).parts
    print(experiment.sentence(found))
    assert found.valid is True, [part.verdict for part in found.parts]
    assert not any(found.totals[kind] for kind in found.parts[0].verdict.counts)
    assert sum(found.totals[kind] for kind in KILLS) >= length.kills
    assert found.totals["reconnects"] >= length.reconnects
    assert found.totals["deliveries"] >= length.deliveries
    for what in ("cut", "eaten", "stalled", "cut for falling behind", "kill redis"):
        assert found.totals[what] > 0, what
    for part in found.parts:
        assert {name for name, row in part.transports.items() if row["deliveries"]} == set(TRANSPORTS)
        assert bool(sum(row["gaps"] for row in part.transports.values())) == (not part.keeps)
    assert all(record.faults and record.measured and not record.note for record in records)


@pytest.mark.timeout(400)
def test_in_a_minute_of_faults_nothing_is_lost_repeated_or_reordered(tmp_path, tool):
    tool("redis-server")
    check_version(run(tmp_path, QUICK, PARTS), QUICK)


@pytest.mark.prove
@pytest.mark.timeout(3_600)
def test_in_a_million_deliveries_nothing_is_lost_repeated_or_reordered(tmp_path, tool):
    tool("redis-server")
    check_version(run(tmp_path, LONG, PARTS), LONG)


@pytest.mark.prove
@pytest.mark.timeout(400)
def test_each_planted_defect_is_found(tmp_path, capsys):
    parts = [
        Part(name, name, "memory" if name == "hide" else "sqlite", keeps=name != "hide",
             command=("tests.lab.faults.defective", name))
        for name in DEFECTS
    ]  # fmt: skip
    where = run(tmp_path, FEW, parts)
    assert answers.tell_faults(where, json=False) == answers.FAILED
    said = capsys.readouterr().out
    for part in results.judge(where)[0].parts:
        kinds = {kind for kind, count in part.verdict.counts.items() if count}
        assert part.verdict.valid is False and kinds & FOUND[part.name], (part.name, kinds)
        assert all(row["deliveries"] for row in part.transports.values()), (part.name, part.transports)
        assert part.verdict.offender.words in said
        assert any(line.startswith("+0.000 s") for line in part.verdict.context)
    assert "A promise was broken" in (where / "report.html").read_text()


@pytest.fixture(scope="module")
def short_run(tmp_path_factory):
    """A short run on a machine without Redis."""
    path = os.environ["PATH"]
    os.environ["PATH"] = ""
    try:
        return run(tmp_path_factory.mktemp("runs"), FEW, [part for part in PARTS if part.name in ("memory", "redis")])
    finally:
        os.environ["PATH"] = path


def test_without_redis_its_part_is_named_and_the_rest_is_judged(short_run, capsys):
    assert answers.tell_faults(short_run, json=False) == answers.DONE
    said = capsys.readouterr().out
    assert "two workers: Not measured here" in said and "apt-get install redis-server" in said
    assert "In memory, 20 messages kept: Every promise was kept" in said


def test_the_page_and_the_data_are_rebuilt_from_the_recorded_files_alone(short_run, lab):
    assert lab("report", short_run).code == 0
    rebuilt = ("report.html", "faults.json", "figures/timeline.svg")
    first = {name: (short_run / name).read_bytes() for name in rebuilt}
    for name in rebuilt:
        (short_run / name).unlink()
    said = lab("report", short_run, "--json")
    assert said.code == 0 and json.loads(said.out)["valid"] is True
    assert {name: (short_run / name).read_bytes() for name in rebuilt} == first
    page = (short_run / "report.html").read_text()
    assert (
        "In memory, 20 messages kept" in page and "<svg" in page and "://" not in page.replace("http://www.w3.org", "")
    )


def test_a_history_that_was_cut_short_decides_nothing(short_run, tmp_path, capsys):
    from lab.faults import history
    from lab.faults.execution import HISTORY

    told = history.read(short_run / "memory" / HISTORY)
    (tmp_path / "memory").mkdir()
    history.write(tmp_path / "memory" / HISTORY, told[: len(told) // 2])
    (tmp_path / "manifest.json").write_bytes((short_run / "manifest.json").read_bytes())
    assert answers.tell_faults(tmp_path, json=False) == answers.BAD_USE
    assert "Nobody can say" in capsys.readouterr().out


def test_it_is_listed_with_its_length(lab):
    said = lab("experiment").out
    assert "faults" in said and "15 min" in said


@pytest.mark.parametrize("options", [["faults", "--rtt", "100"], ["faults", "--repeats", "3"], ["clients", "--quick"]])
def test_options_that_make_no_sense_are_refused(lab, options):
    said = lab("experiment", *options)
    assert said.code == 2 and "--quick" in said.err


@pytest.mark.timeout(120)
def test_ctrl_c_ends_every_process_and_is_said_in_one_sentence(tmp_path):
    command = [sys.executable, "-m", "lab", "experiment", "faults", "--quick", "--out", str(tmp_path)]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    until(lambda: bool(list(tmp_path.glob("*/*/clients.log"))))
    started = psutil.Process(running.pid).children(recursive=True)
    assert started
    running.send_signal(signal.SIGINT)
    said = running.communicate(timeout=60)[1]
    assert running.returncode == 2
    assert said.count("\n") == 1 and said.startswith("lab: Interrupted")
    for process in started:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.wait(10)
