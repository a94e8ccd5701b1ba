"""lab/sweep.py: experiments as data."""

import pytest
from msgspec import structs

from lab import sweep
from lab.compare import setup_of
from lab.errors import BadUse
from lab.experiments import begun, setups_of
from lab.plan import Cell
from lab.runs import module_of
from loadtests import scenario

GOOD = """
title = "A test"
question = "Is it read?"
varies = "workload.rate_per_s"
axis = "messages a second"
levels = [1, 5]
transports = ["sse", "websocket"]
[[charts]]
name = "latency"
title = "The wait"
y = "latency_p50"
"""


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "mine.toml"
        path.write_text(text)
        return str(path)

    return write


@pytest.mark.parametrize("name", sweep.known())
def test_every_experiment_that_comes_with_the_project_can_be_set_up(name):
    setups = setups_of(sweep.load(name))
    assert len({cell.name for cell in setups}) == len(setups) > 1


def test_cells_are_every_transport_at_every_level(written):
    found = sweep.load(written(GOOD))
    assert found.name == "mine"
    assert [cell.name for cell in found.cells()] == ["sse at 1", "sse at 5", "websocket at 1", "websocket at 5"]
    assert [cell.series for cell in found.cells()] == ["SSE", "SSE", "WebSocket", "WebSocket"]


def test_a_level_changes_the_scenario_and_keeps_what_all_levels_share(written):
    found = sweep.load(written(GOOD.replace("[[charts]]", 'changes = { "workload.bytes" = 99 }\n[[charts]]', 1)))
    setup = found.setup(setup_of("steady"), Cell("sse", None, 5.0))
    assert setup.changes == {"workload.bytes": 99, "workload.rate_per_s": 5}


def test_all_transports_warm_up_for_the_longest_poll_interval(written):
    wanted = sweep.load("poll-interval")
    assert {setup.warmup_s for setup in setups_of(wanted).values()} == {10.0} == {max(wanted.poll_intervals)}
    assert begun(wanted, seed=1).scenario["warmup_s"] == 10.0
    pushes = structs.replace(wanted, transports=("sse", "websocket"))
    own = scenario.load(wanted.scenario).warmup_s
    assert {setup.warmup_s for setup in setups_of(pushes).values()} == {own} != {10.0}


def test_where_scenarios_vary_each_is_measured_as_it_is_at_its_own_poll_intervals():
    found = sweep.load("use-cases")
    for cell, setup in setups_of(found).items():
        own = scenario.load(cell.level)
        assert (setup.scenario, setup.duration_s) == (cell.level, own.duration_s)
        assert setup.warmup_s == max(own.warmup_s, *own.poll_intervals)
    polled = [(cell.level, cell.poll_interval_s) for cell in found.cells() if cell.transport == "short-polling"]
    assert polled == [(name, interval) for name in found.levels for interval in scenario.load(name).poll_intervals]
    assert all(1.0 in scenario.load(name).poll_intervals for name in found.levels)


def test_the_manifest_tells_the_objective_of_each_scenario_and_where_it_comes_from():
    found = begun(sweep.load("use-cases"), 1).scenarios
    assert list(found) == list(sweep.load("use-cases").levels)
    assert {name: fields["objective"] for name, fields in found.items()}["game"] == "p95 < 100ms"
    assert all(fields["source"] for fields in found.values())
    assert begun(sweep.load("upstream"), 1).scenarios == {}


@pytest.mark.parametrize(("level", "rooms", "each"), [(1, 1, 1), (10, 1, 10), (3000, 300, 10)])
def test_clients_are_spread_over_rooms_of_ten(level, rooms, each):
    changes = sweep.clients(setup_of("steady"), level).changes
    assert (changes["workload.rooms"], changes["participants"]) == (rooms, each)


def test_compression_is_an_option_of_the_server_and_nothing_else():
    base = setup_of("steady")
    assert sweep.compression(base, "off") == base
    on = sweep.compression(base, "on")
    assert "--compression" in module_of(Cell("sse"), on)
    assert (on.changes, on.generator_options) == (base.changes, base.generator_options)


def test_the_experiment_compression_differs_by_that_option_alone():
    setups = setups_of(sweep.load("compression"))
    options = {"off": (), "on": ("--compression",)}
    assert all(setup.server_options == options[cell.level] for cell, setup in setups.items())
    first, *others = [structs.replace(setup, server_options=()) for setup in setups.values()]
    assert len(others) == 7 and all(setup == first for setup in others)
    assert first.changes["workload.bytes"] == 1000


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ("levels = [1, 5]", "", "levels"),
        ('y = "latency_p50"', 'y = "speed"', "speed"),
        ("[1, 5]", "[1, 5000]", "sse at 5,000.*workload.rate_per_s"),
        ('"workload.rate_per_s"', '"traffic.rate"', "traffic"),
        ('"sse"', '"pigeon"', "transports"),
        ("title =", "titel =", "titel"),
        ("levels = [1, 5]", "levels = [1, ", "mine.toml"),
        ('y = "latency_p50"', 'y = "latency_p50"\nx = "objective"', "objective.*scenario"),
        ('varies = "workload.rate_per_s"', 'varies = "scenario"', "'1.0'"),
        (
            'varies = "workload.rate_per_s"\naxis = "messages a second"\nlevels = [1, 5]',
            'varies = "scenario"\nlevels = ["steady"]',
            "steady needs an objective",
        ),
        ("varies =", 'factors = { weather = "bad" }\nvaries =', "weather"),
    ],
)
def test_what_is_wrong_is_named(written, before, after, named):
    with pytest.raises(BadUse, match=named):
        setups_of(sweep.load(written(GOOD.replace(before, after, 1))))


def test_an_unknown_experiment_is_told_what_there_is():
    with pytest.raises(BadUse, match="poll-interval"):
        sweep.load("nonsense")
