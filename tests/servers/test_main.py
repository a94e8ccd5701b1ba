"""The process: what it says first, and what it says when it cannot."""

import errno
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from servers import __main__ as process
from servers import guard, outbox, sessions
from servers.command import NAMES, SECRET, parser
from servers.connections import QUIET, Stream
from servers.engines.gunicorn import DrainingWorker
from servers.engines.threads import Worker as Threads
from servers.fanout import BEATS
from servers.settings import FIELDS, HEAD, KEEP_ALIVE, TARGET, Settings
from tests.processes import PATIENCE, ROOT, Server

SET = Settings()


def refused(*arguments: object) -> str:
    """What a server that will not start says last."""
    command = [sys.executable, "-m", "servers", *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=PATIENCE)
    assert ended.returncode == 2
    assert ended.stdout == "" and len(ended.stderr.splitlines()) == 1
    return ended.stderr.strip()


def test_the_first_line_says_where_it_listens(site: Server) -> None:
    assert site.first_line == f"listening on http://127.0.0.1:{site.port}\n"
    assert site.request("GET", "/health").json["status"] == "ok"


def test_a_busy_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        sentence = refused("sse", "--port", port)
    busy = os.strerror(errno.EADDRINUSE)
    assert sentence == f"servers: cannot listen on 127.0.0.1 port {port}: {busy}. Choose another with --port."


def test_a_store_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    rubbish = tmp_path / "rubbish.db"
    rubbish.write_text("This is no database." * 100)
    writable = "Name a file in a folder that you may write to."
    mends = {tmp_path / "nowhere" / "log.db": writable, tmp_path: writable,
             rubbish: "Name another file, or one that is not there yet."}  # fmt: skip
    for path, mend in mends.items():
        sentence = refused("sse", "--port", 0, "--store", f"sqlite:{path}")
        assert sentence.startswith(f"servers: cannot open the store sqlite:{path}: ")
        assert sentence.endswith(mend)


@pytest.mark.parametrize("engine", ["gevent", "threads"])
def test_it_listens_on_ipv6_too(engine: str) -> None:
    with Server("all", "--engine", engine, "--host", "::1", "--auth", "token", "--join-code", "sesame") as server:
        assert server.url == f"http://[::1]:{server.port}"
        joined = server.request("POST", "/session", {"name": "Ada", "code": "sesame"}, {"Origin": server.url})
        assert joined.status == 201


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("https://class.example", "https://class.example"),
        ("https://Class.Example/", "https://class.example"),
        ("https://class.example:443", "https://class.example"),
        ("http://class.example:8080", "http://class.example:8080"),
        ("http://[0:0::1]:80", "http://[::1]"),
    ],
)
def test_an_origin_is_taken_as_browsers_write_it(given: str, meant: str) -> None:
    assert parser().parse_args(["all", "--origin", given]).origins == [meant]


NO_ORIGINS = ["class.example", "ftp://class.example", "https://a/b", "https://a?b", "https://a@b", "https://", ""]
NO_ORIGINS += ["http://[bad", "https://a:99999", "https://caf\xe9.example", "null", "*"]


@pytest.mark.parametrize("given", NO_ORIGINS)
def test_what_is_no_origin_is_refused(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["all", "--origin", given])
    assert f"{given!r} is no origin, such as https://chat.example.org" in capsys.readouterr().err


def test_a_file_is_one_process_alone(tmp_path: Path) -> None:
    store = f"sqlite:{tmp_path / 'log.db'}"
    with Server("sse", "--store", store) as server:
        assert server.request("GET", "/health").status == 200
        mend = "database is locked. Name another file: a process has this one."
        assert refused("sse", "--port", 0, "--store", store) == f"servers: cannot open the store {store}: {mend}"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["sse", "--store", "mysql://x"], "unknown store 'mysql://x': use memory, sqlite:PATH or redis://HOST:PORT."),
        (
            ["sse", "--store", "valkey://:sesame@x"],
            "unknown store 'valkey': use memory, sqlite:PATH or redis://HOST:PORT.",
        ),
        (["sse", "--store", "redis://127.0.0.1:x"], "must be like redis://HOST:PORT/NUMBER."),
        (["sse", "--store", "redis://127.0.0.1:1"], "servers: Redis at 127.0.0.1:1 does not serve: "),
        (["sse", "--store", "redis://127.0.0.1:1"], "Connection refused. Start it, or name another with --store."),
        (["sse", "--store", "redis://nowhere.invalid"], "servers: Redis at nowhere.invalid:6379 does not serve: "),
        (["carrier-pigeon"], "there is no transport 'carrier-pigeon'. Choose from short-polling"),
        (["--forks", "2", "sse"], "servers: unrecognized arguments: --forks (--help lists what there is)."),
        (
            ["sse", "--workers", "2"],
            "servers: more than one worker needs a store that they share. Add --store redis://",
        ),
        (["sse", "--workers", "2", "--store", "sqlite:x.db"], "more than one worker needs a store that they share."),
        (["sse", "--workers", "0"], "servers: --workers: 0 is not from 1 to 64"),
        (["sse", "--engine", "steam"], "servers: --engine: invalid choice: 'steam'"),
        (["sse", "--port", "99999"], "servers: --port: 99999 is not from 0 to 65535"),
        (["sse", "--port", "-1"], "servers: --port: -1 is not from 0 to 65535"),
        (["sse", "--keep", "0"], "servers: --keep: 0 is not from 1 to 1000000000"),
        (["sse", "--hold", "nan"], "servers: --hold: nan is not from 0.01 to 86400"),
        (["sse", "--heartbeat", "0"], "servers: --heartbeat: 0 is not from 0.01 to 86400"),
        (["sse", "--host", "0.0.0.0", "--port", "0"], "on 0.0.0.0 others can reach this server. Ask for tokens with"),
        (["sse", "--join-code", "tea"], "servers: a join code is for those who ask for a token. Add --auth token."),
        (["sse", "--auth", "maybe"], "servers: --auth: invalid choice: 'maybe'"),
        (["all", "--page", "film"], "servers: --page: invalid choice: 'film'"),
        (["all", "--stage", "0"], "servers: --stage: 0 is not from 1 to 65535"),
        (["all", "--page", "live"], "the page live needs a stage, which tells it what was counted. Add --stage PORT."),
        (
            ["sse", "--page", "live", "--stage", "5006"],
            "the page live has the four transports side by side. Serve all.",
        ),
        (
            ["all", "--page", "class", "--stage", "5006"],
            "the page class is for those who have a token. Add --auth token.",
        ),
        (
            ["all", "--stage", "5006", "--workers", "2", "--store", "redis://127.0.0.1:1"],
            "servers: a stage tells what one process has counted. Leave out --workers.",
        ),
        (["sse", "--host", "nowhere.invalid"], "no address is known by this name. Name another with --host."),
        (["sse", "--host", "203.0.113.9"], "this machine has no such address. Name another with --host."),
        ([], "TRANSPORT"),
    ],
)
def test_bad_use_is_said_in_a_sentence(arguments: list[str], sentence: str) -> None:
    assert sentence in refused(*arguments)


def test_where_gunicorn_does_not_run_gevent_takes_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    assert process.available("gevent") == "gevent" and process.available("threads") == "threads"
    monkeypatch.setattr(sys, "platform", "win32")
    assert process.available("gevent") == "pywsgi"
    with pytest.raises(ImportError, match="Use --engine gevent"):
        process.available("threads")
    with pytest.raises(ImportError, match="Leave out --workers"):
        process.available("gevent", workers=2)


def test_the_help_names_every_option() -> None:
    text = parser().format_help()
    for word in (
        "short-polling",
        "--host",
        "--port",
        "--store",
        "--engine",
        "--workers",
        "--hold",
        "--heartbeat",
        "--keep",
        "--page",
        "--stage",
        "5005",
    ):
        assert word in text
    for word in ("--auth", "--join-code", "--origin", "--session-life", "--held", "--send-rate", "--connections"):
        assert word in text


@pytest.mark.parametrize("auth", ["off", "token"])
def test_others_are_let_in_when_that_is_asked_for(start: Callable[..., Server], auth: str) -> None:
    server = start("short-polling", "--host", "0.0.0.0", "--auth", auth)
    assert server.request("GET", "/rooms/tea/messages").status == (200 if auth == "off" else 401)


def test_a_secret_that_can_be_guessed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECRET, "tea")
    assert "POLLS_APART_SECRET has 3 characters, which can be guessed. Give it 16 or more." in refused("sse")


def test_servers_that_share_a_secret_share_their_sessions(
    start: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, other = (start("short-polling", "--auth", "token") for _ in range(2))
    monkeypatch.setenv(SECRET, "known to both of them")
    one, two = (start("short-polling", "--auth", "token") for _ in range(2))
    for issuer, reader, status in ((one, two, 200), (alone, other, 401)):
        token = issuer.request("POST", "/session", {"name": "Ada"}).json["token"]
        headers = {"Authorization": f"Bearer {token}"}
        assert reader.request("GET", "/rooms/tea/messages", headers=headers).status == status
        assert SECRET not in reader.stderr and token not in reader.stderr


def test_packets_are_as_long_as_on_ethernet() -> None:
    if sys.platform != "linux":
        pytest.skip("TCP_MAXSEG can be set on a listening socket on Linux only")
    with process.bind("127.0.0.1", 0) as listener, socket.socket() as client:
        client.connect(listener.getsockname())
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG) <= process.SEGMENT
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_connection_forgets_who_vanished_and_hides_little_of_what_was_not_read() -> None:
    if sys.platform != "linux":
        pytest.skip("these can be set on a listening socket on Linux only")
    with process.bind("127.0.0.1", 0) as listener, socket.socket() as client:
        client.connect(listener.getsockname())
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            for option in (socket.TCP_NOTSENT_LOWAT, socket.TCP_USER_TIMEOUT, socket.TCP_KEEPIDLE):
                assert accepted.getsockopt(socket.IPPROTO_TCP, option) == process.CONNECTION[option]


def test_the_names_are_those_of_the_transports() -> None:
    from servers.transports import TRANSPORTS

    assert tuple(TRANSPORTS) == NAMES
    assert all(re.fullmatch("[a-z-]+", name) for name in NAMES)


def test_the_protocol_names_every_limit_that_can_be_set() -> None:
    said = (ROOT / "servers" / "protocol.md").read_text(encoding="utf-8")
    (group,) = (one for one in parser()._action_groups if one.title and one.title.startswith("who may"))
    options = {action.option_strings[0] for action in group._group_actions}
    assert len(options) == 9 and not [option for option in options if option not in said]


def test_the_protocol_says_how_much_of_each_is_let_in() -> None:
    said = (ROOT / "servers" / "protocol.md").read_text(encoding="utf-8").partition("## Limits")[2].partition("## ")[0]
    rows = [line.strip("| ").split(" | ") for line in said.splitlines() if line.startswith("| ")]
    (guess, guesses), (arrival, arrivals) = guard.GUESSES, guard.ARRIVALS
    assert {what: most for what, most, *_ in rows[2:]} == {
        "a request's target; its header fields": f"{TARGET >> 10} KiB; {HEAD >> 10} KiB and {FIELDS}",
        "a request's body, a WebSocket message": f"{SET.body_limit >> 10} KiB",
        "from a connection's opening to its first request; from a request's first byte to its last":
            f"{SET.read_time:.0f} s, then the connection closes",
        "between two requests": f"{KEEP_ALIVE} s",
        "connections of a process": f"{DrainingWorker.MOST:,}, or {Threads.MOST} with `--engine threads`",
        "polls, streams and sockets that a session holds open": f"{SET.held}",
        "messages of a session, by whatever transport": f"{SET.send_rate:.0f}/s, and {2 * SET.send_rate:.0f} at once",
        "a session's life; a WebSocket's wait for its first frame":
            f"{SET.session_life / 3600:.0f} h; {SET.auth_time:.0f} s",
        "sessions for an address": f"{arrival:.0f}/s, and {arrivals:.0f} at once",
        "wrong join codes from an address":
            f"one in {1 / guess:.0f} s, and {guesses:.0f} at once; until then the right one is refused too",
    }  # fmt: skip


def test_a_revocation_is_soon_seen_and_an_outbox_is_small() -> None:
    assert sessions.LOOK <= 0.5, "what is revoked ends within 1 s, and half of it is for being told"
    assert outbox.LIMIT == 64 * 1024 and outbox.BEHIND * SET.heartbeat == 5, "bytes, and seconds behind"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux is told when to give up a connection")
def test_who_has_vanished_is_given_up_within_20_s_and_not_for_one_probe_that_was_lost() -> None:
    told = process.CONNECTION
    idle, interval = told[socket.TCP_KEEPIDLE], told[socket.TCP_KEEPINTVL]
    patience = told[socket.TCP_USER_TIMEOUT] / 1000
    looks = [idle + n * interval for n in range(10)]
    gives_up = next(look for look in looks[1:] if look >= patience)  # as the kernel judges, whenever it would ask again
    assert gives_up < 18, "2 s later who waits for news of it has looked"
    assert looks.index(gives_up) >= 2, "two probes in a row must have gone unanswered"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux is told when to give up a connection")
def test_a_stream_is_not_given_up_for_a_probe_that_was_lost_before_its_heartbeat() -> None:
    """As soon as the kernel would ask again, it gives up who has been silent for as long as what was said may be."""
    with process.bind("127.0.0.1", 0) as listener, socket.socket() as client:
        client.connect(listener.getsockname())
        accepted, _ = listener.accept()
        with accepted:
            Stream(accepted, b":\n\n")
            interval = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL)
    heartbeat = Settings().heartbeat
    assert process.CONNECTION[socket.TCP_KEEPIDLE] + interval > QUIET * heartbeat + heartbeat / BEATS
