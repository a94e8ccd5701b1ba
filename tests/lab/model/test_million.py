"""lab/model/million.py: what is reckoned on paper, and what is said with it."""

import json

import pytest
from msgspec import structs

from lab import pages
from lab.model.machine import Machine
from lab.model.million import CONNECTIONS, Crowd, Memory, needs, recorded, straight
from servers.engines import gunicorn

MACHINE = Machine({"post": 5e-4, "poll": 5e-4, "held": 4e-4, "event": 2e-5, "frame": 2e-5, "send": 2e-4, "idle": 1e-3})
MEMORY = {"sse": Memory(60e6, 40e3, 1_000)}
CROWD = Crowd()


def by_title(crowd, machine=MACHINE):
    return {need.title: need for need in needs(crowd, machine, MEMORY)}


def test_a_million_who_poll_each_second_ask_a_million_times_and_post_besides():
    found = by_title(CROWD)
    posts = CROWD.clients * CROWD.rate_per_s / CROWD.participants
    assert found["Short polling 1 s"].requests_per_s == pytest.approx(1_000_000 + posts)
    assert found["Short polling 10 s"].requests_per_s == pytest.approx(100_000 + posts)
    assert found["SSE"].requests_per_s == pytest.approx(posts) and found["WebSocket"].requests_per_s == 0


def test_processes_are_for_the_cpu_or_for_the_connections_whichever_are_more():
    found = by_title(CROWD)
    polled = found["Short polling 1 s"]
    assert polled.processes == pytest.approx(1_010_000 * 5e-4 / (0.8 - 1e-3), abs=1)
    assert polled.cpus == pytest.approx(0.8 * polled.processes, rel=0.01)
    assert found["SSE"].processes == 2 * CROWD.clients / CONNECTIONS
    assert found["WebSocket"].processes == CROWD.clients / CONNECTIONS


def test_all_grows_in_proportion_to_the_clients():
    once, twice = by_title(CROWD), by_title(structs.replace(CROWD, clients=2_000_000))
    for title, need in once.items():
        assert twice[title].requests_per_s == pytest.approx(2 * need.requests_per_s)
        assert twice[title].bits_per_s == pytest.approx(2 * need.bits_per_s, rel=0.005)  # names have a digit more
        assert twice[title].cpus == pytest.approx(2 * need.cpus, rel=0.01)


def test_memory_is_what_processes_and_clients_take_and_unknown_where_it_was_not_measured():
    found = by_title(CROWD)
    assert found["SSE"].memory_bytes == found["SSE"].processes * 60e6 + CROWD.clients * 40e3
    assert found["WebSocket"].memory_bytes is None


def test_a_straight_line_is_found_and_none_where_the_runs_do_not_differ_enough():
    assert straight([(10, 60e6 + 10 * 4e4), (1_000, 60e6 + 1_000 * 4e4)]) == Memory(
        pytest.approx(60e6), pytest.approx(4e4), 1_000
    )
    assert straight([(100, 60e6), (200, 70e6)]) is None
    assert straight([(10, 60e6), (1_000, 50e6)]) is None


def test_the_limit_of_a_process_is_the_servers():
    assert CONNECTIONS == gunicorn.DrainingWorker.MOST


def test_the_recorded_machine_took_something_for_each_work():
    machine, memory, folders = recorded(pages.REFERENCE)
    assert all(machine.takes(name) > 0 for name in ("post", "poll", "held", "event", "frame", "send"))
    assert machine.takes("poll") > 10 * machine.takes("frame") and memory and folders


def test_the_command_says_on_paper_and_what_it_assumes(lab, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    code, printed, _ = lab("model", pages.REFERENCE)
    assert code == 0 and "On paper: what 1,000,000 clients would need" in printed
    assert "Nobody measured this." in printed and "CPU time in µs" in printed
    assert max(map(len, printed.splitlines())) <= 80
    code, printed, _ = lab("model", pages.REFERENCE, "--clients", 5000, "--json")
    found = json.loads(printed)
    assert found["crowd"]["clients"] == 5000 and len(found["needs"]) == 5 and found["assumed"]


def test_without_recorded_runs_it_says_so(lab, tmp_path):
    code, _, said = lab("model", tmp_path)
    assert code == 2 and "holds no recorded runs" in said
