"""loadtests/users/websocket.py against a real server."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from websockets.sync.server import ServerConnection, serve

from tests.load_bench.costs import HALL
from tests.loadtests.generator import Part, generator
from tests.loadtests.users.checks import (
    COUNTED,
    are_the_kernels,
    delivers,
    delivers_compressed,
    leaves_unheard,
    returns,
)
from tests.processes import PATIENCE, Server

TRANSPORT = "websocket"


@pytest.mark.prove  # with a browser's headers `browsed` has seen it
def test_every_message_reaches_every_participant_once_and_in_order(
    start: Callable[..., Server], tmp_path: Path
) -> None:
    delivers(start(TRANSPORT), TRANSPORT, tmp_path, "bare")


def test_compressed_messages_arrive_whole_and_are_counted_as_they_crossed(
    start: Callable[..., Server], tmp_path: Path, browsed: Part
) -> None:
    delivers_compressed(start, TRANSPORT, tmp_path, browsed)


def test_it_comes_back_when_the_server_was_killed_and_misses_nothing(tmp_path: Path) -> None:
    returns(TRANSPORT, tmp_path)


def test_who_is_deaf_leaves_unheard_what_all_others_hear(start: Callable[..., Server], tmp_path: Path) -> None:
    leaves_unheard(start(TRANSPORT), TRANSPORT, tmp_path)


def test_one_connection_carries_what_a_participant_says_and_hears(browsed: Part) -> None:
    assert browsed.requests["kind"].to_list() == ["socket"] * browsed.info.users
    assert browsed.requests["messages"].sum() == browsed.deliveries.height
    assert browsed.connections["role"].to_list() == ["both"] * browsed.info.users


@COUNTED
def test_the_socket_bytes_of_every_connection_are_the_kernels(browsed: Part) -> None:
    are_the_kernels(browsed)


def test_it_is_the_same_where_there_is_no_epoll(start: Callable[..., Server], tmp_path: Path) -> None:
    delivers(start(TRANSPORT), TRANSPORT, tmp_path, "bare", module="tests.loadtests.without_epoll")


def test_it_answers_pings_and_joins_fragments(tmp_path: Path) -> None:
    answered = threading.Event()

    def speak(connection: ServerConnection) -> None:
        connection.send('{"type":"ready","epoch":"e","cursor":0}')
        connection.send(iter(['{"type":"message","seq":1,', '"id":"a","sender":"b",', '"text":"in three pieces"}']))
        if connection.ping().wait(PATIENCE):
            answered.set()
        for _ in connection:  # until it is closed
            pass

    scenario = tmp_path / "hall.toml"
    scenario.write_text(HALL.format(rooms=1, participants=1))
    options = ("--transport", TRANSPORT, "--scenario", scenario, "--out", tmp_path / "out")
    with serve(speak, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever).start()
        with generator(f"http://127.0.0.1:{server.socket.getsockname()[1]}", *options) as process:
            process.wait_for("window")
            assert answered.wait(PATIENCE)
            process.interrupt()
            assert process.end() == (130, "")
        server.shutdown()
    part = Part(tmp_path / "out")
    assert part.deliveries["id"].to_list() == ["a"] and part.info.errors == {}
    assert part.connections["payload_down"].to_list() == [len("in three pieces")]
