"""The process: `python -m servers sse --port 0` runs a server until SIGTERM."""

import errno
import importlib
import importlib.util
import ipaddress
import logging
import os
import signal
import socket
import sqlite3
import sys
import time
from typing import TYPE_CHECKING

from servers import descriptors, logs
from servers.command import names_of, parser, refuse, settings_of
from servers.stores import Store, Unavailable, is_shared, open_store
from servers.stores.trial import trial

if TYPE_CHECKING:
    from servers.app import App

COME_BACK = 1.0  # seconds between two looks for a store that went away
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
    if args.workers > 1 and not is_shared(args.store):
        return refuse("more than one worker needs a store that they share. Add --store redis://HOST:PORT")
    try:
        names = names_of(args)
        settings = settings_of(args, names)
    except ValueError as error:
        return refuse(str(error))

    def make_app() -> "App":
        from servers.app import create_app

        return create_app(names, opened(args.store, args.keep), settings)

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
    named = f"[{host}]" if listener.family == socket.AF_INET6 else host
    if args.auth is None and not ipaddress.ip_address(host.partition("%")[0]).is_loopback:
        return refuse(
            f"on {host} others can reach this server. Ask for tokens with --auth token, or let all in: --auth off"
        )
    for number in (signal.SIGTERM, signal.SIGINT):  # until the engine has handlers of its own
        signal.signal(number, lambda *_: os._exit(0))
    logs.init(args.log, [settings.secret, settings.join_code])
    print(f"listening on http://{named}:{port}", flush=True)
    engine.serve(listener, make_app, args.workers)
    return 0


def opened(url: str, keep: int) -> Store:
    """The store. It was tried, so where it is not to be had now, this worker takes another's place, and waits."""
    said = ""
    while True:
        try:
            return open_store(url, keep)
        except (Unavailable, ValueError, sqlite3.Error) as error:
            if said != (said := str(error)):
                logging.getLogger(__name__).warning("%s. A worker waits for it.", said)
            time.sleep(COME_BACK)


def why_not(error: OSError) -> str:
    """What is wrong with a host or a port, and what to name in its place."""
    if error.errno in (socket.EAI_NONAME, socket.EAI_AGAIN):
        return "no address is known by this name. Name another with --host"
    if error.errno == errno.EADDRNOTAVAIL:
        return "this machine has no such address. Name another with --host"
    return f"{os.strerror(error.errno or 0)}. Choose another with --port"


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
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=4096)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if sys.platform == "linux":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in CONNECTION.items():
            listener.setsockopt(socket.IPPROTO_TCP, option, value)
    return listener


if __name__ == "__main__":
    sys.exit(main())
