"""The demonstrations as experiments: looked at a few times into a folder, then shown from what was written down."""

import asyncio
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from lab import execution, finish, folder, machine, observations, palette, report
from lab.children import RunFailed
from lab.demonstrations import browser, debugging, headers, hijack, proxies
from lab.demonstrations.notes import Demonstration, Notes
from lab.errors import BadUse
from lab.observations import Observations
from lab.progress import Progress
from lab.sources import made, sourced

REPEATS = 3
TOOLS = ("chromium", "playwright", "tshark", "nginx")
ALL = {one.name: one for one in (browser.DEMONSTRATION, hijack.DEMONSTRATION, debugging.DEMONSTRATION,
                                 headers.DEMONSTRATION, proxies.DEMONSTRATION)}  # fmt: skip


def run(name: str, out: Path, progress: Progress, repeats: int, seed: int) -> Path:
    """Look, and write down what was seen; returns the folder, which is made at the end of it all.

    BadUse when it was interrupted, or cannot be done here: then there is none.
    """
    demonstration, load = ALL[name], machine.load_average()
    demonstration.check()  # before anything is started
    where = folder.create(out, name)
    progress.what = name
    progress.plan([demonstration.takes / REPEATS * repeats])
    progress.begun = time.monotonic()

    def say(doing: str) -> None:
        progress.doing = doing

    notes = Notes()
    try:
        with execution.interrupted_by_signals(), progress:
            asyncio.run(look(demonstration, notes, repeats, seed, say))
        observations.write(where, told(demonstration, notes, seed, load, where.name))
        write(where)
    except BaseException as error:
        shutil.rmtree(where)
        if isinstance(error, KeyboardInterrupt):
            raise BadUse("Interrupted: everything that was started has ended, and nothing was kept.") from None
        if isinstance(error, RunFailed):
            raise BadUse(f"The experiment {name} came to nothing: {error}.") from None
        raise
    return where


async def look(demonstration: Demonstration, notes: Notes, repeats: int, seed: int, say: Callable[[str], None]) -> None:
    """All repeats, one after the other, each with everything new."""
    for repeat in range(repeats):

        def tell(doing: str, repeat: int = repeat) -> None:
            say(f"repeat {repeat + 1} of {repeats}: {doing}")

        tell("starting")
        await demonstration.observe(notes, random.Random(f"{demonstration.name} {seed} {repeat}"), tell)


def told(demonstration: Demonstration, notes: Notes, seed: int, load: float | None, name: str) -> Observations:
    commit, dirty = machine.commit()
    return Observations(
        name=demonstration.name, title=demonstration.title, question=demonstration.question, created=folder.now(),
        command=machine.command(), version=machine.version(), commit=commit, dirty=dirty, seed=seed,
        machine=machine.facts(), packages=machine.packages() | notes.versions, seen=notes.observations(),
        noise={"load_before": load}, folder=name,
    )  # fmt: skip


def write(where: Path) -> Observations:
    """Make the page of what was written down. BadUse when it cannot be read, or is of no demonstration."""
    found = observations.read(where)
    if found.name not in ALL:
        raise BadUse(f"{where} is of an experiment {found.name!r}, which this version does not know: look again.")
    shown = ALL[found.name].show(found)
    picture = report.inlined(shown.picture, found.name, found.title) if shown.picture else ""
    page = report.template("demonstration.html").render(
        found=found, shown=shown, picture=picture, repeats=max(len(one.values) for one in found.seen),
        machine=machine_rows(found), palette=palette.names(), made=made(found, where),
    )  # fmt: skip
    if shown.picture:
        (where / "figures").mkdir(exist_ok=True)
        drawing = sourced(shown.picture, found, where)
        (where / "figures" / f"{found.name}.svg").write_text(drawing, encoding="utf-8", newline="\n")
    (where / finish.PAGE).write_text(page, encoding="utf-8", newline="\n")
    return found


def machine_rows(found: Observations) -> list[tuple[str, str]]:
    """What a reader needs to know of the machine, and of what was looked with."""
    facts, load = found.machine, found.noise.get("load_before")
    commit = "not known" if found.commit is None else found.commit[:12] + (", changed since" if found.dirty else "")
    used = [f"{name} {found.packages[name]}" for name in TOOLS if name in found.packages]
    return [
        ("Processor", f"{facts.get('cpu') or 'not known'}, {facts.get('cpus')} CPUs"),
        ("System", f"{facts.get('system')} {facts.get('kernel')}, {facts.get('python')}"),
        ("Looked at with", ", ".join(used) or "nothing but Python"),
        ("Load before", "not known" if load is None else f"{load:.2f} processes waiting to run, on average"),
        ("Code", f"version {found.version}, commit {commit}"),
        ("Seen", found.created.replace("T", " ").replace("Z", " UTC")),
    ]
