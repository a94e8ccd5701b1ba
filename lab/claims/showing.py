"""Claims in a notebook's cells: the verdicts of all, and one of them with its cases."""

from collections.abc import Sequence
from pathlib import Path

from lab import showing
from lab.claims import entries, table
from lab.claims.evidence import Evidence, recorded
from lab.claims.judging import judge
from lab.errors import BadUse
from lab.showing import Shown

ANSWERS = {True: "yes", False: "no", None: "open"}


def evidence(where: Path) -> Evidence:
    """The runs in a folder; none where there is no such folder, so that every claim is open and says why."""
    try:
        return Evidence(recorded(where).folders, where.name)
    except BadUse:
        return Evidence({}, where.name)


def verdicts(found: Evidence, ids: Sequence[str] = ()) -> Shown:
    """Of all claims, or of some: what is claimed, the verdict, and the numbers that decided."""
    claims = [entries.named(id) for id in ids] if ids else entries.CLAIMS
    judged = [(claim, judge(claim, found)) for claim in claims]
    rows = [[claim.id, claim.statement, said.verdict, said.brief] for claim, said in judged]
    told = [] if ids else [f"{', '.join(table.tally(judged).values())}."]
    return showing.table(["", "claim", "verdict", "what was measured"], rows, told, words=True)


def explained(id: str, found: Evidence) -> Shown:
    """Who says so, when we take it to hold, every case that decided, and the runs that they are from."""
    claim = entries.named(id)
    said = judge(claim, found)
    head = showing.listing(
        f"{id}: {claim.statement} {said.verdict.capitalize()}.",
        [f"Said by {claim.source.words}. {claim.source.quoted}", f"It holds if: {claim.means} {claim.because}",
         *(f"{head.capitalize()}: {' '.join(lines)}" for head, lines in table.headed(said))], [],
    )  # fmt: skip
    rows = [[trial.place(case) or trial.title, case.said or case.why, ANSWERS[case.true]]
            for trial in said.trials for case in trial.cases]  # fmt: skip
    body = showing.table(["where", "what was seen, with 95 % intervals", "so"], rows, sources(id, found), words=True)
    return Shown(head.html + body.html, f"{head.text}\n{body.text}")


def sources(id: str, found: Evidence) -> list[str]:
    """The runs of a claim: the command of each, and where and when it was made."""
    origins = {name: table.origin(name, found) for name in entries.named(id).experiments}
    return [f"{name}: {'; '.join(lines[1:] or lines)}" for name, lines in origins.items()]
