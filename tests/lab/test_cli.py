"""The command line: quick to answer, and bad use is one sentence."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lab import answers, machine
from lab.plan import Cell
from tests.lab import synthetic

ROOT = Path(__file__).parents[2]
HEAVY = ("scipy", "polars", "matplotlib", "locust", "numpy", "flask", "gevent")


def started(*arguments, cwd=ROOT):
    return subprocess.run(
        [sys.executable, "-m", "lab", *map(str, arguments)],
        capture_output=True, text=True, timeout=60, cwd=cwd, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def test_help_imports_nothing_heavy():
    code = "import sys; from lab.cli import main; sys.argv = ['lab', '--help']\ntry: main()\nexcept SystemExit: pass\n"
    code += f"print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    assert done.stdout.splitlines()[-1] == "[]"
    for command in ("serve", "live", "compare", "claims", "report", "doctor"):
        assert command in done.stdout


def test_nothing_is_cut_off_in_the_help_of_a_terminal():
    done = subprocess.run(
        [sys.executable, "-m", "lab"], capture_output=True, text=True, env=os.environ | {"COLUMNS": "80"}, cwd=ROOT
    )  # fmt: skip
    assert done.returncode == 2 and "doctor" in done.stdout
    commands = done.stdout.partition("Commands:")[2]
    assert commands and "..." not in commands


def test_it_says_which_version_it_is():
    assert started("--version").stdout == f"lab {machine.version()}\n"


@pytest.mark.parametrize("command", ["serve", "live", "compare", "claims", "report", "doctor"])
def test_every_command_has_help(command):
    done = started(command, "--help")
    assert done.returncode == 0 and "usage" in done.stdout.lower()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["compare", "no-such"], "There is no scenario 'no-such': take one of irc-room"),
        (["compare", "broken.toml"], "broken.toml is not valid TOML"),
        (["compare", "unknown.toml"], "unknown.toml: "),
        (["compare", "--transports", "sse,smoke"], "There is no transport 'smoke': choose from"),
        (["compare", "--duration", "nan"], "--duration: nan is not a number from 0.05 to 3,600"),
        (["compare", "--repeats", "0.5"], "--repeats: 0.5 is not a whole number from 1 to 1,000"),
        (["live", "--port", "99999"], "--port: 99999 is not a whole number from 0 to 65,535"),
        (["compare", "--nonsense"], "No such option: --nonsense"),
        (["nonsense"], "No such command nonsense"),
        (["compare", "--engine", "steam"], "There is no engine 'steam': choose from"),
        (["compare", "--link", "string"], "There is no link 'string': choose from proxy, netem"),
        (["compare", "--poll-intervals", "often"], "'often' is not a list of seconds"),
        (["compare", "--out", "file/x"], "cannot be written to"),
        (["experiment", "controls", "--rtt", "100"], "The controls choose their own runs and link"),
        (["experiment", "headers", "--rtt", "100"], "The experiment headers is no load test"),
        (["report", "."], "is not a run folder"),
        (["report", ".", "--readme", "no.md"], "no.md cannot be read"),
    ],
)
def test_bad_use_is_one_sentence_that_names_the_thing(tmp_path, monkeypatch, lab, arguments, words):
    (tmp_path / "broken.toml").write_text("participants = = 3")
    (tmp_path / "unknown.toml").write_text("speed = 9")
    (tmp_path / "file").write_text("")
    monkeypatch.chdir(tmp_path)
    said = lab(*arguments)
    assert said.code == 2
    assert words in said.err and said.err.startswith("lab: ")
    assert len(said.err.strip().splitlines()) == 1


def test_serve_speaks_in_the_name_under_which_it_was_called():
    assert started("serve", "--help").stdout.startswith("usage: lab serve ")
    done = started("serve", "sse", "--colour", "red")
    assert (done.returncode, done.stderr) == (
        2, "lab: unrecognized arguments: --colour red (--help lists what there is).\n"
    )  # fmt: skip


@pytest.mark.skipif(os.name != "posix" or not hasattr(os, "geteuid"), reason="limits are POSIX's")
def test_too_few_descriptors_are_a_sentence(tmp_path):
    import resource

    many = tmp_path / "many.toml"
    many.write_text(
        'description = "Many."\nparticipants = 10\nsenders = 1\nduration_s = 1.0\n'
        '[workload]\nkind = "poisson"\nrooms = 10\nrate_per_s = 1.0\nbytes = 10\n'
    )
    done = subprocess.run(
        [sys.executable, "-m", "lab", "compare", str(many), "--transports", "sse", "--out", str(tmp_path / "runs")],
        capture_output=True, text=True, timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128)),
    )  # fmt: skip
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert done.stderr.startswith("lab: SSE has 100 clients, which need 264 open files, and a process may have 128")
    assert len(done.stderr.splitlines()) == 1 and not (tmp_path / "runs").exists()


def test_report_prints_the_table_and_where_the_report_is(run_folder):
    done = started("report", run_folder)
    assert done.returncode == 0
    assert "WebSocket" in done.stdout and "report.html" in done.stdout


@pytest.mark.parametrize(
    ("run", "cut_short", "code", "said"),
    [
        ({}, "", 0, ""),
        ({"dropped": 4}, "", 1, "lab: SSE: 4 deliveries were lost.\n"),
        ({"doubled": 2}, "", 1, "lab: SSE: 2 deliveries were duplicates.\n"),
        ({}, "Interrupted.", 2, "lab: Interrupted. The report shows what was measured until then.\n"),
        ({"generator_cpu": 0.9}, "", 2, ""),
        ({"generator_cpu": 0.9, "dropped": 4}, "", 2, ""),
    ],
)
def test_exit_codes(tmp_path, capsys, run, cut_short, code, said):
    synthetic.comparison(tmp_path, {Cell("sse"): 3.0}, blocks=1, **run)
    assert answers.tell(tmp_path, json=True, cut_short=cut_short) == code
    assert capsys.readouterr().err == said


def test_doctor_says_below_its_table_what_is_lost_and_how_to_mend_it():
    code = "from lab import cli, doctor; doctor.PROBES = [doctor.Probe('a_thing', lambda: (False, 'none'), 'X.', 'Y.')]"
    done = subprocess.run([sys.executable, "-c", f"{code}; cli.doctor()"], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "Without a thing: X. Y."


def test_doctor_prints_json():
    done = started("doctor", "--json")
    assert done.returncode == 0
    assert {"tcp_info", "cpu_affinity", "gunicorn"} <= {capability["name"] for capability in json.loads(done.stdout)}
