"""Each capability can be missing, and that is a line in a table and not a traceback."""

import pytest

from lab import doctor


def taken_away(monkeypatch, name):
    """Make this machine one that lacks the capability, where the probe looks."""
    import importlib.util
    import os
    import select
    import shutil
    import signal
    import socket
    import time

    import psutil

    match name:
        case "tcp_info" | "process_cpu_clock":
            monkeypatch.setattr(doctor.sys, "platform", "darwin")
        case "tcp_maxseg":
            monkeypatch.delattr(socket, "TCP_MAXSEG")
        case "cpu_affinity":
            monkeypatch.delattr(os, "sched_getaffinity")
        case "idle_policy":
            monkeypatch.delattr(os, "SCHED_IDLE")
        case "epoll":
            monkeypatch.delattr(select, "epoll")
        case "gunicorn":
            monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
        case "signals":
            monkeypatch.delattr(signal, "SIGTERM")
        case "descriptors":
            import resource

            monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 1_024))
        case "fine_clock":
            ticks = iter(range(0, 10**12, 15_600_000))
            monkeypatch.setattr(time, "monotonic_ns", lambda: next(ticks))
        case "steal":
            monkeypatch.setattr(psutil, "cpu_times", lambda: (1.0, 2.0))
        case "network_namespaces":
            monkeypatch.setattr(os, "geteuid", lambda: 1_000)
        case _:
            monkeypatch.setattr(shutil, "which", lambda *_, **__: None)


@pytest.mark.parametrize("name", [probe.name for probe in doctor.PROBES])
def test_a_capability_that_is_missing_is_found_missing_with_how_to_mend_it(monkeypatch, name):
    taken_away(monkeypatch, name)
    found = next(capability for capability in doctor.capabilities() if capability.name == name)
    assert found.present is False
    assert found.found and found.without.endswith(".") and found.mend.endswith(".")


@pytest.mark.parametrize("error", [OSError("no"), AttributeError("no"), ImportError("no"), ValueError("no")])
def test_a_probe_that_fails_is_a_capability_that_is_not_there(error):
    def fail():
        raise error

    assert doctor.answer(doctor.Probe("x", fail, "", "")) == (False, f"{type(error).__name__}: no")


def test_the_manifest_gets_every_capability_by_name():
    assert list(doctor.present()) == [probe.name for probe in doctor.PROBES]


def test_it_shows_the_soft_and_the_hard_limit_of_open_files(monkeypatch):
    resource = pytest.importorskip("resource")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1_024, 1_048_576))
    assert doctor.descriptors() == (True, "open files: soft limit 1,024, raised when needed; hard limit 1,048,576")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, resource.RLIM_INFINITY))
    assert doctor.descriptors() == (True, "open files: soft limit 256, raised when needed; hard limit none")
