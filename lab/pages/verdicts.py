"""Claims and use cases on a page: what recorded runs say of them."""

from functools import cache

from lab import report, use_cases, wording
from lab.claims import entries, evidence
from lab.claims.judging import judge
from lab.errors import BadUse
from lab.pages import recorded
from lab.pages.refusal import BadPage


def claim(id: str) -> str:
    """A claim, its verdict, and all there is to say of it."""
    try:
        made = entries.named(id)
    except BadUse as error:
        raise BadPage(str(error)) from None
    return report.template("claim.html").render(claim=made, found=judge(made, runs()))


def claims() -> str:
    """Every claim, its verdict, and the numbers that decided."""
    judged = [(made, judge(made, runs())) for made in entries.CLAIMS]
    return report.template("claims.html").render(judged=judged)


@cache
def runs() -> evidence.Evidence:
    """The recorded runs, which no page changes."""
    return evidence.Evidence(evidence.recorded(recorded.REFERENCE).folders, "results/reference")


def decisions(run: str) -> str:
    """For each use case and way of delivery whether the objective is met, and at what price."""
    found = recorded.read(run)
    if not found.decisions:
        raise BadPage(f"{run} decides nothing: none of its scenarios has an objective.")
    drawn = report.template("decisions.html").render(
        cases=use_cases.cases(found), met=use_cases.WORDS, least=use_cases.LEAST, wording=wording
    )
    return f'<div class="recorded decisions">\n{drawn}</div>\n<p class="from">{recorded.origin(run)}</p>'
