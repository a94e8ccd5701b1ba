"""loadtests/run.py: the process, from its command line to its files."""

import socket
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import polars as pl
import pytest
from scipy import stats

from tests.loadtests.generator import Part, generator, run, small
from tests.processes import Server

RATE, INTERVAL, SURE = 2.0, 0.3, 0.9999
LONELY = f"""
description = "One listener a room, so that each poll's luck is its own."
participants = 1
senders = 1
duration_s = 5.0
warmup_s = 0.5
poll_intervals = [{INTERVAL}]

[workload]
kind = "poisson"
rooms = 40
rate_per_s = {RATE}
bytes = 20
"""

BAD_USE = [  # (the options that differ from good ones, what the sentence must name)
    ({"--transport": "pigeon"}, "pigeon"),
    ({"--scenario": "chess"}, "irc-room"),
    ({"--poll-interval": "0"}, "'0'"),
    ({"--poll-interval": "nan"}, "'nan'"),
    ({"--rtt-ms": "-5"}, "'-5'"),
    ({"--duration": "-1"}, "'-1'"),
    ({"--seed": "x"}, "x"),
    ({"--server-pid": "999999999"}, "999999999"),
    ({"--cpu": "9999"}, "9999"),
    ({"--http": "2"}, "--http 2"),
    ({"--ca": "/dev/null"}, "/dev/null"),
    ({"--out": "/dev/null/run"}, "/dev/null/run"),
    ({"url": "ftp://127.0.0.1"}, "ftp://127.0.0.1"),
    ({"url": "http://127.0.0.1:99999"}, "99999"),
]


def test_bad_use_is_one_sentence_that_names_it_and_exit_code_2(tmp_path: Path) -> None:
    with ExitStack() as stack:  # side by side: most of each is Locust's import
        started = []
        for wrong, named in BAD_USE:
            options = {"--transport": "sse", "--scenario": "steady", "--out": str(tmp_path / "out")} | wrong
            url = options.pop("url", "http://127.0.0.1:9")
            words = [word for pair in options.items() for word in pair]
            started.append((named, stack.enter_context(generator(url, *words))))
        for named, process in started:
            code, errors = process.end()
            assert code == 2, named
            assert named in errors and errors.count("\n") == 1 and errors.endswith(".\n"), errors


def test_the_first_polls_of_the_window_bring_as_much_as_all_after_them(
    start: Callable[..., Server], tmp_path: Path
) -> None:
    """Messages come for a whole poll interval before it, so that each poll looks back on one."""
    options = ("--set", "workload.rate_per_s=40", "--set", "duration_s=2", "--poll-interval", 1)
    part = run(start("short-polling"), "short-polling", small(tmp_path), tmp_path / "out", *options)
    since_ns = part.deliveries["received_ns"] - part.info.window_begin_ns
    first, second = (since_ns.is_between(n * 1e9, (n + 1) * 1e9).sum() for n in (0, 1))
    assert first > 0.8 * second > 0


def test_an_interrupt_keeps_what_was_measured_and_is_quiet(start: Callable[..., Server], tmp_path: Path) -> None:
    server = start("websocket")
    options = ("--transport", "websocket", "--scenario", small(tmp_path), "--out", tmp_path / "out", "--duration", 60)
    with generator(server.url, *options) as process:
        process.wait_for("window")
        process.interrupt()
        process.wait_for("written")
        assert process.end() == (130, "")
    part = Part(tmp_path / "out")
    assert part.info.window_begin_ns and part.info.window_end_ns is None
    assert part.connections.height == part.info.users
    assert part.info.offered > 100  # of the whole minute that was planned


def test_a_server_that_never_answers_does_not_hold_the_run_for_ever(tmp_path: Path) -> None:
    """It accepts, and says nothing: the run ends by itself, with every message undelivered and said so."""
    options = ("--transport", "long-polling", "--scenario", small(tmp_path), "--out", tmp_path / "out")
    options += ("--set", "collect_s=1")
    with socket.create_server(("127.0.0.1", 0), backlog=100) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        with generator(url, *options) as process:
            process.wait_for("written")
            assert process.end() == (0, "")
    part = Part(tmp_path / "out")
    assert part.deliveries.is_empty()
    begin, end = part.info.window_begin_ns, part.info.window_end_ns
    in_window = part.publishes.filter(pl.col("intended_ns").is_between(begin, end, closed="left"))
    assert in_window.height == part.info.offered
    assert part.publishes["acked_ns"].null_count() == part.publishes.height
    assert part.publishes["sent_ns"].null_count() > 0  # whose sender was still waiting for an answer
    assert not part.connections["complete"].any()


def test_the_share_of_empty_polls_is_what_the_rate_predicts(start: Callable[..., Server], tmp_path: Path) -> None:
    """A poll is empty when no message came since the one before: for Poisson messages, exp(-rate x interval)."""
    path = tmp_path / "lonely.toml"
    path.write_text(LONELY)
    part = run(start("short-polling"), "short-polling", path, tmp_path / "out")
    begin, end = part.info.window_begin_ns, part.info.window_end_ns
    polls = part.requests.filter(pl.col("started_ns").is_between(begin, end), kind="poll")
    assert polls.height + part.info.skipped_polls >= 0.9 * 40 * 5.0 / INTERVAL
    gaps_s = polls.sort("started_ns").select(pl.col("started_ns").diff().over("user") / 1e9).to_series().drop_nulls()
    assert gaps_s.median() == pytest.approx(INTERVAL, rel=0.1)
    likely = (-RATE * gaps_s).exp()  # with the gaps there were: on a busy machine some polls come late
    low, high = stats.norm.interval(SURE, likely.sum(), (likely * (1 - likely)).sum() ** 0.5)
    empty = polls.sort("started_ns").filter(pl.col("started_ns").rank().over("user") > 1).filter(messages=0).height
    assert low <= empty <= high


def test_the_costs_of_server_and_generator_are_sampled(start: Callable[..., Server], tmp_path: Path) -> None:
    part = run(start("sse"), "sse", small(tmp_path), tmp_path / "out", "--duration", 2)
    assert part.info.server_cpu_end_ns > part.info.server_cpu_begin_ns > 0
    assert part.info.generator_cpu_ns_window > 0
    assert part.server.height >= 2 and (part.server["rss_bytes"] > 1_000_000).all()
    assert part.server["cpu_ns"].is_sorted() and part.generator["at_ns"].is_sorted()
    assert part.generator["lag_ns"].min() >= 0
    assert part.generator["cpu_ns"].drop_nulls().len() >= 2


def test_in_a_closed_loop_nobody_writes_before_the_last_answer_and_time_counts_from_sending(
    start: Callable[..., Server], tmp_path: Path
) -> None:
    for transport in ("websocket", "sse"):
        server = start(transport, command=("-m", "loadtests.null"))
        part = run(server, transport, small(tmp_path), tmp_path / transport, "--closed-loop")
        assert part.info.loop == "closed"
        own = part.publishes.sort("intended_ns").with_columns(pl.col("acked_ns").shift().over("sender").alias("answer"))
        assert (own["intended_ns"] >= own["answer"]).sum() == own.height - part.publishes["sender"].n_unique()
        assert part.publishes["sent_ns"].null_count() == 0 and part.publishes.height > 10


def test_window_counts_lie_within_the_lives_totals(start: Callable[..., Server], tmp_path: Path) -> None:
    part = run(start("short-polling"), "short-polling", small(tmp_path), tmp_path / "out")
    for name in ("payload_up", "payload_down", "socket_up", "socket_down", "ip_up", "ip_down"):
        life, window = part.connections[name], part.connections[f"window_{name}"]
        if life.null_count() == 0:
            assert (window >= 0).all() and (window <= life).all() and window.sum() < life.sum()
