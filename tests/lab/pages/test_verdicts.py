"""Claims and decisions on a page are those that `lab claims` and the reports come to."""

import re
from html import unescape

import pytest

from lab import pages, summary, use_cases
from lab.claims import entries
from lab.claims.evidence import recorded
from lab.claims.judging import judge

EVIDENCE = recorded(pages.REFERENCE)
DECIDED = [run.name for run in sorted(pages.REFERENCE.glob("*")) if (run / "summary.json").exists()
           and summary.read(run).decisions]  # fmt: skip


def words(page):
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


@pytest.mark.parametrize("id", ["C4", "L8"])
def test_a_claim_has_its_verdict_and_its_sentence(convert, id):
    claim = entries.named(id)
    found = judge(claim, EVIDENCE)
    page = words(convert(f"{{{{ claim {id} }}}}"))
    for said in (f"{id}: {claim.statement}", found.verdict, found.sentence, claim.source.words, claim.means):
        assert " ".join(said.split()) in page


def test_the_table_of_claims_has_all_of_them(convert):
    page = words(convert("{{ claims }}"))
    for claim in entries.CLAIMS:
        assert f"{claim.id}: {claim.statement} {judge(claim, EVIDENCE).verdict} " in page


@pytest.mark.parametrize("run", DECIDED)
def test_a_table_of_decisions_has_every_use_case_and_its_objective(convert, run):
    page = convert(f"{{{{ decisions {run} }}}}")
    for case in use_cases.cases(summary.read(pages.REFERENCE / run)):
        assert f"{case.name}: {case.objective}" in words(page)
    assert page.count('<th scope="row">') == len(summary.read(pages.REFERENCE / run).decisions)
