"""What tshark shows of loopback: packets, with their times and what they carry."""

import asyncio
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from lab.children import START_TIME, RunFailed
from lab.demonstrations.notes import Notes
from lab.demonstrations.processes import running, until
from lab.errors import BadUse

LOOPBACK = {"linux": "lo", "darwin": "lo0"}
WHY = re.compile(r"^tshark: (.*\S)", re.MULTILINE)
VERSION = re.compile(rb"\d+\.\d+\.\d+")
FIELDS = ("frame.time_epoch", "tcp.srcport", "tcp.dstport", "tcp.payload")
NO_TSHARK = "This experiment looks at packets with tshark: on Debian and Ubuntu `sudo apt-get install tshark`."
CANNOT = (
    "tshark cannot capture here ({why}): run this as root, or let your group capture (on Debian and Ubuntu: "
    "sudo dpkg-reconfigure wireshark-common)."
)
NOT_HERE = "This experiment captures on the loopback interface, which it knows on Linux and macOS alone."


class Packet(NamedTuple):
    """When it was on the wire, in Unix time; from and to which port; the TCP payload."""

    at: float
    source: int
    destination: int
    payload: bytes


class Capture:
    """What a capture wrote, to be read when it is over."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.packets: list[Packet] = []

    def packets_of(self, port: int) -> list[Packet]:
        """Those from or to it, in order."""
        return [packet for packet in self.packets if port in (packet.source, packet.destination)]


def program() -> str:
    """Where tshark is. BadUse when it is not here, or loopback's name is not known."""
    if sys.platform not in LOOPBACK:
        raise BadUse(NOT_HERE)
    if not (found := shutil.which("tshark")):
        raise BadUse(NO_TSHARK)
    return found


def has_begun(file: Path) -> bool:
    """Whether a capture is on: its file has a header once the interface is open, and is not there before."""
    return file.exists() and file.stat().st_size > 0


@asynccontextmanager
async def written(file: Path, ports: Sequence[int], comment: str = "") -> AsyncIterator[None]:
    """Write to a file what goes to and from these ports on loopback. BadUse when that is not permitted."""
    wanted = " or ".join(f"tcp port {port}" for port in ports)
    file.unlink(missing_ok=True)  # that it is there again says that the capture is on
    where = ["-i", LOOPBACK[sys.platform], "-q", "-f", wanted, "-w", str(file)]
    async with running(program(), *where, *(["--capture-comment", comment] if comment else [])) as shark:
        process = shark.process
        await until(lambda: has_begun(file) or process.returncode is not None, START_TIME)
        if not has_begun(file):
            raise BadUse(CANNOT.format(why="; ".join(WHY.findall(shark.said)) or "it says nothing"))
        yield
        if process.returncode is not None:
            raise RunFailed("tshark ended in mid-run")
        await shark.end()


@asynccontextmanager
async def capture(notes: Notes, ports: Sequence[int]) -> AsyncIterator[Capture]:
    """The packets that go to and from these ports on loopback."""
    tshark = program()
    with tempfile.TemporaryDirectory() as folder:
        found = Capture(Path(folder) / "loopback.pcapng")
        async with written(found.file, ports):
            yield found
        found.packets = [packet async for packet in read(tshark, found.file)]
        notes.versions["tshark"] = await version(tshark)


async def read(tshark: str, file: Path) -> AsyncIterator[Packet]:
    """The packets of a file, as tshark tells them."""
    fields = [word for name in FIELDS for word in ("-e", name)]
    for line in (await output(tshark, "-r", str(file), "-T", "fields", *fields)).decode().splitlines():
        at, source, destination, payload = line.split("\t")
        yield Packet(float(at), int(source), int(destination), bytes.fromhex(payload))


async def version(tshark: str) -> str:
    found = VERSION.search(await output(tshark, "--version"))
    return found[0].decode() if found else "unknown"


async def output(*command: str) -> bytes:
    """What a program prints."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        return (await process.communicate())[0]
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
