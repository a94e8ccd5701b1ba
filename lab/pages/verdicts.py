"""Claims and use cases on a page: what recorded runs say of them."""

from functools import cache, partial

from lab import manifest, report, use_cases, wording
from lab.claims import entries, evidence, table
from lab.claims.judging import judge
from lab.errors import BadUse
from lab.pages import recorded
from lab.pages.refusal import BadPage

MET = {True: "meets it", False: "misses it", None: "undecided"}
KINDS = {key: "share" if unit == "share" else "" for key, unit in use_cases.UNITS.items()}


def claim(id: str) -> str:
    """A claim, its verdict, and all there is to say of it, line by line."""
    try:
        made = entries.named(id)
    except BadUse as error:
        raise BadPage(str(error)) from None
    return report.template("claim.html").render(claim=made, found=judge(made, runs()), headed=table.headed)


def claims() -> str:
    """How many claims have which verdict, and every claim, which unfolds to the numbers that decided."""
    judged = [(made, judge(made, runs())) for made in entries.CLAIMS]
    parts = [(title, [one for one in judged if one[0].id[0] == letter]) for letter, title in table.PARTS.items()]
    tally = f"Of {wording.count(len(judged), 'claim')} {', '.join(table.tally(judged).values())}."
    return report.template("claims.html").render(parts=parts, tally=tally, headed=partial(table.headed, whole=False))


@cache
def runs() -> evidence.Evidence:
    """The recorded runs, which no page changes."""
    return evidence.Evidence(evidence.recorded(recorded.REFERENCE).folders, "results/reference")


def decisions(run: str) -> str:
    """Each use case and who wins it, which unfolds to whether each way meets the objective, and at what price."""
    found = recorded.read(run)
    if not found.decisions:
        raise BadPage(f"{run} decides nothing: none of its scenarios has an objective.")
    scenarios = manifest.read(recorded.REFERENCE / run).scenarios
    drawn = report.template("cases.html").render(
        cases=use_cases.cases(found), scenarios=scenarios, winners=use_cases.winners, least=use_cases.LEAST, met=MET,
        kinds=KINDS, wording=wording,
    )  # fmt: skip
    return f'{drawn}<p class="from">{recorded.origin(run)}</p>'
