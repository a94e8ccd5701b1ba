"""One word by each transport, packet by packet: `python -m lab.demonstrations.one_word DIR`.

Ben listens, and Ada writes one word, to a server of their own and in the open. DIR gets one-word.pcapng, which
Wireshark opens, and for each transport a list of its packets. Ben's connection is opened first, then Ada's.
lessons/captures has been made so.
"""

import asyncio
import re
import sys
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from lab import machine
from lab.children import RunFailed
from lab.demonstrations.capture import output, program, written
from lab.demonstrations.processes import OURS, running
from lab.demonstrations.raw import HANDSHAKE, PATIENCE, answered, connected, write
from lab.demonstrations.wire import masked
from lab.errors import BadUse
from lab.plan import TITLES

PORT = 5005  # the server's own, so that a display filter can name it
URL = f"http://127.0.0.1:{PORT}"
WORD = "dinner?"
FILE = "one-word.pcapng"
MADE_BY = "python -m lab.demonstrations.one_word"
THINKING = 0.3  # seconds until Ada writes: a pause that is seen in each list
SETTLED = 0.3  # seconds for the last acknowledgement
COLUMNS = ("frame.time_epoch", "tcp.stream", "tcp.dstport", "ip.len", "_ws.col.Info", "tcp.payload", "websocket.mask",
           "websocket.payload.text")  # fmt: skip
FLAGS = re.compile(r"\[[A-Z, ]+\]")
HTTP = re.compile(r"(GET|POST) \S+ HTTP/1\.[01]|HTTP/1\.[01] \d+ .*")
End = tuple[StreamReader, StreamWriter]


@asynccontextmanager
async def two() -> AsyncIterator[tuple[End, End]]:
    """Ben's connection and Ada's."""
    ben, ada = await connected(URL), await connected(URL)
    yield ben, ada
    for _, writer in (ben, ada):
        writer.close()
        await writer.wait_closed()


async def by_short_polling(where: str) -> None:
    """Ben asks too early, and again."""
    async with two() as (ben, ada):
        await ask(ben, f"{where}/messages")
        await asyncio.sleep(THINKING)
        await post(ada, where)
        await ask(ben, f"{where}/messages")


async def by_long_polling(where: str) -> None:
    async with two() as (ben, ada):
        asked = asyncio.ensure_future(ask(ben, f"{where}/messages"))
        await asyncio.sleep(THINKING)
        await post(ada, where)
        await asked


async def by_sse(where: str) -> None:
    async with two() as (ben, ada):
        write(ben[1], URL, f"{where}/events", {"Accept": "text/event-stream"})
        await hears(ben, b"retry:")
        await asyncio.sleep(THINKING)
        await post(ada, where)
        await hears(ben, WORD.encode())


async def by_websocket(where: str) -> None:
    async with two() as (ben, ada):
        for one in (ben, ada):
            write(one[1], URL, f"{where}/socket", HANDSHAKE)
            await hears(one, b'"ready"')
        await asyncio.sleep(THINKING)
        ada[1].write(masked(msgspec.json.encode({"type": "send", **draft()})))
        await asyncio.gather(*(hears(one, b'"message"') for one in (ben, ada)))


WAYS: dict[str, Callable[[str], Awaitable[None]]] = dict(
    zip(TITLES, (by_short_polling, by_long_polling, by_sse, by_websocket), strict=True)
)


def draft() -> dict[str, str]:
    return {"id": "1", "sender": "Ada", "text": WORD}


async def ask(one: End, target: str) -> None:
    write(one[1], URL, target)
    await answered(one[0])


async def post(one: End, where: str) -> None:
    body = msgspec.json.encode(draft())
    fields = f"Host: 127.0.0.1:{PORT}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    one[1].write(f"POST {where}/messages HTTP/1.1\r\n{fields}\r\n\r\n".encode() + body)
    await answered(one[0])


async def hears(one: End, what: bytes) -> None:
    """Return when this has come."""
    heard = b""
    async with asyncio.timeout(PATIENCE):
        while what not in heard:
            if not (data := await one[0].read(65_536)):
                raise RunFailed("the server hung up")
            heard += data


async def record(where: Path) -> None:
    """Capture all four, one after the other, and list the packets of each."""
    where.mkdir(parents=True, exist_ok=True)
    async with running(sys.executable, "-m", "servers", "all", "--port", str(PORT)) as server:
        await server.says(OURS)
        async with written(where / FILE, [PORT], f"One word four ways, by {MADE_BY} at commit {machine.commit()[0]}"):
            for transport, by in WAYS.items():
                await by(f"/{transport}/rooms/{transport}")  # one of its own: the four have a log in common
            await asyncio.sleep(SETTLED)
    for number, transport in enumerate(TITLES):
        lines = await listed(where / FILE, ben=2 * number, ada=2 * number + 1)
        (where / f"{transport}.txt").write_text("\n".join([*lines, ""]), encoding="utf-8")


async def listed(file: Path, ben: int, ada: int) -> list[str]:
    """Each packet of two connections: when (ms), whose, which way, its bytes with IP's and TCP's heads, what it is."""
    fields = [word for name in COLUMNS for word in ("-e", name)]
    chosen = ["-Y", f"tcp.stream in {{{ben}, {ada}}}", "-d", f"tcp.port=={PORT},http"]
    told = (await output(program(), "-r", str(file), *chosen, "-T", "fields", *fields)).decode().splitlines()
    lines, begun = [f"{'ms':>7}  {'':8}  {'bytes':>5}"], 0.0
    for at, stream, destination, size, *seen in (line.split("\t") for line in told):
        begun = begun or float(at)
        way = "→" if destination == str(PORT) else "←"
        who = "Ben" if int(stream) == ben else "Ada"
        lines.append(f"{(float(at) - begun) * 1e3:7.1f}  {way} {who:6}  {size:>5}  {what(*seen)}")
    return lines


def what(said: str, payload: str, masked: str, frame: str) -> str:
    """What a packet is: its flags; of HTTP the first line of a head and all of a body; of a frame its text."""
    if frame:
        return f"{'masked ' if masked == '1' else ''}frame {frame}"
    if not payload:
        flags = FLAGS.search(said)
        return flags[0] if flags else said
    head, _, body = bytes.fromhex(payload).decode("utf-8", "replace").partition("\r\n\r\n")
    line = HTTP.match(head)
    return " ".join([*(line[0] if line else head).split(), *body.split()])


def main(arguments: list[str]) -> int:
    """2, with a sentence, where there is no tshark or it may not capture."""
    if len(arguments) != 1:
        print("Name the folder to write to.", file=sys.stderr)
        return 2
    try:
        asyncio.run(record(Path(arguments[0])))
    except (BadUse, RunFailed) as error:
        print(error, file=sys.stderr)
        return 2
    except TimeoutError:
        print("The server did not say what it should.", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
