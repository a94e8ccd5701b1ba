"""Servers to look at: `lab serve` becomes one, `lab live` starts all four and opens the page."""

import contextlib
import os
import signal
import subprocess
import sys
import webbrowser
from collections.abc import Iterator, Sequence

from lab.children import tied

COMMAND = "POLLS_APART_COMMAND"  # by which the server knows what was typed, and speaks in its name
STOP_TIME = 5.0  # seconds; the servers' drain takes 3 at most


def become_server(args: Sequence[str]) -> None:
    """Hand this process over to the server, options and all; where that is impossible, run it and wait."""
    command = [sys.executable, "-m", "servers", *args]
    os.environ[COMMAND] = "lab serve"
    if os.name == "posix":
        os.execv(sys.executable, command)
    sys.exit(subprocess.call(command))


def show(port: int, browser: bool) -> None:
    """All four transports, until Ctrl-C. A server that does not start says why on stderr, and its exit code is ours."""
    command = [sys.executable, "-m", "servers", "all", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                              env=os.environ | {COMMAND: "lab live"}, **tied())  # fmt: skip
    assert server.stdout is not None
    try:
        with stopped_by_sigterm():
            line = server.stdout.readline().strip()
            if not line.startswith("listening on "):
                sys.exit(server.wait())
            address = line.removeprefix("listening on ")
            print(f"The four transports side by side: {address}/  (Ctrl-C ends it)", flush=True)
            if browser and not webbrowser.open(f"{address}/"):
                print("No browser could be opened here: open the address yourself.", flush=True)
            server.wait()
    except KeyboardInterrupt:
        pass  # that is how it ends
    finally:
        end(server)


def end(server: subprocess.Popen[str]) -> None:
    if server.poll() is None:
        server.terminate()
        try:
            server.wait(STOP_TIME)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@contextlib.contextmanager
def stopped_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end it as Ctrl-C does, so that no server stays behind."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
