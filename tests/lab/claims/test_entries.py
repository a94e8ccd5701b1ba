"""The twenty claims: of each, data that were made up the other way give the other verdict."""

import re

import msgspec
import pytest

from lab.claims import entries
from lab.claims.evidence import Evidence, recorded
from lab.claims.judging import judge
from lab.claims.sentences import UNKNOWN
from tests.lab.claims.flips import FLIPS, UNDECIDED, WHEN

NUMBERS = r"\d \w* ?\(\d[\d,.]* to \d|\d+ of \d+|\d %|yes|no|nothing|transits|times|\d (B|ms)|each request: at most \d"


def judged(make, claim, root):
    make(root)
    return judge(claim, recorded(root))


def test_there_are_all_twenty_and_each_has_data_of_every_kind():
    ids = [claim.id for claim in entries.CLAIMS]
    assert ids == [f"C{n}" for n in range(1, 13)] + [f"L{n}" for n in range(1, 9)]
    assert list(FLIPS) == ids and all(len(kinds) == 4 for kinds in FLIPS.values())


@pytest.mark.parametrize("claim", entries.CLAIMS, ids=lambda claim: claim.id)
@pytest.mark.parametrize("verdict", ["holds", "holds when", "fails", "undecided"])
def test_the_data_decide(tmp_path, claim, verdict):
    found = judged(FLIPS[claim.id][verdict], claim, tmp_path)
    assert found.verdict == verdict, found.sentence
    assert bool(found.condition) is (verdict == WHEN)
    if verdict == WHEN:
        assert found.brief.startswith(f"It holds {found.condition}.")
    if verdict == UNDECIDED:
        assert re.match(r"Nobody can say: .{10,}\.", found.brief), found.brief
    else:
        assert re.search(NUMBERS, found.brief), found.brief
    assert found.sentence.startswith(found.brief) and UNKNOWN not in found.brief
    assert all(line in found.sentence for lines in msgspec.structs.astuple(found.lines) for line in lines)


@pytest.mark.parametrize("claim", entries.CLAIMS, ids=lambda claim: claim.id)
def test_of_what_was_never_measured_nobody_can_say_and_it_is_said_what_is_missing(claim):
    found = judge(claim, Evidence({}, "results/reference"))
    assert found.verdict == "undecided"
    assert all(f"{name} is not recorded in results/reference" in found.sentence for name in claim.experiments)
    assert not found.figures


@pytest.mark.parametrize("claim", entries.CLAIMS, ids=lambda claim: claim.id)
def test_a_claim_says_who_makes_it_when_and_what_it_would_take(claim):
    source = claim.source
    assert source.title and source.quoted and (source.year or not source.author)
    assert claim.statement.endswith(".") and claim.means.endswith(".") and claim.rules
    assert claim.because.endswith(".") and claim.because not in claim.means


@pytest.mark.parametrize("claim", entries.CLAIMS, ids=lambda claim: claim.id)
def test_a_limit_that_is_our_choice_has_others_beside_it(claim):
    chosen = "our choice" in claim.because
    assert len(claim.otherwise) >= 2 * chosen
    assert len({other.words for other in claim.otherwise}) == len(claim.otherwise)
    for other in claim.otherwise:
        assert {name for rule in other.rules for name in rule.experiments} == set(claim.experiments)


def test_a_claim_is_asked_for_by_its_number():
    assert entries.named("c4").id == "C4"


@pytest.mark.parametrize("path", sorted((entries.__path__[0],)), ids=["entries"])
def test_no_verdict_is_typed(path):
    from pathlib import Path

    for file in Path(path).glob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"[\"'](holds|holds when|fails|undecided)[\"']", text), file
