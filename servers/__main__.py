"""The process: `python -m servers sse --port 0` runs a server until SIGTERM."""

import argparse
import errno
import importlib
import importlib.util
import ipaddress
import logging
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn, TypeVar

from servers import descriptors, logs
from servers.settings import Settings
from servers.stores import Unavailable, is_shared, open_store
from servers.stores.trial import trial

if TYPE_CHECKING:
    from servers.app import App

NAMES = ("short-polling", "long-polling", "sse", "websocket")
COMMAND = os.environ.get("POLLS_APART_COMMAND", "servers")  # what was typed: `lab serve` becomes this process
T = TypeVar("T", int, float)
DEFAULT = Settings()
DAY = 86_400  # seconds
COME_BACK = 1.0  # seconds between two looks for a store that went away
SECRET = "POLLS_APART_SECRET"  # what tokens are signed with, where a restart is not to end every session
SHORTEST = 16  # characters of it
SEGMENT = 1460  # bytes of payload in a packet, as on Ethernet; loopback's 65,483 would hide what large answers cost
CONNECTION = (  # what Linux is told; with it, who vanished without a word is gone within 20 s
    {
        socket.TCP_MAXSEG: SEGMENT,
        socket.TCP_NOTSENT_LOWAT: 64 * 1024,  # bytes: the kernel would else hide megabytes for who does not read
        socket.TCP_USER_TIMEOUT: 14_000,  # ms that what was sent, a probe too, may go unacknowledged
        socket.TCP_KEEPIDLE: 10,  # seconds: a held poll says nothing, so the kernel asks
        socket.TCP_KEEPINTVL: 2,  # asked at 10 and 12 s, given up at 14: for one probe that was lost, nobody is
    }
    if sys.platform == "linux"
    else {}
)


def main() -> int:
    """Read the command, bind, say where, serve. Returns 2, with one sentence on stderr, where it cannot."""
    args = parser().parse_args()
    if unknown := [name for name in args.transports if name not in (*NAMES, "all")]:
        return refuse(f"there is no transport {unknown[0]!r}. Choose from {', '.join(NAMES)}, or all")
    if args.workers > 1 and not is_shared(args.store):
        return refuse("more than one worker needs a store that they share. Add --store redis://HOST:PORT")
    try:
        settings = settings_of(args)
    except ValueError as error:
        return refuse(str(error))
    names = list(NAMES) if "all" in args.transports else list(dict.fromkeys(args.transports))

    def make_app() -> "App":
        from servers.app import create_app

        while True:
            try:
                return create_app(names, open_store(args.store, args.keep), settings)
            except Unavailable as error:  # it was there at the start: this worker takes another's place
                logging.getLogger(__name__).warning("%s. A worker waits for it.", error)
                time.sleep(COME_BACK)

    try:
        descriptors.raise_limit()
        name = available(args.engine, args.workers)
        if trouble := trial(args.store, args.keep):
            return refuse(trouble)
        engine = importlib.import_module(f"servers.engines.{name}")
        listener = bind(args.host, args.port)
    except OSError as error:
        return refuse(f"cannot listen on {args.host} port {args.port}: {why_not(error)}")
    except (ValueError, ImportError, descriptors.TooFew) as error:
        return refuse(str(error))
    host, port = listener.getsockname()[:2]
    if args.auth is None and not ipaddress.ip_address(host.partition("%")[0]).is_loopback:
        return refuse(
            f"on {host} others can reach this server. Ask for tokens with --auth token, or let all in: --auth off"
        )
    for number in (signal.SIGTERM, signal.SIGINT):  # until the engine has handlers of its own
        signal.signal(number, lambda *_: os._exit(0))
    logs.init(args.log, [settings.secret, settings.join_code])
    print(f"listening on http://{host}:{port}", flush=True)
    engine.serve(listener, make_app, args.workers)
    return 0


def settings_of(args: argparse.Namespace) -> Settings:
    """What was asked for. Raises ValueError with one sentence where it makes no sense."""
    fields = {name: value for name, value in vars(args).items() if name in Settings.__struct_fields__}
    secret = os.environ.get(SECRET) or secrets.token_urlsafe(32)
    if len(secret) < SHORTEST:
        raise ValueError(f"{SECRET} has {len(secret)} characters, which can be guessed. Give it {SHORTEST} or more")
    if args.join_code and args.auth != "token":
        raise ValueError("a join code is for those who ask for a token. Add --auth token")
    return Settings(**fields | {"auth": args.auth == "token", "origins": tuple(args.origins), "secret": secret})


def why_not(error: OSError) -> str:
    """What is wrong with a host or a port, and what to name in its place."""
    if error.errno in (socket.EAI_NONAME, socket.EAI_AGAIN):
        return "no address is known by this name. Name another with --host"
    if error.errno == errno.EADDRNOTAVAIL:
        return "this machine has no such address. Name another with --host"
    return f"{os.strerror(error.errno or 0)}. Choose another with --port"


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence."""

    def error(self, message: str) -> NoReturn:
        sys.exit(refuse(f"{message.removeprefix('argument ')} (--help lists what there is)"))


def parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = Parser(COMMAND, description="Run a server of one transport or of several, until Ctrl-C.")
    add = parser.add_argument
    add("transports", nargs="+", metavar="TRANSPORT", help=", ".join([*NAMES, "or all"]))
    add("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
    add("--port", type=within(int, 0, 65_535), default=5005, help="0 picks a free one (%(default)s)")
    add("--store", default="memory", help="memory, sqlite:PATH or redis://HOST:PORT (%(default)s)")
    add("--engine", choices=["gevent", "threads"], default="gevent", help="a greenlet or a thread for each connection")
    add("--workers", type=within(int, 1, 64), default=1, help="processes; more than one need Redis (%(default)s)")
    add("--hold", type=within(float, 0.01, DAY), default=DEFAULT.hold, help="seconds that a poll is held (%(default)s)")
    add("--heartbeat", type=within(float, 0.01, DAY), default=DEFAULT.heartbeat, help="seconds of quiet (%(default)s)")
    add("--keep", type=within(int, 1, 10**9), default=DEFAULT.keep, help="messages that a room keeps (%(default)s)")
    add("--compression", action="store_true", help="deflate or gzip what goes to clients that take it (off)")
    add(
        "--log",
        choices=logs.FORMS,
        default=logs.FORMS[0],
        help="what stderr is written as: a JSON object a line, or text",
    )
    add("--access-log", action="store_true", help="log each request when it is over (off)")
    add = parser.add_argument_group("who may take part, and how much of it").add_argument
    add("--auth", choices=["off", "token"], help="whether a token is needed (off; where others can reach it, choose)")
    add("--join-code", default=DEFAULT.join_code, metavar="CODE", help="what one must know to get a token")
    whose = "whose pages may talk to it too, and whose name it goes by"
    add("--origin", action="append", default=[], dest="origins", metavar="ORIGIN", help=whose)
    life = "seconds that a token is good for (%(default)s)"
    add("--session-life", type=within(float, 1, 365 * DAY), default=DEFAULT.session_life, metavar="SECONDS", help=life)
    held = "polls, streams and sockets that a session may hold open (%(default)s)"
    add("--held", type=within(int, 1, 10**6), default=DEFAULT.held, metavar="N", help=held)
    sent = "messages that a session may send in a second (%(default)s)"
    add("--send-rate", type=within(float, 0.01, 10**6), default=DEFAULT.send_rate, metavar="N", help=sent)
    most = "that may be open at once (20000, or 500 with threads)"
    add("--connections", type=within(int, 1, 10**6), default=DEFAULT.connections, metavar="N", help=most)
    whole = "seconds in which a request must have come (%(default)s)"
    add("--read-time", type=within(float, 0.01, DAY), default=DEFAULT.read_time, metavar="SECONDS", help=whole)
    first = "seconds that a WebSocket has to show its token (%(default)s)"
    add("--auth-time", type=within(float, 0.01, DAY), default=DEFAULT.auth_time, metavar="SECONDS", help=first)
    return parser


def within(kind: Callable[[str], T], least: T, most: T) -> Callable[[str], T]:
    """What reads a number from `least` to `most` on the command line."""

    def number(text: str) -> T:
        value = kind(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text} is not from {least} to {most}")
        return value

    return number


def available(engine: str, workers: int = 1) -> str:
    """The module that runs this engine here, in so many processes. Raises ImportError where none does."""
    if importlib.util.find_spec("gunicorn") and sys.platform != "win32":
        return engine
    if engine == "threads":
        raise ImportError("the threads engine needs gunicorn, which does not run here. Use --engine gevent")
    if workers > 1:
        raise ImportError("more than one worker needs gunicorn, which does not run here. Leave out --workers")
    return "pywsgi"


def bind(host: str, port: int) -> socket.socket:
    """A listening socket, whose settings every accepted connection inherits."""
    listener = socket.create_server((host, port), backlog=4096)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if sys.platform == "linux":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in CONNECTION.items():
            listener.setsockopt(socket.IPPROTO_TCP, option, value)
    return listener


def refuse(sentence: str) -> int:
    print(f"{COMMAND.split()[0]}: {sentence}.", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
