"""The twenty claims: of each, data that were made up the other way give the other verdict."""

import re

import pytest

from lab.claims import entries
from lab.claims.evidence import Evidence, recorded
from lab.claims.judging import judge
from tests.lab.claims.flips import FLIPS, UNDECIDED, WHEN

NUMBERS = r"\d \w* ?\(\d[\d,.]* to \d|\d \w* ?\(at least \d|\d to \d|yes|no|nothing|transits|times|\d B"


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
        assert found.sentence.startswith(f"It holds {found.condition}.")
    if verdict == UNDECIDED:
        assert re.match(r"Nobody can say: .{10,}\.", found.sentence), found.sentence
    else:
        assert re.search(NUMBERS, found.sentence), found.sentence


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


def test_a_claim_is_asked_for_by_its_number():
    assert entries.named("c4").id == "C4"


@pytest.mark.parametrize("path", sorted((entries.__path__[0],)), ids=["entries"])
def test_no_verdict_is_typed(path):
    from pathlib import Path

    for file in Path(path).glob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"[\"'](holds|holds when|fails|undecided)[\"']", text), file
