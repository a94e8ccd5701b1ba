"""The two servers that a probe is put to: the one that everybody writes, and this project's."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import Any

from tests.processes import PATIENCE, ROOT, Server, until

RUNNING = re.compile(r"http://(127\.0\.0\.1):(\d+)")


class MinimalServer:
    """A file of `servers/minimal/`, run by Flask as a learner runs it."""

    def __init__(self, name: str, port: int = 0) -> None:
        file = f"servers/minimal/{name.replace('-', '_')}.py"
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  # closed with the server
        self.process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", file, "run", "--port", str(port)],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=self.errors,
        )
        until(lambda: RUNNING.search(self.stderr) is not None)
        self.host, port = RUNNING.search(self.stderr).groups()
        self.port = int(port)

    @property
    def stderr(self) -> str:
        self.errors.seek(0)
        return self.errors.read()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)

    def close(self) -> None:
        self.kill()
        self.errors.close()


class Place:
    """Where a probe is made. `start` starts a server of a transport; the options are ours alone, it has none."""

    def __init__(self, is_minimal: bool, keep: Callable[[Any], Any]) -> None:
        self.is_minimal = is_minimal
        self._keep = keep  # until the test ends

    def start(self, transport: str, *options: object, port: int = 0) -> Any:
        server = MinimalServer(transport, port) if self.is_minimal else Server(transport, *options, port=port)
        self._keep(server)
        return server

    def sees(self, *, minimal: Any, mended: Any) -> Any:
        """What the probe must see here."""
        return minimal if self.is_minimal else mended
