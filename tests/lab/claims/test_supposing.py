"""lab/claims/supposing.py: data that are changed change the verdict, and nothing else."""

import pytest

from lab.claims import entries, showing
from lab.claims.evidence import recorded
from lab.claims.judging import judge
from lab.claims.supposing import suppose
from tests.lab.claims import world


@pytest.fixture(scope="module")
def evidence(tmp_path_factory):
    return recorded(world.whole(tmp_path_factory.mktemp("made-up") / "reference"))


def verdict(id, evidence):
    return judge(entries.named(id), evidence).verdict


def test_a_verdict_follows_the_data(evidence):
    slower = suppose(evidence, "knee", "latency_p50", 2.0, ["long-polling"])
    assert (verdict("L2", evidence), verdict("L2", slower)) == ("holds", "holds when")


def test_a_verdict_follows_only_what_it_rests_on(evidence):
    slower = suppose(evidence, "knee", "latency_p50", 2.0, ["long-polling"])
    same = [claim.id for claim in entries.CLAIMS if claim.id != "L2"]
    assert [verdict(id, slower) for id in same] == [verdict(id, evidence) for id in same]


def test_changes_add_up_and_leave_what_is_recorded_alone(evidence):
    before = verdict("C4", evidence)
    otherwise = evidence
    for name in entries.named("C4").experiments:
        otherwise = suppose(otherwise, name, "empty_polls", 0.0)
    assert verdict("C4", otherwise) == "fails"
    assert verdict("C4", evidence) == before != "fails"


def test_nothing_can_be_supposed_of_what_was_not_measured(evidence):
    assert suppose(evidence, "nothing", "latency_p50", 2.0) is evidence


def test_the_verdicts_are_shown_with_their_claims(evidence):
    shown = showing.verdicts(evidence)
    for claim in entries.CLAIMS:
        assert claim.statement in shown.text
    assert repr(showing.verdicts(evidence, ["L2"])).splitlines()[1].startswith("L2 | ")


@pytest.mark.parametrize("id", [claim.id for claim in entries.CLAIMS])
def test_a_claim_is_explained_with_its_cases_and_its_runs(evidence, id):
    claim = entries.named(id)
    told = showing.explained(id, evidence).text
    assert claim.means in told and claim.source.words in told
    for name in claim.experiments:
        assert name in told


def test_where_nothing_is_recorded_all_is_open(tmp_path):
    nothing = showing.evidence(tmp_path / "nowhere")
    assert f"{len(entries.CLAIMS)} are undecided" in showing.verdicts(nothing).text
