"""`lab serve` becomes the server."""

import os
import subprocess
import sys
from collections.abc import Sequence

COMMAND = "POLLS_APART_COMMAND"  # by which the server knows what was typed, and speaks in its name


def become_server(args: Sequence[str]) -> None:
    """Hand this process over to the server, options and all; where that is impossible, run it and wait."""
    command = [sys.executable, "-m", "servers", *args]
    os.environ[COMMAND] = "lab serve"
    if os.name == "posix":
        os.execv(sys.executable, command)
    sys.exit(subprocess.call(command))
