"""The faithful clients, as a process: what they write down of a server that keeps its word, and of ones that do not."""

import json
import socket
import subprocess
import sys
import threading

import polars as pl
import pytest

from lab.faults import checker, history
from loadtests.faithful import http, news
from loadtests.faithful.history import COLUMNS, OPS
from loadtests.records import TRANSPORTS
from tests.processes import PATIENCE, ROOT


def clients(url, out, *options, until):
    """Let them run until a line of theirs is as it should be, and settle. Returns the last line."""
    process = subprocess.Popen(
        [sys.executable, "-m", "loadtests.faithful", url, "--out", str(out), *options],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True,
    )  # fmt: skip
    for line in process.stdout:
        if until(json.loads(line)):
            break
    said = process.communicate(timeout=4 * PATIENCE)[0]
    assert process.returncode == 0
    return json.loads(said.splitlines()[-1])


@pytest.fixture(scope="module")
def told(tmp_path_factory, running):
    out = tmp_path_factory.mktemp("faithful") / "history.parquet"
    options = ("--readers", "2", "--rate", "5", "--interval", "0.1")
    url = running("all", "--hold", "1", "--heartbeat", "1", "--store", f"sqlite:{out.parent / 'chat.sqlite'}").url
    return clients(url, out, *options, until=lambda line: line["observe"] > 300), out


def test_everybody_sees_everything_in_order(told):
    said, out = told
    events = history.read(out)
    assert checker.check(events, keeps=True).valid is True
    assert said["observe"] == sum(event.op == "observe" for event in events)
    for name in TRANSPORTS:
        own = [event for event in events if event.transport == name]
        assert {"invoke", "ok", "connect", "observe", "end"} <= {event.op for event in own}


def test_the_history_has_the_columns_that_the_checker_reads(told):
    assert history.Event._fields == COLUMNS
    table = pl.read_parquet(told[1])
    assert table.columns == list(COLUMNS) and set(table["op"]) <= set(OPS)
    assert table["time_ns"].is_sorted()


@pytest.fixture
def speaking():
    """`speaking(answer)` is the port of a server that says this to whoever asks, and closes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve(answer):
            while True:
                try:
                    sock, _ = listener.accept()
                except OSError:
                    return
                with sock:
                    sock.recv(65_536)
                    sock.sendall(answer)

        def started(answer):
            threading.Thread(target=serve, args=(answer,), daemon=True).start()
            return listener.getsockname()[1]

        yield started


WHOLE = b'HTTP/1.1 200 OK\r\nContent-Length: 32\r\n\r\n{"messages":[],"epoch":"e1234567'
CUT = [WHOLE[:end] for end in range(len(WHOLE))]


@pytest.mark.parametrize("answer", CUT[:: len(CUT) // 12])
def test_an_answer_that_is_cut_off_anywhere_is_a_broken_connection(speaking, answer):
    client = http.Http("127.0.0.1", speaking(answer), "", "tea", 0)
    with pytest.raises(news.Broken), client.connected() as connection:
        client.poll(connection, "", 0)
    with pytest.raises(news.Broken):
        client.post(news.Draft("a", "Ada", "hello"))


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (WHOLE, news.Unexpected),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", news.Unexpected),
        (b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", news.Broken),
        (b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n", news.Broken),
    ],
)
def test_what_the_protocol_does_not_have_is_told_from_what_may_pass(speaking, answer, kind):
    client = http.Http("127.0.0.1", speaking(answer), "", "tea", 0)
    with pytest.raises(kind), client.connected() as connection:
        client.poll(connection, "", 0)


def test_a_gap_is_told_as_one(speaking):
    body = b'{"type":"about:blank","status":410,"epoch":"e2","cursor":7}'
    head = b"HTTP/1.1 410 Gone\r\nContent-Length: %d\r\n\r\n" % len(body)
    client = http.Http("127.0.0.1", speaking(head + body), "", "tea", 0)
    with client.connected() as connection:
        assert client.poll(connection, "e1", 3) == news.Gap("e2", 7)


def test_who_is_refused_says_so_in_the_history(tmp_path, speaking):
    """A server that knows no such address is no server of ours."""
    port = speaking(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    out = tmp_path / "history.parquet"
    options = ("--readers", "1", "--transports", "long-polling", "--rate", "20")
    clients(f"http://127.0.0.1:{port}", out, *options, until=lambda line: line["unexpected"] and line["fail"])
    verdict = checker.check(history.read(out), keeps=True)
    assert verdict.valid is False and verdict.counts["refused"]
