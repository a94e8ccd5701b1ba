"""report.html of a class, and everything else that follows from its recorded files alone."""

from pathlib import Path

from lab import palette, report
from lab.errors import BadUse
from lab.finish import PAGE as PAGE
from lab.live.lesson import picture, plan, record, summary
from lab.live.lesson.record import Record
from lab.live.lesson.summary import Summary
from lab.numbers import number
from lab.plan import TITLES
from lab.sources import made, sourced
from lab.wording import count

FIGURE = "send-to-see"
TITLE = "Send to see, phase by phase"
DASH = "\N{EN DASH}"


def build(where: Path) -> Summary:
    """The summary, the figure and the page. BadUse where the files cannot be read, or the folder not be written to."""
    told = record.read(where)
    found, lesson = summary.of(where, told), plan.read()
    heard = [row for row in found.rows if row.echoes and lesson.step(row.phase).compared]
    drawn = picture.echoes(heard, lesson) if heard else ""
    page = report.template("class.html").render(
        found=found, record=told, lesson=lesson, titles=TITLES, number=known, machine=machine_rows(told),
        picture=report.inlined(drawn, FIGURE, TITLE) if drawn else "",
        length=count(round(told.ended_s / 60), "minute"), who=who(told), layer=LAYERS[found.layer],
        palette=palette.names(), made=made(told, where),
    )  # fmt: skip
    try:
        summary.write(where, found)
        if drawn:
            (where / "figures").mkdir(exist_ok=True)
            file = where / "figures" / f"{FIGURE}.svg"
            file.write_text(sourced(drawn, told, where), encoding="utf-8", newline="\n")
        (where / PAGE).write_text(page, encoding="utf-8", newline="\n")
    except OSError as error:
        raise BadUse(f"The report cannot be written to {where} ({error.strerror}).") from None
    return found


LAYERS = {"ip": "IP bytes", "socket": "bytes at the sockets", "none": "bytes"}


def who(told: Record) -> str:
    """`30 robots`, `24 devices`, `1 device and 30 robots`."""
    there = [(told.devices, "device"), (told.robots, "robot")]
    return " and ".join(count(number_of, noun) for number_of, noun in there if number_of) or "nobody"


def known(value: float | None) -> str:
    """A dash for what was not measured."""
    return DASH if value is None else number(value)


def machine_rows(told: Record) -> list[tuple[str, str]]:
    facts, load = told.machine, told.noise.get("load_before")
    commit = "not known" if told.commit is None else told.commit[:12] + (", changed since" if told.dirty else "")
    return [
        ("Processor", f"{facts.get('cpu') or 'not known'}, {facts.get('cpus')} CPUs"),
        ("System", f"{facts.get('system')} {facts.get('kernel')}, {facts.get('python')}"),
        ("Load before", "not known" if load is None else f"{load:.2f} processes waiting to run, on average"),
        ("Code", f"version {told.version}, commit {commit}"),
        ("Taught", told.created.replace("T", " ").replace("Z", " UTC")),
    ]


def tell(where: Path, json: bool) -> int:
    """Make the page anew and say where it is. Returns the exit code."""
    import typer

    build(where)
    typer.echo((where / summary.NAME).read_text(encoding="utf-8") if json else f"The report: {where / PAGE}")
    return 0
