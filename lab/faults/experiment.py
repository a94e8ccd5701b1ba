"""The experiment: carried out into a run folder, then judged and shown from its recorded files alone."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from lab import doctor, execution, finish, folder, machine, manifest, palette, report
from lab.errors import BadUse
from lab.faults import plan, results
from lab.faults.execution import HISTORY, PartRecord, carry_out
from lab.faults.plan import Length, Part
from lab.faults.results import NAME, OF_TRANSPORT, Conducted, Results
from lab.faults.stand import redis_program
from lab.manifest import Manifest, State
from lab.plan import TITLES
from lab.progress import Progress
from lab.sources import made, sourced

QUESTION = "Is anything lost while servers are killed and connections cut?"
SCENARIO = {
    "name": "faults",
    "description": "Writers and readers of all transports, and faults drawn from a seed.",
}
WORDS = {True: "Every promise was kept", False: "A promise was broken", None: "Nobody can say"}
SAID = ("lost", "duplicated", "reordered", "non-monotonic", "skipped")
WITHOUT_REDIS = "Not measured here: there is no redis-server (on Debian and Ubuntu: sudo apt-get install redis-server)."


def run(out: Path, progress: Progress, seed: int, length: Length, parts: Sequence[Part] = plan.PARTS) -> Path:
    """Carry it out; returns the folder. BadUse when it was interrupted, or cannot be done here."""
    if sys.platform == "win32":
        raise BadUse("The faults need signals that Windows does not have: run them on Linux or macOS.")
    here = [part for part in parts if redis_program() or not part.on_redis]
    left_out = [PartRecord(part, [], {}, WITHOUT_REDIS, measured=False) for part in parts if part not in here]
    where = folder.create(out, "faults")
    record = msgspec.structs.replace(begun(seed, Conducted(length, [])), folder=where.name)
    manifest.write(where, record)
    load, before = machine.load_average(), machine.stolen_and_all()

    def ended(state: State, records: list[PartRecord], note: str = "") -> None:
        stolen, passed = (now - then for now, then in zip(machine.stolen_and_all(), before, strict=True))
        noise = {"load_before": load, "steal_share": stolen / passed if passed else None}
        conducted = msgspec.to_builtins(Conducted(length, records))
        manifest.write(
            where, msgspec.structs.replace(record, state=state, experiment=conducted, note=note, noise=noise)
        )

    def say(sentence: str) -> None:
        progress.doing = sentence

    progress.plan([plan.EXPECTED["quick" if length == plan.QUICK else "long"]])
    progress.what = "faults"
    try:
        with execution.interrupted_by_signals(), progress:
            records = asyncio.run(carry_out(here, length, seed, where, say))
    except KeyboardInterrupt:
        ended("interrupted", [])
        raise BadUse("Interrupted: every process was ended, and there is no verdict without the end.") from None
    in_order = {record.part.name: record for record in (*records, *left_out)}
    ended("complete", [in_order[part.name] for part in parts])
    return where


def begun(seed: int, conducted: Conducted) -> Manifest:
    commit, dirty = machine.commit()
    return Manifest(
        created=folder.now(), command=machine.command(), version=machine.version(), commit=commit, dirty=dirty,
        seed=seed, repeats=1, engine="gevent", cells=[], scenario=SCENARIO, machine=machine.facts(),
        packages=machine.packages(), capabilities=doctor.present(), experiment=msgspec.to_builtins(conducted),
    )  # fmt: skip


def write(where: Path) -> Results:
    """Judge what was recorded, into faults.json, the picture and the page."""
    from markupsafe import Markup

    from lab.faults.timeline import timeline

    record = manifest.read(where)
    found, told = results.judge(where)
    (where / NAME).write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
    picture = timeline(results.conducted(where).parts, found.parts, told)
    (where / "figures").mkdir(exist_ok=True)
    (where / "figures" / "timeline.svg").write_text(sourced(picture, record, where), encoding="utf-8", newline="\n")
    more: dict[str, Any] = {"words": WORDS, "titles": TITLES, "columns": OF_TRANSPORT, "palette": palette.names(),
                            "made": made(record, where)}  # fmt: skip
    page = report.template("faults.html").render(
        results=found, sentence=sentence(found), picture=Markup(picture[picture.index("<svg") :]),
        histories=[f"{name}/{HISTORY}" for name in told], **more,
    )  # fmt: skip
    (where / finish.PAGE).write_text(page, encoding="utf-8", newline="\n")
    return found


def sentence(found: Results) -> str:
    """`1,000,123 deliveries, 8,123 reconnects and 412 kills of servers: 0 lost, …`."""
    had = found.totals.get
    kills = sum(had(kind, 0) for kind in plan.KILLS)
    wrong = ", ".join(f"{had(kind, 0):,} {kind}" for kind in SAID)
    return (
        f"{had('deliveries', 0):,} deliveries, {had('reconnects', 0):,} reconnects and {kills:,} kills of servers: "
        f"{wrong}. Of gaps, readers were told {had('gaps', 0):,} times."
    )
