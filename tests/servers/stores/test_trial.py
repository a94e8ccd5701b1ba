"""Whether a store can be used, asked in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from servers.stores.trial import trial
from tests.processes import ROOT
from tests.redis_server import VOLATILE, RedisServer, free_port


def test_nothing_is_wrong_with_a_store_that_opens(tmp_path: Path, redis_database: Callable[[], str]) -> None:
    for url in ("memory", f"sqlite:{tmp_path / 'log.db'}", redis_database()):
        assert trial(url, 100) == ""


def test_what_is_wrong_is_a_sentence_with_its_mend(tmp_path: Path) -> None:
    port = free_port()
    mends = {
        f"redis://127.0.0.1:{port}": "Start it, or name another with --store",
        "mysql://here": "use memory, sqlite:PATH or redis://HOST:PORT",
        f"sqlite:{tmp_path}": "Name a file in a folder that you may write to",
    }
    for url, mend in mends.items():
        assert trial(url, 100).endswith(mend)


def test_what_redis_refuses_is_said_once(
    start_redis: Callable[..., RedisServer], capfd: pytest.CaptureFixture[str]
) -> None:
    server = start_redis(*VOLATILE)
    server.client.acl_setuser(
        "mute", enabled=True, passwords=["+sesame"], keys=["*"], channels=["*"], categories=["+@read"]
    )
    said = trial(server.url.replace("://", "://mute:sesame@"), 100)
    assert said.startswith(f"Redis at 127.0.0.1:{server.port} refuses: ") and "sesame" not in said
    assert capfd.readouterr() == ("", "")


def test_the_client_of_redis_is_not_imported_by_it(redis_database: Callable[[], str]) -> None:
    """Else gevent, which patches a worker later, would warn of what it cannot mend."""
    asked = f"import sys; from servers.stores.trial import trial; trial({redis_database()!r}, 9); print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "servers.stores" in modules.split() and not {"redis", "ssl"} & set(modules.split())


def test_where_no_process_can_be_forked_it_is_asked_in_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")
    assert trial("memory", 100) == "" and trial("cloud", 100).startswith("unknown store 'cloud'")
