"""Claims and decisions on a page are those that `lab claims` and the reports come to."""

import re
from collections import Counter
from html import unescape

import pytest

from lab import manifest, pages, summary, use_cases
from lab.claims import entries, table
from lab.claims.evidence import recorded
from lab.claims.judging import judge
from lab.sweep import PRICES

EVIDENCE = recorded(pages.REFERENCE)
DECIDED = [run.name for run in sorted(pages.REFERENCE.glob("*")) if (run / "summary.json").exists()
           and summary.read(run).decisions]  # fmt: skip


def words(page):
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


@pytest.mark.parametrize("id", ["C4", "C9", "L8"])
def test_a_claim_has_its_verdict_and_all_there_is_to_say_line_by_line(convert, id):
    claim = entries.named(id)
    found = judge(claim, EVIDENCE)
    page = convert(f"{{{{ claim {id} }}}}")
    for said in (f"{id}: {claim.statement}", found.verdict, claim.source.words, claim.means):
        assert " ".join(said.split()) in words(page)
    lines = [line for _, lines in table.headed(found) for line in lines]
    assert lines and all(f"<dd>{line}</dd>" in unescape(page) for line in lines)


def test_of_all_claims_each_unfolds_and_can_be_linked_to(convert):
    page = convert("{{ claims }}")
    assert page.count("<details>") == len(entries.CLAIMS)
    for claim in entries.CLAIMS:
        found = judge(claim, EVIDENCE)
        told = " ".join(f"{head.capitalize()} {' '.join(lines)}" for head, lines in table.headed(found, whole=False))
        assert f"{claim.id} {claim.statement} {found.verdict} It holds if {claim.means} {told} " in words(page)
        assert f'id="claim-{claim.id.lower()}"' in page


def test_it_says_how_many_claims_have_which_verdict(convert):
    count = Counter(judge(claim, EVIDENCE).verdict for claim in entries.CLAIMS)
    assert f"Of {len(entries.CLAIMS)} claims {count['holds']} hold, {count['holds when']} hold when" in words(
        convert("{{ claims }}")
    )


@pytest.mark.parametrize("run", DECIDED)
def test_a_use_case_says_who_wins_it_and_unfolds_to_a_row_for_each_way(convert, run):
    where = pages.REFERENCE / run
    page, scenarios = convert(f"{{{{ decisions {run} }}}}"), manifest.read(where).scenarios
    cases = use_cases.cases(summary.read(where))
    for case in cases:
        won = " ".join(f"{use_cases.LEAST[key]} {use_cases.winners(case, key)}" for key in PRICES)
        assert f"{case.name} {case.objective} {won} {scenarios[case.name]['description']}" in words(page)
    options = [option for case in cases for option in case.options]
    assert page.count('<th scope="row">') == len(options)
    assert page.count("<s>") == sum(option.decision.met is False for option in options)
    assert page.count('class="least"') == sum(len(option.least) for option in options)
