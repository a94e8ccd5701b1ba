"""What every transport's user must do, whatever the transport."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from loadtests.sockets import tcp_info_supported
from tests.front import Front
from tests.loadtests.generator import Part, generator, run, small
from tests.processes import PATIENCE, Server, lasting_port

ROW = ["receiver", "room", "id"]
BYTES = 1000  # of a text: enough for compression to show
COUNTED = pytest.mark.skipif(not tcp_info_supported(), reason="this system's kernel does not count by connection")


def all_arrives_once_and_in_order(part: Part) -> None:
    """delivered = published x receivers, none twice, each receiver's seq 1, 2, 3 …, with its bytes counted."""
    assert part.publishes.height > 10
    unacknowledged = part.publishes.filter(~pl.col("status").is_in([200, 201]))
    if not unacknowledged.is_empty():
        asked = part.requests.filter(pl.col("user").is_in(unacknowledged["sender"].implode()))
        with pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_width_chars=200):
            raise AssertionError(f"{unacknowledged}\n{part.info.errors}\n{asked.tail(40)}\n{part.connections}")
    assert part.deliveries.select(ROW).n_unique() == part.deliveries.height == part.publishes.height * part.share
    expected = part.publishes.join(part.receivers, on="room").select("receiver", "room", "id")
    assert part.deliveries.join(expected, on=ROW, how="anti").is_empty()
    for seq in part.deliveries.sort("received_ns").group_by("receiver", maintain_order=True).agg("seq")["seq"]:
        assert seq.to_list() == list(range(1, len(seq) + 1))


def delivers(
    server: Server | Front, transport: str, folder: Path, headers: str, *options: object,
    module: str = "loadtests.run",
) -> Part:  # fmt: skip
    size = ("--set", f"workload.bytes={BYTES}")
    part = run(server, transport, small(folder, headers), folder / "out", *size, *options, module=module)
    all_arrives_once_and_in_order(part)
    assert part.info.errors == {}
    assert part.connections["complete"].all()
    payload = part.publishes["bytes"].sum()
    assert part.connections["payload_up"].sum() == payload
    assert part.connections["payload_down"].sum() == payload * part.share
    latency = part.deliveries.join(part.publishes, on=["room", "id"]).select(
        pl.col("received_ns") - pl.col("intended_ns")
    )
    assert (latency.to_series() > 0).all()
    assert (part.publishes["sent_ns"] >= part.publishes["intended_ns"]).all()  # it wakes ahead, and waits
    return part


def leaves_unheard(server: Server, transport: str, folder: Path) -> None:
    """Who is deaf is in, and reads nothing on; all others hear all."""
    part = run(server, transport, small(folder, "bare"), folder / "out", "--set", "deaf=1", "--set", "senders=1")
    seats = part.info.users // part.publishes["room"].n_unique()
    listening = {number for number in range(part.info.users) if number % seats < seats - 1}
    assert set(part.deliveries["receiver"]) == listening
    assert part.deliveries.height == part.publishes.height * (seats - 1)


def are_the_kernels(part: Part) -> None:
    """The socket bytes of a real run against the kernel's own count of each connection, exactly."""
    assert part.connections["complete"].all() and part.connections.height >= part.info.users
    counts = part.connections.select("socket_up", "socket_down")
    assert counts.sum().row(0) > (0, 0)
    kernel = part.connections.select(socket_up="ip_up", socket_down="ip_down")
    assert counts.to_dict(as_series=False) == kernel.to_dict(as_series=False)


def delivers_compressed(start: Callable[..., Server], transport: str, folder: Path, plain: Part) -> None:
    """The same messages as in a `plain` run in fewer bytes on the way down, and in as many of text."""
    part = delivers(start(transport, "--compression"), transport, folder, "browser")
    down = [one.connections["socket_down"].sum() / one.deliveries.height for one in (part, plain)]
    assert down[0] < 0.85 * down[1]


def returns(
    transport: str, folder: Path, front: Callable[[Server], Front] | None = None, *more: str
) -> Part:  # fmt: skip
    """The server is killed in mid-run and started again on the same log: nothing is lost, nothing comes twice.

    With a `front` it is met there, which stays.
    """
    arguments = (transport, "--store", f"sqlite:{folder / 'log.db'}")
    first = Server(*arguments, port=lasting_port())
    try:
        met = front(first) if front else first
        options = ["--transport", transport, "--scenario", small(folder), "--out", folder / "out"]
        options += ["--set", "collect_s=30", *(("--ca", met.nginx.ca) if front else ()), *more]
        with generator(met.url, *options) as process:
            process.wait_for("window")
            first.kill()
            command = [sys.executable, "-m", "servers", *arguments, "--port", str(first.port)]
            second = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ)
            try:
                process.wait_for("collected")
                second.terminate()
                assert second.wait(PATIENCE) == 0
            finally:
                second.kill()
                second.wait()
            code, said = process.end()
            assert (code, said) == (0, ""), (code, said)
    finally:
        first.errors.close()
        first.process.stdout.close()
    part = Part(folder / "out")
    all_arrives_once_and_in_order(part)
    assert part.info.errors  # it did notice
    return part
