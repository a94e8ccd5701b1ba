"""results/README.md explains every field there is."""

import re
from pathlib import Path

import pytest

from lab import folder, observations, samples
from lab.decisions import Decision
from lab.live.lesson import record
from lab.live.lesson.echoes import Heard
from lab.live.lesson.record import Record
from lab.live.lesson.summary import Row
from lab.manifest import Compact, Manifest, RunRecord
from lab.observations import Observation, Observations
from lab.quantities import QUANTITIES
from lab.summary import COUNTS
from loadtests.records import ADDED, TABLES, LinkReport, RunInfo

TEXT = (Path(__file__).parents[2] / "results" / "README.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([\w.*/]+)`", TEXT))
IMPLIED = {key for key in (quantity.key for quantity in QUANTITIES) if key.endswith(("_up", "_down"))} | {
    column for column in TABLES["connections"] if column.startswith("window_")
}
FIELDS = {
    "manifest": set(Manifest.__struct_fields__),
    "runs": set(RunRecord.__struct_fields__),
    "info": set(RunInfo.__struct_fields__) - {"transport", "poll_interval_s"},  # the cell's
    "link of a run": set(LinkReport.__struct_fields__),
    "counts": set(COUNTS),
    "quantities": {quantity.key for quantity in QUANTITIES},
    **{f"table {name}": set(columns) for name, columns in TABLES.items()},
    "added columns": {column for columns in ADDED.values() for column in columns},
    "files": {f"{name}.parquet" for name in TABLES} | {folder.SAMPLES, observations.NAME},
    "decisions": set(Decision.__struct_fields__),
    "compact": set(Compact.__struct_fields__),
    "samples": set(samples.SCHEMA),
    "observations": set(Observations.__struct_fields__) | set(Observation.__struct_fields__),
    "class": {*Record.__struct_fields__, *Heard.__struct_fields__, *Row.__struct_fields__, *record.COUNTED},
}


@pytest.mark.parametrize("part", FIELDS)
def test_every_field_is_explained(part):
    assert FIELDS[part] - IMPLIED - NAMED == set()
