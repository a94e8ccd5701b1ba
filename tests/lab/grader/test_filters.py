"""Programs that come to their end: they read lines, print lines, and are asked for no more."""

import pytest

from lab.grader import Wrong
from lab.grader.exercise import find
from lab.grader.stand import Stand, command_of

DOUBLES = """
import json, sys
for line in sys.stdin:
    print(json.dumps({"twice": 2 * json.loads(line)["n"]}))
"""
ILL = {
    "goes-on": "import time\ntime.sleep(60)",
    "crashed": "import no_such_thing",
    "not-line-for-line": DOUBLES + "print('{}')",
    "not-json": DOUBLES.replace("json.dumps", ""),
    "flooded": "while True: print('all is well ' * 100)",
}


@pytest.fixture
def filtered(answer):
    """`filtered(text, questions)` is what a program with this text prints for them."""

    def said(text, questions, within=10.0):
        stand = Stand(find("1"), answer(text), command_of(find("1")), seed=1)
        try:
            return stand.filtered(questions, within)
        finally:
            stand.close()

    return said


def test_a_filter_prints_a_line_for_each_that_it_reads(filtered):
    assert filtered(DOUBLES, [{"n": 1}, {"n": 20}]) == [{"twice": 2}, {"twice": 40}]


@pytest.mark.parametrize("cause", ILL)
def test_a_filter_that_does_not_fails_for_its_own_cause(filtered, cause):
    with pytest.raises(Wrong) as found:
        filtered(ILL[cause], [{"n": 1}], within=1.0 if cause == "goes-on" else 10.0)
    assert found.value.cause == cause


def test_a_student_has_numbers_of_their_own_and_always_the_same(tmp_path):
    def drawn(seed):
        return Stand(find("bytes"), tmp_path, [], seed).drawn(2)

    assert drawn(1) == drawn(1) and len({str(drawn(seed)) for seed in range(20)}) > 10
