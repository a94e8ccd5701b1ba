"""What a student draws: whatever the chance, it shows the mistakes that an exercise is about."""

import json
import runpy
from itertools import product

from lab.grader.exercise import find

AT = "2026-01-31T12:00:00.000Z"


def test_whoever_writes_the_message_comes_in_a_frame_with_a_longer_head():
    drawn = runpy.run_path(str(find("bytes").folder / "task.py"))
    for name, text in product(drawn["NAMES"], drawn["TEXTS"]):
        message = {"type": "message", "seq": 1, "id": "0" * 16, "sender": name, "text": text, "at": AT}
        frame = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
        assert len(frame.encode()) >= 126, (name, text)
