"""The process of a link (loadtests/link.py), started for one run."""

import signal
import subprocess
import sys
from pathlib import Path

import msgspec

from lab.children import STOP_TIME, RunFailed, address_of, killed_after, last_words, own_group, stop
from lab.link import Link
from loadtests.records import LinkReport

REPORT, LOG = "link.json", "link.log"
SIGNALS = {"window": "SIGUSR1", "window-end": "SIGUSR2"}  # what the generator says: what the link is told


class Proxy:
    """It leaves its report in the run's `part`; where it is killed, as Windows ends everything, there is none."""

    def __init__(self, link: Link, server: str, seed: int, cpu: int | None, part: Path) -> None:
        self.part = part
        with (part / LOG).open("wb") as errors:
            self.process: subprocess.Popen[bytes] = subprocess.Popen(
                [sys.executable, "-m", "loadtests.link", server, *options(link), "--seed", str(seed),
                 *([] if cpu is None else ["--cpu", str(cpu)])],
                stdout=subprocess.PIPE, stderr=errors, stdin=subprocess.DEVNULL, **own_group(),
            )  # fmt: skip

    def address(self) -> str:
        """Where it listens; RunFailed if it does not say so in time."""
        return address_of(self.process, "link", self.part / LOG)

    def hear(self, event: str) -> None:
        """Be told what the generator is doing. RunFailed when the link has ended before the run."""
        if self.process.poll() is not None:
            raise RunFailed(f"the link ended in mid-run: {last_words(self.part / LOG)}")
        if event in SIGNALS and hasattr(signal, SIGNALS[event]):
            self.process.send_signal(getattr(signal, SIGNALS[event]))

    def stop(self) -> None:
        """End it, and keep what it says."""
        if self.process.poll() is None:
            self.process.terminate()
        assert self.process.stdout is not None
        with killed_after(STOP_TIME, self.process):
            (self.part / REPORT).write_bytes(self.process.stdout.read())
        stop(self.process)


def options(link: Link) -> list[str]:
    """The link's nature as its process is told it."""
    given = ["--rtt-ms", link.rtt_ms, "--jitter-ms", link.jitter_ms, "--kbit-s", link.kbit_s, "--loss", link.loss]
    given += ["--cut-every", link.cut_every_s, "--cut-by", link.cut_by]
    if hasattr(signal, SIGNALS["window"]):
        given += ["--await-signal"]
    if link.cut_at_s:
        given += ["--cut-at", *link.cut_at_s]
    return [str(value) for value in given]


def read_report(part: Path) -> LinkReport:
    """What a run's link said of itself; nothing is known where it left no word."""
    try:
        return msgspec.json.decode((part / REPORT).read_bytes(), type=LinkReport)
    except (OSError, msgspec.MsgspecError):
        return LinkReport()
