"""Verdicts on a terminal: whole at every width, and one claim with all that it rests on."""

import io
import json
import re

import pytest
from rich.console import Console

from lab.claims import entries, table
from lab.claims.cases import Case, Trial
from lab.claims.evidence import recorded
from lab.claims.judging import judge
from tests.lab.claims import world


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return world.whole(tmp_path_factory.mktemp("made-up") / "reference")


def printed(width, show, *what):
    console = Console(file=io.StringIO(), width=width)
    show(console, *what)
    return console.file.getvalue()


def words(text):
    """Its words, however they are broken into lines and columns."""
    return re.findall(r"\w+(?:[.,]\d+)?", text)


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_the_table_fits_and_nothing_is_cut_off(root, width):
    evidence = recorded(root)
    judged = [(claim, judge(claim, evidence)) for claim in entries.CLAIMS]
    text = printed(width, table.show, judged, "results/reference")
    assert max(len(line.rstrip()) for line in text.splitlines()) <= width
    assert "\N{HORIZONTAL ELLIPSIS}" not in text
    shown = set(words(text))
    for claim, found in judged:
        assert claim.id in shown
        assert set(words(f"{claim.statement} {found.verdict} {found.brief}")) <= shown
    counts = {word: sum(found.verdict == word for _, found in judged) for word in table.COLOURS}
    assert f"Of 20 claims {counts['holds']} hold, {counts['holds when']} hold when, {counts['fails']} fail." in text


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("claim", entries.CLAIMS, ids=lambda claim: claim.id)
def test_a_claim_is_explained_with_its_source_its_cases_and_its_runs(root, claim, width):
    evidence = recorded(root)
    found = judge(claim, evidence)
    text = printed(width, table.explain, claim, found, evidence)
    assert max(len(line.rstrip()) for line in text.splitlines()) <= width
    shown = set(words(text))
    told = [line for _, lines in table.headed(found) for line in lines]
    for said in (claim.statement, claim.source.title, claim.source.quoted, claim.means, *told):
        assert set(words(said)) <= shown
    for case in found.cases:
        assert set(words(case.said)) <= shown
    for name in claim.experiments:
        assert name in text.replace("\n", "") and f"lab experiment {name}" in text


def test_all_of_it_is_there_for_a_script(root, lab):
    said = lab("claims", "--from", root, "--json")
    found = json.loads(said.out)
    assert said.code == 0 and not said.err
    assert [claim["id"] for claim in found["claims"]] == [claim.id for claim in entries.CLAIMS]
    for claim in found["claims"]:
        assert claim["verdict"] in table.COLOURS and claim["sentence"] and claim["folders"] and claim["figures"]
    one = json.loads(lab("claims", "C2", "--from", root, "--json").out)
    assert one["trials"][0]["cases"] and one["figures"][0]["estimate"]["low"] is not None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["C13"], "There is no claim 'C13': there are C1, C2"),
        (["--from", "nowhere"], "There is no folder nowhere"),
        (["--fresh"], "Which claim is to be measured again?"),
    ],
)
def test_bad_use_is_one_sentence(lab, tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    found = lab("claims", *arguments)
    assert found.code == 2 and found.err.startswith(f"lab: {said}") and len(found.err.splitlines()) == 1


def test_what_was_recorded_so_far_is_judged(lab):
    said = lab("claims")
    assert said.code == 0 and "Of 20 claims" in said.out
    explained = lab("claims", "c3")
    assert explained.code == 0 and "0.280 ms (0.270 to 0.290)" in " ".join(explained.out.split())


def test_why_a_case_is_open_is_said_once():
    why = "the row is not valid: it was late"
    assert table.seen(Case(None, why, why=why)).plain == table.seen(Case(None, "", why=why)).plain == why
    assert table.seen(Case(None, "5 ms", why=why)).plain == f"5 ms; {why}"


def test_one_client_is_one_and_one_second_stays_a_second():
    clients, seconds = Trial("", (), "{} clients"), Trial("", (), "{} s between polls")
    assert [clients.place(Case(True, "", level=level)) for level in (1.0, 1_000.0)] == ["1 client", "1,000 clients"]
    assert seconds.place(Case(True, "", level=1.0)) == "1 s between polls"
