"""results/reference: small, whole, and each figure and report in it leads back to the run that it is from."""

import re
import shutil
from html import unescape
from pathlib import Path

import pytest

from lab import manifest, observations, pages, report, samples, summary
from lab.plan import Cell
from lab.quantities import QUANTITIES
from lab.signature import __main__ as signature
from lab.stats import ratio
from tests.lab.test_bad_folders import contents
from tests.lab.test_rebuilt import derived

MIB = 2**20
MOST = 30 * MIB  # of a clone, for whoever wants the course alone
REFERENCE = pages.REFERENCE
RUNS = sorted(path.parent for path in REFERENCE.rglob(manifest.NAME))
COMPACT = [where for where in RUNS if manifest.read(where).compact]
OBSERVED = sorted(path.parent for path in REFERENCE.rglob(observations.NAME))
FOLDERS = sorted(path for path in REFERENCE.iterdir() if path.is_dir())
OF_NO_RUN = dict.fromkeys(("one-word.svg", "one-word-narrow.svg"), REFERENCE / "irc-room")  # drawings, and their run
NAMES = {quantity.key: quantity for quantity in QUANTITIES}
DUBLIN_CORE = ("source", "description")
SEVERAL = {f"{name}.svg" for name in signature.FIGURES}  # tested where they are made, tests/lab/signature
FIGURES = sorted(path for path in REFERENCE.rglob("*.svg") if path.name not in SEVERAL)


def named(path: Path) -> str:
    return path.relative_to(REFERENCE).as_posix()


def record_of(where: Path):
    """What a folder says of how it was made."""
    return observations.read(where) if observations.are_in(where) else manifest.read(where)


def test_all_of_it_is_small():
    assert sum(path.stat().st_size for path in REFERENCE.rglob("*") if path.is_file()) <= MOST


@pytest.mark.parametrize("where", RUNS, ids=named)
def test_a_run_names_its_machine_commit_command_and_noise(where):
    record = manifest.read(where)
    assert record.state == "complete" and record.folder == named(where)
    assert record.machine["cpu"] and record.machine["kernel"] and record.packages["gevent"]
    assert re.fullmatch(r"[0-9a-f]{40}", record.commit or "") and record.command.startswith("lab ")
    assert set(record.noise) == {"load_before", "steal_share"} and None not in record.noise.values()


def test_what_was_observed_names_its_machine_commit_command_and_noise():
    for found in map(observations.read, OBSERVED):
        assert found.machine["cpu"] and found.noise and (REFERENCE / found.folder / observations.NAME).exists()
        assert re.fullmatch(r"[0-9a-f]{40}", found.commit or "") and found.command.startswith("lab ")


@pytest.mark.parametrize("where", FOLDERS, ids=named)
def test_all_that_is_derived_is_made_again_to_the_byte(where, tmp_path, lab):
    copy = Path(shutil.copytree(where, tmp_path / where.name))
    gone = derived(copy)
    assert copy / report.PAGE in gone
    for path in gone:
        path.unlink()
    lab("report", copy)
    assert contents(copy) == contents(where)


@pytest.mark.parametrize("where", COMPACT, ids=named)
def test_a_row_whose_runs_have_no_fault_is_not_valid_for_its_waits_alone(where):
    runs = manifest.read(where).runs
    for row in (row for row in summary.read(where).cells if row.runs and row.verdict.valid is False):
        of_row = [run.verdict for run in runs if run.cell == row.cell and run.verdict]
        assert row.verdict.waits_only == (False not in [verdict.valid for verdict in of_row]), row.cell.name


@pytest.mark.parametrize("where", COMPACT, ids=named)
def test_two_rows_are_compared_wherever_both_can_be_relied_on_as_the_runs_of_the_sample_say(where):
    record, found = manifest.read(where), summary.read(where)
    cells, runs = {row.cell: row for row in found.cells}, {run.run: run for run in record.runs}
    own: dict[Cell, dict[int, dict]] = {cell: {} for cell in cells}
    for values in samples.read(where).iter_rows(named=True):
        own[runs[values["run"]].cell][runs[values["run"]].block] = values
    for cell, row in cells.items():
        of_level = summary.reference_of([other for other in record.cells if other.level == cell.level])
        first = next(other for other in record.cells if other.series == cell.series)
        for other, ratios in ((of_level, row.versus), (first, row.growth)):
            for key, said in ratios.items():
                both = [(own[cell][block][key], own[other][block][key]) for block in own[cell] if block in own[other]]
                trusted = all(one.verdict.trusts(key) for one in (row, cells[other]))
                if both and trusted and not NAMES[key].needs_publishes:
                    assert said == ratio(*map(list, zip(*both, strict=True))), (cell.name, other.name, key)


@pytest.mark.parametrize("drawing", FIGURES, ids=named)
def test_a_figure_says_which_run_it_is_from_and_how_that_was_made(drawing):
    where = OF_NO_RUN.get(named(drawing), drawing.parent.parent)
    record, text = record_of(where), drawing.read_text(encoding="utf-8")
    source, description = (unescape(re.search(f"<dc:{tag}>(.*)</dc:{tag}>", text)[1]) for tag in DUBLIN_CORE)
    assert source == named(where)
    assert named(where) in description and record.command in description and record.commit in description


@pytest.mark.parametrize("where", [*RUNS, *OBSERVED], ids=named)
def test_a_report_says_at_its_foot_which_run_it_is_from(where):
    record = record_of(where)
    text = unescape((where / report.PAGE).read_text(encoding="utf-8"))
    foot = text.partition("<footer>")[2].partition("</footer>")[0]
    assert record.folder in foot and record.command in foot and record.commit in foot
