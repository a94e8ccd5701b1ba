"""loadtests/scenario.py: what a scenario may say, and what is said of one that is wrong."""

from pathlib import Path

import pytest
from msgspec import structs

from loadtests import scenario, schedule
from loadtests.scenario import ScenarioError

GOOD = """
description = "A test."
participants = 2
senders = 1
duration_s = 1.0

[workload]
kind = "poisson"
rooms = 2
rate_per_s = 1.0
bytes = 10
"""

BAD = [  # (what is changed, into what, what the sentence must name)
    ("participants = 2", "", ["The field 'participants' is missing."]),
    ("participants = 2", "participants = 0", ["participants: must be a whole number of at least 1."]),
    ("participants = 2", 'participants = "two"', ["participants: must be a whole number, not text."]),
    ("senders = 1", "senders = 3", ["senders", "3", "2 participants"]),
    ("senders = 1", "sender = 1", ["sender"]),
    ("duration_s = 1.0", "duration_s = 1e9", ["duration_s", "3600"]),
    ("duration_s = 1.0", "duration_s = nan", ["duration_s"]),
    ("duration_s = 1.0", "duration_s = ", ["line 5"]),
    ('kind = "poisson"', 'kind = "gauss"', ["workload.kind: there is no 'gauss': choose from replay, poisson"]),
    ("rate_per_s = 1.0", "", ["workload", "rate_per_s"]),
    ("rate_per_s = 1.0", "rate_per_s = -1.0", ["workload.rate_per_s: must be a number above 0"]),
    ("bytes = 10", "bytes = 4001", ["bytes", "4000"]),
    ("bytes = 10", "bytes = 10\ncolour = 1", ["colour"]),
    ('kind = "poisson"', 'kind = "replay"\nfile = "none.csv"', ["none.csv cannot be read: No such file or directory."]),
    ("[workload]", 'poll_intervals = []\n[workload]', ["poll_intervals: must be a list with at least 1."]),
    ("[workload]", 'headers = "curl"\n[workload]', ["headers: there is no 'curl': choose from browser, bare."]),
    ("[workload]", 'name = "A B"\n[workload]', ["name"]),
    ("[workload]", 'objective = "soon"\n[workload]', ["objective: 'soon' is not one such as \"p95 < 100ms\"."]),
    ("[workload]", 'objective = 100\n[workload]', ["objective: must be text, not a whole number."]),
]  # fmt: skip


@pytest.mark.parametrize("name", scenario.known())
def test_each_scenario_of_the_project_loads_and_has_the_name_of_its_file(name: str) -> None:
    assert scenario.load(name).name == name


@pytest.mark.parametrize("name", scenario.known())
def test_who_has_an_objective_says_where_it_comes_from(name: str) -> None:
    found = scenario.load(name)
    assert bool(found.objective) == bool(found.source)


def test_the_default_is_the_real_hour_played_three_times() -> None:
    default = scenario.load(scenario.DEFAULT)
    assert (scenario.known()[0], default.rooms, default.users) == ("irc-room", 180, 540)
    assert isinstance(default.workload, scenario.Replay)
    assert len(default.workload.lines) == 1147


@pytest.mark.parametrize(("old", "new", "named"), BAD)
def test_a_scenario_that_is_wrong_is_refused_in_one_sentence_that_names_the_field(
    tmp_path: Path, old: str, new: str, named: list[str]
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD.replace(old, new))
    with pytest.raises(ScenarioError) as caught:
        scenario.load(str(path))
    sentence = str(caught.value)
    assert "mine.toml" in sentence and "\n" not in sentence and sentence.endswith(".")
    assert all(word in sentence for word in named), sentence


def test_a_folder_is_not_an_unknown_name(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").mkdir()
    with pytest.raises(ScenarioError, match=r"mine\.toml cannot be read: Is a directory"):
        scenario.load(str(tmp_path / "mine.toml"))


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ScenarioError, match=rf"'chess'.*{', '.join(scenario.known())}"):
        scenario.load("chess")


@pytest.mark.parametrize(
    ("trace", "named"),
    [
        ("minute,sender,bytes\n", "holds no messages"),
        ("minute,sender,bytes\n0,1,9\n0,1,many\n", "line 3: bytes"),
        ("minute,sender\n0,1\n", "line 2"),
        ("second,sender,bytes\n0,1,9\n-1,1,9\n", "line 3: second"),
        ("minute,sender,bytes\n0,1,9999\n", "4000"),
    ],
)
def test_a_trace_that_is_wrong_is_refused_with_its_line(tmp_path: Path, trace: str, named: str) -> None:
    (tmp_path / "t.csv").write_text(trace)
    head, _, _ = GOOD.partition("[workload]")
    (tmp_path / "mine.toml").write_text(head + '[workload]\nkind = "replay"\nfile = "t.csv"\n')
    with pytest.raises(ScenarioError, match=named):
        scenario.load(str(tmp_path / "mine.toml"))


def test_a_trace_that_tells_the_second_is_read_by_minutes_of_which_some_may_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("second,sender,bytes\n0,1,9\n59,2,8\n60,1,7\n125,2,6\n")
    head, _, _ = GOOD.partition("[workload]")
    (tmp_path / "mine.toml").write_text(head + '[workload]\nkind = "replay"\nfile = "t.csv"\n')
    workload = scenario.load(str(tmp_path / "mine.toml")).workload
    assert [(line.minute, line.second, line.bytes) for line in workload.lines] == [
        (0, 0, 9), (0, 59, 8), (1, 0, 7), (2, 5, 6),
    ]  # fmt: skip
    halved = scenario.load(str(tmp_path / "mine.toml"), {"workload.every": 2})
    assert [(line.minute, line.second) for line in halved.workload.lines] == [(0, 0), (0, 59), (1, 5)]
    assert halved.rooms == 2


def test_any_field_can_be_changed_within_the_same_limits() -> None:
    changed = scenario.load("steady", {"duration_s": 3.0, "workload.rate_per_s": 7, "participants": 5})
    assert (changed.duration_s, changed.participants) == (3.0, 5)
    assert changed.workload == structs.replace(scenario.load("steady").workload, rate_per_s=7.0)
    for change in ({"duration_s": 1e9}, {"workload.speed": 1}, {"workload.rate_per_s": "fast"}, {"traffic.rate": 1}):
        (field,) = change
        with pytest.raises(ScenarioError, match=field.split(".")[0]):
            scenario.load("steady", change)


def test_a_silent_scenario_has_rooms_and_no_messages(tmp_path: Path) -> None:
    head, _, _ = GOOD.partition("[workload]")
    (tmp_path / "silent.toml").write_text(head + '[workload]\nkind = "silence"\nrooms = 3\n')
    silent = scenario.load(str(tmp_path / "silent.toml"))
    assert silent.rooms == 3
    assert list(schedule.sends(silent, 1, 0, 0)) == []


def test_a_manifest_tells_a_trace_by_its_digest_and_no_path() -> None:
    facts = scenario.facts(scenario.load("irc-room"))
    assert facts["workload"]["lines"] == 1147
    assert len(facts["workload"]["sha256"]) == 64
    assert str(Path.cwd()) not in str(facts)
