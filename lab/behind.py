"""nginx in front of a server: Debian's own, as servers/deploy configures it, in a folder that goes when it does.

It is given two sockets that listen already, as a running nginx gives them to its successor (the variable NGINX): so no
port has to be guessed, and what it accepts keeps to the segments of an Ethernet, which no line of its files could say.
"""

import contextlib
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, get_args

from lab import authority, doctor, machine
from lab.children import START_TIME, RunFailed, last_words, own_group, stop
from lab.errors import BadUse
from lab.link import Link

FOLDER = Path(__file__).parents[1] / "servers" / "deploy"
SEGMENT = 1460  # bytes; loopback's own 65,483 would hide what large answers cost
BACKLOG = 4_096
FILES = 40_000  # open at once: as many as two for each connection that the server takes
READ_TIMEOUT = {"good": "90s", "obvious": "60s"}
PORTS = {"good": ("plain", "tls"), "obvious": ("plain",)}  # the words in a site's file for where it listens
MISSING = "There is no nginx here: install it (on Debian and Ubuntu: sudo apt-get install nginx-light)."
ELSEWHERE = "nginx is handed its sockets in a way that this system does not have: run it on Linux or macOS."
NO_LINK = Link()
LOOK = 0.01  # seconds between two looks whether it has started

Way = Literal["direct", "nginx", "nginx+tls", "nginx+h2"]
WAYS: tuple[Way, ...] = get_args(Way)
Site = Literal["good", "obvious"]


WORDS: dict[str, str] = {
    "nginx": "nginx (without TLS)",
    "nginx+tls": "nginx (by TLS and HTTP/1.1)",
    "nginx+h2": "nginx (by TLS and HTTP/2; WebSockets by HTTP/1.1)",
}


class Nginx:
    """One nginx before one server, on loopback. `plain` and `tls` are its addresses, `ca` is whom to trust by TLS.

    The obvious site has no TLS. `lines` are more of them, for its server block.
    """

    def __init__(
        self, server: str, log: Path, site: Site = "good", read_timeout: str = "", cpu: int | None = None,
        lines: str = "",
    ) -> None:  # fmt: skip
        self.log, self.folder = log, tempfile.TemporaryDirectory(prefix="polls-apart-nginx-")
        self.where = Path(self.folder.name)
        with contextlib.ExitStack() as giving, contextlib.ExitStack() as undo:
            undo.callback(self.folder.cleanup)
            program = find()
            ports = {name: giving.enter_context(listener()) for name in PORTS[site]}
            values = {
                "user": "root" if os.geteuid() == 0 else "nobody", "site": f"{site}.conf",
                "files": str(min(FILES, machine.descriptor_limit() or FILES)),
                "server": server.removeprefix("http://"), "read_timeout": read_timeout or READ_TIMEOUT[site],
            } | {name: address(sock) for name, sock in ports.items()}  # fmt: skip
            self.plain, self.tls = f"http://{values['plain']}", f"https://{values.get('tls', '')}"
            if "tls" in ports:
                made = authority.make(self.where)
                self.ca = made.ca
                values |= {"certificate": str(made.certificate), "key": str(made.key)}
            for name, more in (("nginx.conf", ""), (f"{site}.conf", lines)):
                text = filled((FOLDER / name).read_text(encoding="utf-8"), values)
                (self.where / name).write_text(text.replace("\nserver {\n", f"\nserver {{\n{more}\n", 1))
            self.process = start(program, self.where, log, list(ports.values()))
            undo.pop_all()
        self.wait()
        if cpu is not None:
            self.pin(cpu)

    def url(self, way: Way) -> str:
        """Where it is reached by this way."""
        return self.plain if way == "nginx" else self.tls

    def wait(self) -> None:
        """Return when it serves: its process writes its number once it has read all. RunFailed when it does not."""
        deadline = time.monotonic() + START_TIME
        while not (self.where / "nginx.pid").exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RunFailed(f"nginx did not start: {last_words(self.log)}")
            time.sleep(LOOK)

    def pin(self, cpu: int) -> None:
        """Keep it on this CPU: first its master, since workers that it starts from then on are there too."""
        import psutil

        master = psutil.Process(self.process.pid)
        os.sched_setaffinity(master.pid, {cpu})
        for worker in master.children():
            os.sched_setaffinity(worker.pid, {cpu})

    def stop(self) -> None:
        """End it, with its workers; its folder goes, and the keys in it."""
        stop(self.process)
        self.folder.cleanup()


def read_way(text: str) -> Way:
    """The way of this name; BadUse names one that there is not."""
    if text not in WAYS:
        raise BadUse(f"There is no way {text!r}: choose from {', '.join(WAYS)}.")
    return text


def check(way: Way, link: Link = NO_LINK) -> None:
    """BadUse when this way cannot be had here."""
    if way != "direct":
        find()
        authority.find()
        if link.kind == "netem":
            raise BadUse("nginx stands on this side of a cable: leave --link netem out, or --behind.")


def packages(ways: Iterable[Way]) -> dict[str, str]:
    """The versions of what these ways take, for a manifest."""
    return {"nginx": version()} if set(ways) - {"direct"} else {}


def find() -> str:
    """The program. BadUse when there is none, or not for this system."""
    if (program := doctor.which("nginx")) is None:
        raise BadUse(MISSING)
    if os.name != "posix":
        raise BadUse(ELSEWHERE)
    return program


def version() -> str:
    """`1.22.1`."""
    done = subprocess.run([find(), "-v"], capture_output=True, text=True)
    return done.stderr.strip().rpartition("/")[2].split()[0]


def filled(text: str, values: dict[str, str]) -> str:
    """A file of servers/deploy with its words between @ signs filled in."""
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def listener() -> socket.socket:
    """A socket that listens on loopback, on a free port."""
    sock = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
    with contextlib.suppress(OSError):  # macOS allows it only on a connected socket
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT)
    return sock


def address(sock: socket.socket) -> str:
    host, port = sock.getsockname()
    return f"{host}:{port}"


def start(program: str, where: Path, log: Path, sockets: list[socket.socket]) -> "subprocess.Popen[bytes]":
    """Its process, in the foreground, with these sockets."""
    numbers = [sock.fileno() for sock in sockets]
    command = [program, "-p", str(where), "-c", str(where / "nginx.conf"), "-e", "stderr"]
    with log.open("wb") as errors:
        return subprocess.Popen(
            [*command, "-g", "daemon off;"], stdin=subprocess.DEVNULL, stdout=errors, stderr=errors,
            pass_fds=numbers, env=os.environ | {"NGINX": ";".join(map(str, [*numbers, ""]))}, **own_group(),
        )  # fmt: skip
