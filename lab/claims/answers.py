"""What `lab claims` prints, and its exit code."""

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import typer
from rich.console import Console

from lab.answers import BAD_USE, DONE, FAILED
from lab.claims import entries, fresh, repetition, table
from lab.claims.evidence import Evidence, recorded
from lab.claims.judging import Claim, Judgement, judge


def tell_all(root: Path, json: bool) -> int:
    """Every claim's verdict."""
    evidence = recorded(root)
    judged = [(claim, judge(claim, evidence)) for claim in entries.CLAIMS]
    if json:
        typer.echo(encoded({"from": str(root), "claims": [facts(*one, evidence) for one in judged]}))
    else:
        table.show(Console(), judged, str(root))
    return DONE


def tell(id: str, root: Path, json: bool) -> int:
    """One claim explained."""
    claim, evidence = entries.named(id), recorded(root)
    found = judge(claim, evidence)
    if json:
        typer.echo(encoded({"from": str(root), **facts(claim, found, evidence), "trials": found.trials}))
    else:
        table.explain(Console(), claim, found, evidence)
    return DONE


def tell_again(id: str, root: Path, out: Path, repeats: int | None, json: bool) -> int:
    """One claim measured again here. A verdict that differs is a failed check."""
    claim, evidence = entries.named(id), recorded(root)
    extra = [] if repeats is None else ["--repeats", str(repeats)]
    found = fresh.again(claim, evidence, partial(measured, extra=extra, out=out))
    if json:
        typer.echo(encoded(found))
    else:
        repetition.show(Console(), claim, found)
    return {True: DONE, False: FAILED, None: BAD_USE}[found.same]


def measured(arguments: Sequence[str], extra: Sequence[str], out: Path) -> Path:
    print(f"lab: measuring by `lab {' '.join([*arguments, *extra])}`", file=sys.stderr)
    return fresh.measured([*arguments, *extra], out)


def facts(claim: Claim, found: Judgement, evidence: Evidence) -> dict[str, Any]:
    """A claim and its verdict, for a script."""
    return {
        "id": claim.id, "statement": claim.statement, "source": claim.source, "holds_if": claim.means,
        "because": claim.because, "otherwise": found.otherwise,
        "verdict": found.verdict, "condition": found.condition, "sentence": found.sentence,
        "folders": [str(evidence.folders[name]) for name in claim.experiments if name in evidence.folders],
        "figures": found.figures,
    }  # fmt: skip


def encoded(what: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(what), indent=1).decode()
