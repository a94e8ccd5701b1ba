"""lab/model/export.py: the constants that the widgets reckon with are the model's."""

import math
import statistics

from lab import summary
from lab.model import export
from lab.model.predictions import predict
from lab.model.recorded import folders, machine_of, rows
from lab.model.wire import ANSWERS
from lab.widgets import REFERENCE


def test_a_page_of_messages_is_what_its_parts_add_up_to():
    found = export.wire()
    sizes = found["exchanges"]
    poll, segments = found["poll"] + found["heads"]["short"] + found["page"], 1 + 1 + 1 + 2
    assert sizes["unchanged"] < poll + segments * found["headers"]  # a poll that is told nothing, and without a body
    assert sizes["frame"] < sizes["event"] < sizes["unchanged"] < sizes["post"]
    assert found["times"] == ANSWERS["times"]


def test_the_errors_are_those_of_all_recorded_cells():
    found, where = export.machine(REFERENCE), folders(REFERENCE)
    machine = machine_of(where)
    assert found["seconds"] == machine.cpu_s
    ratios = []
    for folder in where:
        for given, row in rows(folder):
            measured, said = row["ip_bytes_hour"].value, predict(given, machine).get("ip_bytes_hour")
            ratios += [measured / said] if measured and said else []
    told = next(error for error in found["errors"] if error["what"] == "bytes")
    assert told["cells"] == len(ratios) and told["median"] == statistics.median(ratios)
    assert all(abs(math.log(ratio)) <= abs(math.log(told["farthest"])) for ratio in ratios)


def test_the_cell_that_is_farthest_is_named():
    for error in export.machine(REFERENCE)["errors"]:
        cell, name = error["where"].split(" in ")
        [row] = [row for row in summary.read(REFERENCE / name).cells if row.title == cell]
        assert any(row[key].value for key, what in export.COMPARED.items() if what == error["what"])
