"""Whether a run's figures can be relied on: true, false or unknown, with reasons.

False: the generator did not do what it says it did. Unknown: the machine may have got in the way. A server that
cannot keep up is neither: that is what a load test is for, and it is said as `saturated`.
"""

import math
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from lab.folder import kept_log
from lab.joins import RunFigures
from lab.manifest import Verdict
from lab.numbers import number, percent
from lab.stats import percentile
from loadtests.records import LinkReport, RunInfo

UNSENT = 0.01  # of what was offered; more, and the load was another than the one described
GENERATOR_BUSY = 0.70  # of a CPU; above it, waiting for the generator shows up as the server's delay
LAG = 0.10  # of the p99 measured: as much of it may be the instrument's own lateness
HOLD = 25.0  # seconds that a server holds a poll
CHANCE = 0.05  # that so many are late by chance, below which it is none
STEAL = 0.02  # of the CPU time, taken by other guests of the hypervisor
SILENCE = 1.0  # seconds without a sample of the generator, of which there are fifty in each
SERVER_SILENCE = 2.5  # seconds without a sample of the server, of which there is one in each
NEARLY_OUT = 0.95  # of the open files or the ports that there are
UNDELIVERED = 0.01  # of what was sent
UNASKED = 0.01  # of the polls; more, and the poll interval was another than the one that the row names


def of_run(run: RunFigures) -> Verdict:
    """The verdict on one complete run, but for how late it sent: of its few hundred messages a p99 is three or four."""
    wrong, doubtful = list(faults(run)), list(doubts(run))
    return Verdict(False if wrong else None if doubtful else True, wrong + doubtful, saturated(run))


def of_cell(runs: Sequence[RunFigures]) -> Verdict:
    """The worst of its runs' verdicts, and how late all of them together sent."""
    found = worst_of([(run.record.block, of_run(run)) for run in runs])
    found = msgspec.structs.replace(found, holds_unseen=any(map(holds_unseen, runs)))
    lags = np.concatenate([run.send_lags_ms for run in runs]) if runs else np.array([])
    p99 = p99_of(runs)
    if p99 is None or not len(lags) or (lag := percentile(lags, 0.99)) <= LAG * p99:
        return found
    valid = False if found.valid is False or surely_more(int((lags > LAG * p99).sum()), len(lags)) else None
    reasons = [late("the generator sent", lag, p99), *found.reasons]
    late_alone = valid is False and found.valid is not False
    return msgspec.structs.replace(found, valid=valid, reasons=reasons, waits_only=late_alone)


def holds_unseen(run: RunFigures) -> bool:
    """Whether most held polls were neither answered nor ran out in the window, so that asking anew is not in it."""
    held = run.record.cell.transport == "long-polling" and run.window_s < HOLD
    return held and run.polls is not None and run.polls < run.clients


def surely_more(late: int, sent: int) -> bool:
    """Whether more than 1 in 100 are late beyond chance; of a hundred messages, two may be."""
    from scipy.stats import binomtest

    return bool(binomtest(late, sent, 0.01, alternative="greater").pvalue < CHANCE)


def worst_of(verdicts: Sequence[tuple[int, Verdict]]) -> Verdict:
    """The worst of some runs' verdicts, given with their block, counted from 1 in the reasons."""
    valid = {verdict.valid for _, verdict in verdicts}
    reasons = [f"block {block + 1}: {reason}" for block, verdict in verdicts for reason in verdict.reasons]
    if not verdicts:
        return Verdict(None, ["no run was completed"])
    worst = False if False in valid else None if None in valid else True
    return Verdict(worst, reasons, any(verdict.saturated for _, verdict in verdicts))


def faults(run: RunFigures) -> list[str]:
    """What makes a run invalid."""
    found = []
    if run.offered and (run.offered - run.sent) / run.offered > UNSENT:
        found.append(f"only {run.sent} of {run.offered} publishes were sent")
    if run.generator_cpu is not None and run.generator_cpu > GENERATOR_BUSY:
        found.append(f"the generator used {percent(run.generator_cpu)} of a CPU (at most {percent(GENERATOR_BUSY)})")
    if run.out_of_resources:
        found.append(f"the generator ran out of descriptors or ports ({run.out_of_resources})")
    info = run.record.info
    if info is not None and info.loop == "closed":
        found.append("its senders waited for answers (a closed loop): what a stall keeps them from saying is nowhere")
    if info is not None and info.listeners is not None and run.subscribed < info.listeners:
        found.append(f"only {run.subscribed} of {info.listeners} receivers were ever subscribed")
    if not run.offered and not silent(run):
        found.append("nothing was published in the window: measure longer, or take a busier scenario")
    return found


def doubts(run: RunFigures) -> list[str]:
    """What makes a run's validity unknown."""
    p99 = p99_of([run])
    found = []
    if run.steal is not None and run.steal > STEAL:
        found.append(
            f"{percent(run.steal)} of the CPU time went to other guests of this host (at most {percent(STEAL)})"
        )
    if run.generator_lag_p99_ms is None or run.generator_cpu is None:
        found.append("the generator's own load was not recorded")
    elif p99 is not None and (run.p99_from_loop or 0) > LAG:
        lag, share = number(run.generator_lag_p99_ms), percent(run.p99_from_loop or 0)
        found.append(
            f"the generator's loop was {lag} ms late (p99), and as late again would add {share} to the p99 measured, "
            f"{number(p99)} ms (at most {percent(LAG)})"
        )
    p50 = percentile(run.latencies_ms, 0.50) if len(run.latencies_ms) else None
    if run.clock_bound_ms is not None and p50 is not None and run.clock_bound_ms > p50:
        found.append(clocks_differ(run.clock_bound_ms, p50))
    if run.record.link is not None:
        found += doubts_of_link(run.record.link, p99)
    if lines := run.record.server_errors:
        found.append(f"the server wrote {lines:,} line{'s' * (lines > 1)} of errors ({kept_log(run.record.run)})")
    return [*found, *unasked(run), *holes(run), *shortages(run), *blurs(run, p99)]


def doubts_of_link(link: LinkReport, p99: float | None) -> list[str]:
    """What the process of a link may have added of its own."""
    found = []
    if link.late_p99_ms is None or link.cpu_busiest is None:
        return ["the link's own lateness was not recorded"]
    if p99 is not None and link.late_p99_ms > LAG * p99:
        found.append(late("the link was", link.late_p99_ms, p99))
    if link.cpu_busiest > GENERATOR_BUSY:
        found.append(f"the link used {percent(link.cpu_busiest)} of a CPU (at most {percent(GENERATOR_BUSY)})")
    if link.held_back:
        found.append("the link ran out of descriptors, and connections had to wait")
    return found


def unasked(run: RunFigures) -> Iterator[str]:
    """Polls whose time came while the one before was not answered yet: a server, or a way, slower than the interval."""
    info = run.record.info
    skipped = 0 if info is None else info.skipped_polls
    due = skipped + (run.polls or 0)
    if skipped > UNASKED * due:
        yield f"{skipped:,} of {due:,} polls were not asked, for the one before had no answer yet"


def holes(run: RunFigures) -> Iterator[str]:
    """Times of which nobody knows how busy anybody was."""
    if run.generator_cpu is not None and run.silence_s > SILENCE:
        yield f"for {number(run.silence_s)} s the generator's own load was not sampled"
    if run.server_silence_s is not None and run.server_silence_s > SERVER_SILENCE:
        yield f"for {number(run.server_silence_s)} s the server's load was not sampled"


def shortages(run: RunFigures) -> Iterator[str]:
    """What was nearly used up."""
    used = {
        "descriptors": ("the generator", run.descriptors, "open files"),
        "server_descriptors": ("the server", run.server_descriptors, "open files"),
        "ports": ("the generator", run.connections or 0, "ports"),
    }
    limits = run.record.info.limits if run.record.info is not None else {}
    for name, (who, many, what) in used.items():
        if name in limits and many > NEARLY_OUT * limits[name]:
            yield f"{who} used {many:,} of {limits[name]:,} {what}"


def blurs(run: RunFigures, p99: float | None) -> Iterator[str]:
    """What this machine lacks."""
    info = run.record.info
    step_ms = 0.0 if info is None else info.limits.get("clock_step_ns", 0) / 1e6
    if p99 is not None and step_ms > LAG * p99:
        yield f"the clock goes in steps of {number(step_ms)} ms, which blurs a p99 of {number(p99)} ms"
    if info is not None and (info.limits.get("cpus", 2) < 2 or could_be_pinned(info)):
        yield "the server and the generator were not on CPUs of their own"


def could_be_pinned(info: RunInfo) -> bool:
    """Whether the generator could have had a CPU of its own, and had none."""
    return info.capabilities.get("cpu_affinity", False) and not info.capabilities.get("pinned", True)


def clocks_differ(bound_ms: float, p50_ms: float) -> str:
    if bound_ms == math.inf:
        return "the clocks of the generator's hosts could not be compared"
    return (
        f"the clocks of the generator's hosts may be {number(bound_ms)} ms apart, "
        f"more than half of the deliveries took ({number(p50_ms)} ms)"
    )


def late(what: str, lag_ms: float, p99_ms: float) -> str:
    return f"{what} {number(lag_ms)} ms late (p99), more than a tenth of the p99 measured, {number(p99_ms)} ms"


def silent(run: RunFigures) -> bool:
    """Whether nobody was meant to write."""
    return run.record.info is not None and run.record.info.workload == "silence"


def saturated(run: RunFigures) -> bool:
    return bool(run.expected) and run.lost / run.expected > UNDELIVERED


def p99_of(runs: Sequence[RunFigures]) -> float | None:
    """The p99 of these runs' delivery latencies in ms, to judge lateness by, however few publishes they have.

    Of what arrived: a run that lost much has an infinite one, which would excuse any lateness. 0 when nothing did.
    """
    latencies_ms = np.concatenate([run.latencies_ms for run in runs]) if runs else np.array([])
    if not len(latencies_ms):
        return None
    arrived = latencies_ms[latencies_ms < math.inf]
    return percentile(arrived, 0.99) if len(arrived) else 0.0
