"""Making a generator's process ready to measure, and ending it where it stands."""

import gc
import json
import logging
import signal
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gevent
import msgspec

from loadtests import awake, processes
from loadtests.command import BadUse
from loadtests.records import Recorder
from loadtests.scenario import Scenario

if TYPE_CHECKING:
    from loadtests.load import Load

DESCRIPTORS = {"short-polling": 2, "long-polling": 2, "sse": 2, "websocket": 1}  # of each user
SPARE_DESCRIPTORS = 64  # for the interpreter, the timer and the files written at the end
INTERRUPTED = 130  # 128 + SIGINT, as a shell has it


class Interrupted(BaseException):
    """SIGINT or SIGTERM came."""


class Run(msgspec.Struct, frozen=True):
    """What is to be run. The poll interval is 0 where nobody polls by the clock; `rtt_s`, a link's, is the longest.

    `ca` is whom to trust where the url is https, as a certificate in PEM.
    """

    run: int
    transport: str
    url: str
    seed: int
    scenario: Scenario
    poll_interval_s: float
    rtt_s: float
    ca: str = ""
    http: str = "1.1"


def prepare(transport: str, users: int, cpus: Sequence[int]) -> dict[str, bool]:
    """Make this process ready for so many users; returns what it can and cannot measure here. BadUse: what fails."""
    needed = DESCRIPTORS[transport] * users + SPARE_DESCRIPTORS
    if (limit := processes.raise_descriptor_limit(needed)) is not None:
        raise BadUse(f"{users} users need {needed} open files, and this process may have {limit}: "
                     f"raise the limit with `ulimit -n {needed}`.")  # fmt: skip
    try:
        pinned = bool(cpus) and processes.pin(cpus)
    except OSError:
        names = ", ".join(map(str, cpus))
        raise BadUse(f"There is no CPU {names} to run on: leave --cpu out, or give another.") from None
    logging.getLogger("locust").setLevel(logging.CRITICAL)  # it warns of many users at once, which is meant
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 1_000)  # the default stops everything for half a second while thousands connect
    return processes.capabilities() | {"pinned": pinned, "kept_awake": pinned and awake.supported()}


def make_folder(out: Path) -> None:
    """The run's folder, with an empty run.json until the run is over."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "run.json").write_text("")
    except OSError as error:
        raise BadUse(f"The folder {out} cannot be written to ({error.strerror}): give another with --out.") from None


def load_of(
    run: Run, recorder: Recorder, numbers: Sequence[int] | None = None, run_id: uuid.UUID | None = None
) -> "Load":
    """What this process's users have in common, up to the end of the scenario's window."""
    from loadtests.load import Load  # patches this process for gevent

    horizon_s = run.scenario.warmup_s + run.scenario.duration_s
    try:
        return Load(
            run.scenario, run.seed, run.url, run.poll_interval_s, recorder, horizon_s, run.rtt_s, numbers, run_id,
            run.ca, run.http,
        )  # fmt: skip
    except OSError as error:
        raise BadUse(f"The server's name in {run.url} cannot be looked up: {error.strerror}.") from None


def note_unexpected(environment: Any, load: "Load") -> None:
    """Have what a user raises, and should not, among the run's errors. `environment` is Locust's."""

    def note(exception: Exception, **_: Any) -> None:
        load.note(f"unexpected: {exception!r}")

    environment.events.user_error.add_listener(note)


def interrupt_on_signals() -> None:
    """Let SIGINT and SIGTERM end the measurement where it stands."""
    main_greenlet = gevent.getcurrent()
    for name in ("SIGINT", "SIGTERM"):
        if hasattr(signal, name):
            gevent.signal_handler(getattr(signal, name), gevent.kill, main_greenlet, Interrupted())


def say(event: str, **more: Any) -> None:
    """One step of the run, for whoever reads stdout."""
    print(json.dumps({"event": event, **more}), flush=True)
