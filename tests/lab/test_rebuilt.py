"""`lab report` of the recorded files alone, in another place: the same to the byte, whatever was measured."""

import shutil
import sys
from pathlib import Path

import pytest
from msgspec import structs

from lab import cli, controls, folder, keep, manifest, observations, report, summary
from lab.controls import NULLS, A, B
from lab.plan import Cell
from tests.lab import synthetic
from tests.lab.test_bad_folders import contents

RECORDED = {".parquet", ".log"}


def comparison(where: Path) -> None:
    synthetic.comparison(where, {Cell("short-polling", 1.0): 500.0, Cell("websocket"): 2.0}, blocks=2, floor_ms=0.2)
    report.build(where)


def sweep(where: Path) -> None:
    synthetic.experiment(where, "message-size")
    report.build(where)


def search(where: Path) -> None:
    synthetic.experiment(where, "capacity")
    report.build(where)


def compact(where: Path) -> None:
    synthetic.experiment(where.parent / "whole", "message-size")
    keep.compactly(where.parent / "whole", where)


def negative_controls(where: Path) -> None:
    """Two of them, of which the first had to be repeated."""
    for name, cells in (("a-a", [A, B]), (controls.AGAIN, [A, B]), ("null", NULLS)):
        record = synthetic.comparison(where / name, dict.fromkeys(cells, 3.0), blocks=2, publishes=50)
        manifest.write(where / name, structs.replace(record, folder=f"{where.name}/{name}"))
    controls.write(where)


def derived(where: Path) -> list[Path]:
    """Every file that is not recorded."""
    return [path for path in where.rglob("*") if path.is_file() and not recorded(path)]


def recorded(path: Path) -> bool:
    kept = path.name == summary.NAME and (path.parent / folder.SAMPLES).exists()
    return path.suffix in RECORDED or path.name in (manifest.NAME, observations.NAME) or kept


@pytest.mark.parametrize("make", [comparison, sweep, search, compact, negative_controls])
def test_all_that_is_derived_is_made_again_elsewhere_to_the_byte(make, tmp_path, monkeypatch, capsys):
    where, elsewhere = tmp_path / "run", tmp_path / "another" / "place"
    make(where)
    shutil.copytree(where, elsewhere)
    gone = {path.relative_to(elsewhere) for path in derived(elsewhere)}
    assert {Path(report.PAGE)} < gone and any(path.suffix == ".svg" for path in gone)
    for path in derived(elsewhere):
        path.unlink()
    shutil.move(where, tmp_path / "out of reach")
    monkeypatch.setattr(sys, "argv", ["lab", "report", str(elsewhere)])
    with pytest.raises(SystemExit):
        cli.main()
    assert "Traceback" not in capsys.readouterr().err
    assert contents(elsewhere) == contents(tmp_path / "out of reach")
    assert not list(elsewhere.rglob(folder.PARTS))
