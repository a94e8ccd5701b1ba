"""What exercise 6 asks of a benchmark: that it asks when it is due, and leaves nothing out."""

import math
import signal

from lab.grader import Wrong
from lab.grader.program import Program
from lab.grader.stalling import Server
from lab.grader.stand import Stand

from .runs import (
    CALM,
    MILLISECONDS,
    bad,
    calm,
    carry_out,
    half,
    mean_of,
    number,
    rate_of,
    sizes,
    spell,
    stalled,
    told,
    usual,
)

FROZEN = {"WARMUP_S": 0, "DURATION_S": 1.2, "RUNS": 1}


def sends_what_was_asked_for(stand: Stand) -> None:
    """It sends RATE * (WARMUP_S + DURATION_S) requests in each run, and there are RUNS of them."""
    outcome = calm(stand)
    warm, counted = sizes(outcome.rate)
    runs, came = CALM["RUNS"], outcome.server.came
    wanted = f"{runs} runs of {warm} + {counted} requests: {runs * (warm + counted)} in all"
    took_s, run_s = outcome.server.last - outcome.server.first, CALM["WARMUP_S"] + CALM["DURATION_S"]
    if came == warm + counted and took_s < 1.5 * run_s:
        raise Wrong("one-run", wanted, f"{came}")
    if came == runs * counted and took_s < (runs - 0.5) * run_s:
        raise Wrong("no-warm-up", wanted, f"{came}")
    if came < runs * (warm + counted):
        raise Wrong("closed-loop", wanted, f"{came}")
    if came > runs * (warm + counted):
        raise Wrong("sent-too-many", wanted, f"{came}")


def counts_what_counts(stand: Stand) -> None:
    """It prints one line of JSON, with a median for each run, and counts what it intended, sent, and got answered."""
    outcome = calm(stand)
    found = told(stand, outcome)
    warm, counted = sizes(outcome.rate)
    runs = CALM["RUNS"]
    stand.expect(len(found["runs"]), runs, "one-run", "how many medians there are in runs")
    if found["intended"] == runs * (warm + counted):
        raise Wrong("warm-up-counted", f"intended: {runs * counted}", f"intended: {found['intended']}")
    stand.expect([found["intended"], found["sent"]], [runs * counted] * 2, "sent-too-many", "intended and sent")
    answered = runs * counted - len(bad(outcome.rate))
    cause = "warm-up-counted" if found["answered"] < answered else "error-for-an-answer"
    stand.expect(found["answered"], answered, cause, "answered")


def keeps_failures(stand: Stand) -> None:
    """Requests that fail are in its percentiles: where one in ten fails, p95 and p99 have no end."""
    found = told(stand, calm(stand))
    number("p50", found["p50"])
    endless = [found[name] is None or found[name] == math.inf for name in ("p95", "p99")]
    if endless != [True, True]:
        seen = f"p95: {found['p95']!r}, p99: {found['p99']!r}"
        raise Wrong("failures-left-out", "p95 and p99: null, since more than one in twenty failed", seen)


def takes_the_wait_at_its_place(stand: Stand) -> None:
    """Its p50 of n waits is the one at place n / 2: where just half of them fail, it is one that ended."""
    p50 = told(stand, half(stand))["p50"]
    if p50 is None or (isinstance(p50, float) and not math.isfinite(p50)):
        raise Wrong("beside-its-place", "p50: the longest wait that ended, as just half of them did", f"p50: {p50!r}")
    number("p50", p50)


def says_how_far_the_runs_differ(stand: Stand) -> None:
    """Its interval goes from the lowest of the runs' medians to the highest."""
    found = told(stand, calm(stand))
    medians = [number("runs", median) for median in found["runs"]]
    interval = [number("interval", end) for end in found["interval"]]
    wanted = [min(medians), max(medians)]
    if len(interval) != 2 or any(abs(a - b) > 0.1 for a, b in zip(interval, wanted, strict=True)):  # rounded, perhaps
        raise Wrong("interval-of-something-else", f"interval: {wanted}, by runs: {medians}", f"interval: {interval}")


def asks_when_it_is_due(stand: Stand) -> None:
    """While the server stands still, requests go on coming as they are due."""
    outcome = stalled(stand)
    due = outcome.rate * outcome.stood_ms / MILLISECONDS
    if outcome.server.met < due / 2:
        within = f"in the {outcome.stood_ms:.0f} ms in which the server stood still"
        raise Wrong("closed-loop", f"about {due:.0f} requests {within}", f"{outcome.server.met}")


def shows_the_stall_where_it_is(stand: Stand) -> None:
    """Its p99 shows how long the server stood still, and its median does not."""
    outcome = stalled(stand)
    found = told(stand, outcome)
    p50, p99, stood_ms = number("p50", found["p50"]), number("p99", found["p99"]), outcome.stood_ms
    if 0.5 < MILLISECONDS * p99 / stood_ms < 2:
        raise Wrong("not-milliseconds", f"p99 in milliseconds, and so near {stood_ms:.0f}", f"p99: {p99:g}")
    if p99 < 0.85 * stood_ms:
        wanted = f"p99 near {stood_ms:.0f} ms, for which the server stood still"
        raise Wrong("stall-averaged-away", wanted, f"p99: {p99:.1f}")
    mean, low = mean_of(outcome), usual(found)
    if p50 > low + mean / 2:
        wanted = f"p50 near {low:.1f} ms, as without a stall, which less than half of the requests met"
        raise Wrong("mean-for-median", wanted, f"p50: {p50:.1f}. The stall makes a mean longer by {mean:.1f}")


def counts_from_when_it_was_due(stand: Stand) -> None:
    """When the benchmark itself stands still, its requests are late, and its p95 says so."""
    if not hasattr(signal, "SIGSTOP"):  # Windows
        return

    def stand_still(server: Server, program: Program) -> float:
        server.wait_for(round(0.2 * FROZEN["DURATION_S"] * rate_of(stand.seed)), program, "closed-loop")
        return spell(lambda: (stand.story.tell("grader", "stops the benchmark"), program.kill(signal.SIGSTOP)),
                     lambda: (program.kill(signal.SIGCONT), stand.story.tell("grader", "lets it go on")))  # fmt: skip

    outcome = carry_out(stand, FROZEN, meanwhile=stand_still)
    p95 = number("p95", told(stand, outcome)["p95"])
    if p95 < 0.6 * outcome.stood_ms:
        late = f"p95 near {outcome.stood_ms:.0f} ms: requests that were due meanwhile left so much too late"
        raise Wrong("from-when-it-was-sent", late, f"p95: {p95:.1f}")
