"""The command `lab`. Whatever is slow to import is imported inside the command that needs it."""

import errno
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from lab import answers
from lab.answers import BAD_USE, DONE
from lab.errors import BadUse
from lab.grader.commands import app as exercises
from lab.options import number, refusal

if TYPE_CHECKING:
    from lab.progress import Progress


class Group(TyperGroup):
    """The commands; Ctrl-C in one of them is said, where Typer would leave without a word."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise BadUse("Interrupted.") from None


app = typer.Typer(
    cls=Group,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(exercises, name="exercise")
Repeats = Annotated[int | None, number(int, 1, 1_000, "N", "Runs of each row (3, or what the experiment says).")]
Seed = Annotated[int, typer.Option(metavar="N", help="What decides the order of runs, the messages, the poll phases.")]
Out = Annotated[Path, typer.Option(metavar="DIR", help="Where the run's folder is made.")]
Rtt = Annotated[float | None, number(float, 0, 10_000, "MS", "Go through a link of so many ms round trip.")]
Jitter = Annotated[float, number(float, 0, 10_000, "MS", "Up to so many ms more, each way.")]
LinkKind = Annotated[
    str | None,
    typer.Option(metavar="proxy|netem", help="How; netem takes Linux and root.  [default: proxy, if --rtt is given]"),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, and nothing else.")]


def main() -> None:
    """The entry point: bad use becomes one sentence and exit code 2."""
    try:
        sys.exit(app(standalone_mode=False))
    except BadUse as error:
        print(f"lab: {error}", file=sys.stderr)
        sys.exit(BAD_USE)
    except typer.TyperException as error:
        print(f"lab: {refusal(error)}", file=sys.stderr)
        sys.exit(BAD_USE)
    except Exception as error:
        if not disk_full(error):
            raise
        print("lab: The disk is full: free some of it, or measure with --out on another.", file=sys.stderr)
        sys.exit(BAD_USE)


def disk_full(error: Exception) -> bool:
    """Whether the disk is, as the system says it, or polars."""
    return getattr(error, "errno", None) == errno.ENOSPC or f"(os error {errno.ENOSPC})" in str(error)


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context, version: Annotated[bool, typer.Option("--version", help="Say which version it is.")] = False
) -> None:
    """When something happens on the server, what is the best way to tell the client? Measure it."""
    if version:
        from lab import machine

        typer.echo(f"lab {machine.version()}")
        raise typer.Exit(DONE)
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(BAD_USE)


@app.command(
    add_help_option=False, context_settings={"allow_extra_args": True, "ignore_unknown_options": True}
)  # fmt: skip
def serve(context: typer.Context) -> None:
    """Run a server of one transport, or of several.

    lab serve TRANSPORT..., or lab serve all; lab serve --help lists the options.
    """
    from lab.serve import become_server

    become_server(context.args)


@app.command()
def live(
    port: Annotated[
        int, number(int, 0, 65_535, "PORT", "The port to listen on, and the one above it; 0 picks free ones.")
    ] = 0,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
    classroom: Annotated[
        bool, typer.Option("--class", help="With a class: others join by phone or laptop, and you have the projector.")
    ] = False,
    address: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Of a class: this machine's address, as the class types it.")
    ] = None,
    robots: Annotated[int, number(int, 0, 300, "N", "Of a class: so many robots join, as devices would.")] = 0,
    names: Annotated[
        bool, typer.Option("--names", help="Of a class: show the names that people give, not made-up ones.")
    ] = False,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Of a class: where the run's folder is made.")] = Path(
        "results/runs"
    ),
) -> None:
    """See one message arrive four ways, in a browser.

    With --class the class is the load: a lesson of twenty minutes, which ends with a report.
    """
    if not classroom:
        if address or robots or names:
            raise BadUse("--address, --robots and --names are for a class: add --class.")
        from lab.live.show import show

        return show(port, browser)
    from lab import ports
    from lab.live.lesson.show import Options, teach

    found = ports.read_address(address) if address else ""
    teach(Options(port=port, browser=browser, address=found, robots=robots, names=names, out=out))


@app.command()
def compare(
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="A scenario's name, or a .toml file.")
    ] = "irc-room",
    transports: Annotated[
        str, typer.Option(metavar="A,B", help="Which, separated by commas.")
    ] = "short-polling,long-polling,sse,websocket",
    repeats: Repeats = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="One short run of each, one poll interval: a first look.")
    ] = False,
    seed: Seed = 1,
    out: Out = Path("results/runs"),
    duration: Annotated[float | None, number(float, 0.05, 3_600, "SECONDS", "How long to measure in each run.")] = None,
    poll_intervals: Annotated[
        str | None, typer.Option(metavar="A,B", help="Seconds between short polls, such as 1,3.")
    ] = None,
    engine: Annotated[str, typer.Option(metavar="gevent|threads", help="What runs the servers.")] = "gevent",
    rtt: Rtt = None,
    jitter: Jitter = 0.0,
    link: LinkKind = None,
    floor: Annotated[bool, typer.Option(help="Measure the null server too: what the instrument itself takes.")] = True,
    generators: Annotated[int, typer.Option(min=1, max=64, help="Generator processes that share the users.")] = 1,
    address: Annotated[
        str | None, typer.Option(help="This host's address: the generators come from other hosts, see the course.")
    ] = None,
    behind: Annotated[
        str, typer.Option(metavar="nginx|nginx+tls|nginx+h2", help="What stands before the servers.")
    ] = "direct",
    json: Json = False,
) -> None:
    """Measure the transports under the same load.

    A table, figures and a report come out.
    """
    from lab import compare as comparison
    from lab import plan
    from lab.behind import read_way
    from lab.link import read_link

    options = comparison.Options(
        scenario=scenario, transports=tuple(plan.read_transports(transports)), repeats=repeats, quick=quick, seed=seed,
        out=out, duration_s=duration, engine=engine, floor=floor, link=read_link(link, rtt, jitter),
        generators=generators, address=address, behind=read_way(behind),
        poll_intervals=None if poll_intervals is None else tuple(plan.read_intervals(poll_intervals)),
    )  # fmt: skip
    outcome = comparison.compare(options, progress(json))
    raise typer.Exit(answers.tell(outcome.folder, json, outcome.cut_short))


@app.command()
def experiment(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="An experiment's name, or a .toml file; none lists them.")
    ] = None,
    repeats: Repeats = None,
    seed: Seed = 1,
    out: Out = Path("results/runs"),
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew, though an unfinished one is there.")] = False,
    rtt: Rtt = None,
    jitter: Jitter = 0.0,
    link: LinkKind = None,
    objective: Annotated[
        str | None, typer.Option(metavar="OBJECTIVE", help='What to search the capacity for, such as "p99 < 250ms".')
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Of the faults: the version of a minute.")] = False,
    json: Json = False,
) -> None:
    """Measure how they differ as one thing varies.

    An interrupted experiment goes on where it was.
    """
    from lab import experiments
    from lab.link import read_link

    if name is None:
        return answers.tell_experiments()
    if quick and name != "faults":
        raise BadUse("Only the faults have a quick version: leave out --quick.")
    if name == "controls":
        from lab import controls

        if (repeats, rtt, jitter, link, objective) != (None, None, 0.0, None, None):
            raise BadUse("The controls choose their own runs and link: give no more than --seed, --out and --json.")
        outcome = controls.run(out, progress(json), seed)
        raise typer.Exit(max(answers.tell_controls(outcome.folder, json), BAD_USE if outcome.cut_short else DONE))
    if name == "faults":
        from lab.faults import experiment as faults
        from lab.faults import plan

        if (repeats, rtt, jitter, link, objective) != (None, None, 0.0, None, None):
            raise BadUse("The faults choose their own runs: give no more than --seed, --out, --quick and --json.")
        where = faults.run(out, progress(json), seed, plan.QUICK if quick else plan.LONG)
        raise typer.Exit(answers.tell_faults(where, json))
    if name in answers.DEMONSTRATIONS:
        from lab.demonstrations import experiment as demonstrations

        if (rtt, jitter, link, objective) != (None, 0.0, None, None):
            raise BadUse(f"The experiment {name} is no load test: give --repeats, --seed, --out and --json at most.")
        where = demonstrations.run(name, out, progress(json), repeats or demonstrations.REPEATS, seed)
        raise typer.Exit(answers.tell_demonstration(where, json))
    options = experiments.Options(name, repeats, seed, out, fresh, objective, read_link(link, rtt, jitter))
    outcome = experiments.experiment(options, progress(json))
    raise typer.Exit(answers.tell(outcome.folder, json, outcome.cut_short))


@app.command()
def report(
    run: Annotated[Path, typer.Argument(metavar="DIR", help="A run's folder.")] = Path("results/runs/latest"),
    readme: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the run's result table into this README instead.")
    ] = None,
    json: Json = False,
) -> None:
    """Rebuild the report of a run from its recorded files alone."""
    if readme is None:
        raise typer.Exit(answers.tell_any(run, json))
    from lab.readme import update

    update(readme, run)
    typer.echo(f"{readme} shows {run}.")


@app.command()
def claims(
    claim: Annotated[
        str | None, typer.Argument(metavar="ID", help="The one to explain, such as C4; none tells of all.")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Measure that one again here, and compare.")] = False,
    source: Annotated[Path, typer.Option("--from", metavar="DIR", help="The recorded runs.")] = Path(
        "results/reference"
    ),
    repeats: Repeats = None,
    out: Out = Path("results/runs"),
    json: Json = False,
) -> None:
    """Say of what everybody claims whether it holds.

    By recorded runs, or by new ones.
    """
    from lab.claims import answers as verdicts

    if claim is None and fresh:
        raise BadUse("Which claim is to be measured again? Name one, such as lab claims --fresh C4.")
    if claim is None:
        raise typer.Exit(verdicts.tell_all(source, json))
    told = verdicts.tell_again(claim, source, out, repeats, json) if fresh else verdicts.tell(claim, source, json)
    raise typer.Exit(told)


@app.command()
def model(
    source: Annotated[Path, typer.Argument(metavar="DIR", help="The recorded runs.")] = Path("results/reference"),
    clients: Annotated[int, number(int, 100, 10**9, "N", "How many there would be.")] = 1_000_000,
    rate: Annotated[float, number(float, 0.0001, 100, "RATE", "Messages a second in each room of ten.")] = 0.1,
    json: Json = False,
) -> None:
    """Reckon what a crowd would need, on paper.

    From the model, and from what recorded runs took.
    """
    raise typer.Exit(answers.tell_crowd(source, clients, rate, json))


@app.command()
def keep(
    run: Annotated[Path, typer.Argument(metavar="DIR", help="A run's folder.")],
    to: Annotated[Path, typer.Argument(metavar="TO", help="The new folder, such as results/reference/rtt.")],
    tables: Annotated[bool, typer.Option("--tables", help="With the tables, whatever space they take.")] = False,
) -> None:
    """Keep a run for the record, in little space.

    What it showed, its figures and report, and a sample of each run; the tables only when asked for.
    """
    from lab import keep as keeping
    from lab import observations

    whole = tables or observations.are_in(run)  # which have no tables
    (keeping.wholly if whole else keeping.compactly)(run, to)
    typer.echo(f"{to} keeps {run}, in {keeping.size(to) / 1e6:,.1f} MB of {keeping.size(run) / 1e6:,.1f}.")


@app.command()
def doctor(json: Json = False) -> None:
    """Say what this machine can measure, and how to mend the rest."""
    from lab import doctor as probes

    found = probes.capabilities()
    if json:
        import msgspec

        typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=1).decode())
        return
    answers.tell_capabilities(found)


def progress(quiet: bool) -> "Progress":
    from rich.console import Console

    from lab.progress import Progress

    return Progress(Console(stderr=True), quiet)
