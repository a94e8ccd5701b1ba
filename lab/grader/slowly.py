"""Slow motion: a Python program whose threads may stop for a moment before any step in its own files.

    python -c "$(cat lab/grader/slowly.py)" chat.py

What can happen between two steps of a thread, on a busy machine once in a thousand times, happens all the time. It is
run from its text, since a learner's program may not read this file.
"""

import os
import random
import runpy
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any

SHARE, LONGEST = 0.1, 0.006  # of the steps a thread stops before so many, and for so many seconds


def slowly(command: Sequence[str]) -> list[str]:
    """The command that runs the same Python file so."""
    python, file = command
    return [python, "-c", Path(__file__).read_text(encoding="utf-8"), file]


def run(file: str) -> None:
    folder = os.getcwd()

    def step(frame: FrameType, event: str, _: Any) -> Any:
        if event == "call":
            if not frame.f_code.co_filename.startswith(folder):
                return None
            frame.f_trace_opcodes = True  # a line may hold a look and a wait
        if random.random() < SHARE:
            time.sleep(random.uniform(0, LONGEST))
        return step

    threading.settrace(step)  # which threads that begin from now on have, and this one has not
    runpy.run_path(os.path.abspath(file), run_name="__main__")


if __name__ == "__main__":
    run(sys.argv[1])
