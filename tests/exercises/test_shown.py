"""What a learner is shown where the picture alone would not do."""

from lab.grader.exercise import find
from lab.grader.marking import mark

ENDS_AT_A_FRAME = """
import json, sys
for line in sys.stdin:
    said = json.loads(line)
    if "frame" in said:
        raise IndexError("index out of range")
    print(json.dumps({"accept": "?"}), flush=True)
"""


def test_a_frame_that_ends_the_program_is_shown_whole(tmp_path):
    (tmp_path / "frames.py").write_text(ENDS_AT_A_FRAME)
    report = mark(find("frames"), tmp_path)
    crash = next(check for check in report.checks if check.cause == "crashed")
    assert crash.expected == "a line of JSON for 81 05 48 65 6c 6c 6f from a server"
    assert crash.seen == "frames.py, line 6: IndexError: index out of range"
