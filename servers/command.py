"""The command line of `python -m servers`, and what it refuses: each time in one sentence."""

import argparse
import ipaddress
import os
import secrets
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn, TypeVar
from urllib.parse import urlsplit

from servers import logs
from servers.settings import PAGES, Settings

NAMES = ("short-polling", "long-polling", "sse", "websocket")
COMMAND = os.environ.get("POLLS_APART_COMMAND", "servers")  # what was typed: `lab serve` becomes this process
T = TypeVar("T", int, float)
DEFAULT = Settings()
DAY = 86_400  # seconds
SECRET = "POLLS_APART_SECRET"  # what tokens are signed with, where a restart is not to end every session
PORTS = {"http": 80, "https": 443}  # which no origin names
SHORTEST = 16  # characters of it


def names_of(args: argparse.Namespace) -> list[str]:
    """The transports that were asked for. Raises ValueError with one sentence where there is no such."""
    if unknown := [name for name in args.transports if name not in (*NAMES, "all")]:
        raise ValueError(f"there is no transport {unknown[0]!r}. Choose from {', '.join(NAMES)}, or all")
    return list(NAMES) if "all" in args.transports else list(dict.fromkeys(args.transports))


def settings_of(args: argparse.Namespace, names: Sequence[str]) -> Settings:
    """What was asked for, for these transports. Raises ValueError with one sentence where it makes no sense."""
    fields = {name: value for name, value in vars(args).items() if name in Settings.__struct_fields__}
    secret = os.environ.get(SECRET) or secrets.token_urlsafe(32)
    if len(secret) < SHORTEST:
        raise ValueError(f"{SECRET} has {len(secret)} characters, which can be guessed. Give it {SHORTEST} or more")
    if args.join_code and args.auth != "token":
        raise ValueError("a join code is for those who ask for a token. Add --auth token")
    if args.page != "chat":
        if not args.stage:
            raise ValueError(f"the page {args.page} needs a stage, which tells it what was counted. Add --stage PORT")
        if set(names) != set(NAMES):
            raise ValueError(f"the page {args.page} has the four transports side by side. Serve all")
    if args.page == "class" and args.auth != "token":
        raise ValueError("the page class is for those who have a token. Add --auth token")
    if args.stage and args.workers > 1:
        raise ValueError("a stage tells what one process has counted. Leave out --workers")
    return Settings(**fields | {"auth": args.auth == "token", "origins": tuple(args.origins), "secret": secret})


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
    shown = "what / shows: the chat, or a page of the live lab, which needs a stage (%(default)s)"
    add("--page", choices=PAGES, default=DEFAULT.page, help=shown)
    stage = "where `lab live` tells a page what was counted, on this host; and count each transport's bytes (off)"
    add("--stage", type=within(int, 1, 65_535), default=DEFAULT.stage, metavar="PORT", help=stage)
    add = parser.add_argument_group("who may take part, and how much of it").add_argument
    add("--auth", choices=["off", "token"], help="whether a token is needed (off; where others can reach it, choose)")
    add("--join-code", default=DEFAULT.join_code, metavar="CODE", help="what one must know to get a token")
    whose = "whose pages may talk to it too, and whose name it goes by"
    add("--origin", type=origin, action="append", default=[], dest="origins", metavar="ORIGIN", help=whose)
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


def origin(text: str) -> str:
    """An origin as browsers write it (RFC 6454 section 6.2). Raises ArgumentTypeError."""
    try:
        parts = urlsplit(text.lower() if text.isascii() else "")
        usual = PORTS[parts.scheme]
        host = f"[{ipaddress.IPv6Address(parts.hostname)}]" if ":" in (parts.hostname or "") else parts.hostname
        port = "" if parts.port in (None, usual) else f":{parts.port}"
        found = f"{parts.scheme}://{host}{port}"
    except (KeyError, ValueError):
        host = None
    if not host or parts.username is not None or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise argparse.ArgumentTypeError(f"{text!r} is no origin, such as https://chat.example.org")
    return found


def refuse(sentence: str) -> int:
    print(f"{COMMAND.split()[0]}: {sentence}.", file=sys.stderr)
    return 2
