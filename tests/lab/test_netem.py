"""A cable of the kernel's: laid, used and removed where that is possible, and refused in a sentence elsewhere."""

import os
import subprocess
import sys

import pytest

from lab import compare, manifest, netem
from lab.compare import Options
from lab.errors import BadUse
from lab.link import Link
from tests.lab.test_compare import TINY

DELAYING = Link("netem", rtt_ms=100, jitter_ms=10, kbit_s=5_000, loss=0.01)


def namespaces():
    listed = subprocess.run([netem.program("ip"), "netns", "list"], capture_output=True, text=True, check=True)
    return {line.split()[0] for line in listed.stdout.splitlines() if line.startswith(f"polls-apart-{os.getpid()}-")}


@pytest.fixture
def root():
    """Skips where no namespaces can be made; what else `missing` names does not matter to a cable without delay."""
    why = netem.missing()
    if why and "netem" not in why:
        pytest.skip(f"no cable can be laid here: {why}")


@pytest.fixture
def kernel_with_netem(root):
    if why := netem.missing():
        pytest.skip(f"nothing can be delayed here: {why}")


def test_netem_is_told_half_of_the_round_trip_and_jitter_that_only_adds():
    assert netem.discipline(DELAYING) == [
        "delay", "55ms", "5ms", "loss", "1%", "rate", "5000kbit", "limit", "100000",
    ]  # fmt: skip
    assert netem.discipline(Link("netem")) == []


def test_tc_understands_what_it_is_told(root):
    """Where the kernel has no netem, tc says so only after it has understood the words."""
    with_delay = [netem.program("tc"), "qdisc", "add", "dev", "lo", "root", "netem", *netem.discipline(DELAYING)]
    cable = netem.Cable(Link("netem"))
    try:
        done = subprocess.run([*cable.near, *with_delay], capture_output=True, text=True)
    finally:
        cable.remove()
    assert done.returncode == 0 or "qdisc kind is unknown" in done.stderr


def test_a_cable_joins_two_namespaces_and_leaves_none_behind(root):
    cable = netem.Cable(Link("netem"))
    try:
        assert namespaces() == set(cable.names)
        listening = "import socket; s = socket.create_server(('10.77.0.2', 0)); print(s.getsockname()[1], flush=True)"
        asking = "import socket, sys; print(socket.create_connection(('10.77.0.2', int(sys.argv[1]))).recv(5))"
        server = subprocess.Popen(
            [*cable.far, sys.executable, "-c", f"{listening}; s.accept()[0].sendall(b'hello')"],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        with server:
            port = server.stdout.readline().strip()
            done = subprocess.run(
                [*cable.near, sys.executable, "-c", asking, port], capture_output=True, text=True, timeout=20
            )
        assert done.stdout.strip() == "b'hello'"
    finally:
        cable.remove()
    assert namespaces() == set()


def test_a_cable_that_cannot_be_laid_leaves_no_namespace_and_a_sentence(root, monkeypatch):
    monkeypatch.setattr(netem, "FAR_ADDRESS", "no address")
    with pytest.raises(BadUse, match="The link's cable could not be laid"):
        netem.Cable(Link("netem"))
    assert namespaces() == set()


def test_a_run_goes_through_a_cable(root, tmp_path, monkeypatch):
    """Without a delay, so that it goes where the kernel has no netem."""
    from rich.console import Console

    from lab import report
    from lab.progress import Progress

    monkeypatch.setattr(netem, "check", lambda _: None)
    (tmp_path / "tiny.toml").write_text(TINY)
    options = Options(str(tmp_path / "tiny.toml"), ("sse",), repeats=1, out=tmp_path / "runs", link=Link("netem"))
    where = compare.compare(options, Progress(Console(), quiet=True)).folder
    assert report.build(where).cells[0].counts["lost"] == 0
    assert manifest.read(where).runs[0].info.url.startswith("http://10.77.0.2:")
    assert namespaces() == set()


def test_a_link_of_the_kernels_delays(kernel_with_netem):
    ping = "import socket, sys, time; began = time.monotonic(); socket.create_connection(('10.77.0.2', 9)).close()"
    cable = netem.Cable(Link("netem", rtt_ms=50))
    try:
        timed = f"try:\n {ping}\nexcept OSError:\n print(time.monotonic() - began)"
        done = subprocess.run([*cable.near, sys.executable, "-c", timed], capture_output=True, text=True, timeout=20)
    finally:
        cable.remove()
    assert float(done.stdout) >= 0.05


def lacking_the_kernels(monkeypatch):
    def run(name, *arguments):
        if "netem" in arguments:
            raise subprocess.CalledProcessError(2, name, stderr="Error: Specified qdisc kind is unknown.\n")

    everything_installed(monkeypatch)
    monkeypatch.setattr(netem, "run", run)


def forbidden(monkeypatch):
    def run(name, *_):
        raise subprocess.CalledProcessError(1, name, stderr="mount of /sys failed: Operation not permitted\n")

    everything_installed(monkeypatch)
    monkeypatch.setattr(netem, "run", run)


def everything_installed(monkeypatch):
    monkeypatch.setattr(netem.sys, "platform", "linux")
    monkeypatch.setattr(netem.os, "geteuid", lambda: 0, raising=False)
    monkeypatch.setattr(netem, "program", lambda name: f"/sbin/{name}")


def without_tc(monkeypatch):
    everything_installed(monkeypatch)
    monkeypatch.setattr(netem, "program", lambda name: "" if name == "tc" else f"/sbin/{name}")


@pytest.mark.parametrize(
    ("take_away", "named"),
    [
        (lambda patch: patch.setattr(netem.sys, "platform", "darwin"), "network namespaces are Linux's"),
        (lambda patch: patch.setattr(netem.os, "geteuid", lambda: 1_000, raising=False), "it takes root"),
        (without_tc, r"tc is not installed \(package iproute2\)"),
        (forbidden, "namespaces cannot be made"),
        (lacking_the_kernels, r"no netem, the module sch_netem \(Error: Specified qdisc kind is unknown\)"),
    ],
)
def test_what_is_missing_is_named_with_what_does_instead(monkeypatch, take_away, named):
    if named == "it takes root":
        everything_installed(monkeypatch)
    take_away(monkeypatch)
    with pytest.raises(BadUse, match=rf"^--link netem cannot be had here: .*{named}.*Take --link proxy") as refused:
        netem.check(Link("netem", 100))
    assert str(refused.value).endswith(".") and "\n" not in str(refused.value)


def test_cuts_are_the_proxys_alone():
    with pytest.raises(BadUse, match="cannot cut connections: take --link proxy"):
        netem.check(Link("netem", cut_at_s=(1.0,)))
    netem.check(Link("proxy", cut_at_s=(1.0,)))
