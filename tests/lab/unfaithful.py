"""A server that is not faithful on the wire: a real one behind a relay that keeps back and repeats deliveries.

    python -m tests.lab.unfaithful websocket ledger.json --port 0

Of the streams (WebSocket or SSE) that are opened, the first loses one delivery in `LOSE`, the second gets one in
`REPEAT` twice; all else passes as it is. On SIGTERM it drains, and writes to the ledger which ids it lost and repeated.
"""

import asyncio
import contextlib
import json
import re
import signal
import struct
import sys
from pathlib import Path

from loadtests.chunks import SIZE_LINE

LOSE, REPEAT = 15, 8
MESSAGE_ID = re.compile(rb'"seq":\d+,"id":"([^"]+)"')  # neither an acknowledgement nor the opening has both so
STREAM = re.compile(rb"GET \S*/(?:socket|events)[? ]")
HEAD = b"\r\n\r\n"


def frame_end(data: bytes) -> int:
    """Where the first WebSocket frame of a server ends, which has no mask; 0 when it is not whole."""
    if len(data) < 4:
        return 0
    size, start = data[1], 2
    if size == 126:
        size, start = struct.unpack_from("!H", data, 2)[0], 4
    elif size == 127:
        size, start = struct.unpack_from("!Q", data.ljust(10, b"\0"), 2)[0], 10
    return start + size if len(data) >= start + size else 0


def chunk_end(data: bytes) -> int:
    """The same of a chunk, of which each holds whole events."""
    line = SIZE_LINE.match(data)
    end = line.end() + int(line[1], 16) + 2 if line else 0
    return end if len(data) >= end else 0


class Relay:
    def __init__(self, transport: str, port: int) -> None:
        self.end_of_piece = frame_end if transport == "websocket" else chunk_end
        self.port = port
        self.streams = 0
        self.lost: list[str] = []
        self.repeated: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client's connection."""
        above, below = await asyncio.open_connection("127.0.0.1", self.port)
        head = await reader.read(65536)
        number = None
        if STREAM.match(head):
            number, self.streams = self.streams, self.streams + 1
        below.write(head)
        down = self.pieces(above, writer, number) if number in (0, 1) else copy(above, writer)
        await asyncio.gather(copy(reader, below), down)

    async def pieces(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int | None) -> None:
        """A stream's way down, piece by piece."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            writer.write(await reader.readuntil(HEAD))
            rest = b""
            count = 0
            while data := await reader.read(65536):
                rest += data
                while end := self.end_of_piece(rest):
                    piece, rest = rest[:end], rest[end:]
                    ids = [id.decode() for id in MESSAGE_ID.findall(piece)]
                    count += bool(ids)
                    if ids and number == 0 and count % LOSE == 0:
                        self.lost += ids
                        continue
                    if ids and number == 1 and count % REPEAT == 0:
                        self.repeated += ids
                        piece += piece
                    writer.write(piece)
        close(writer)


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
    close(writer)


def close(writer: asyncio.StreamWriter) -> None:
    """Send our FIN after what was written; the other way may go on."""
    with contextlib.suppress(OSError):
        writer.write_eof()


async def main(transport: str, ledger: Path) -> None:
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "servers", transport, "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    assert server.stdout is not None
    relay = Relay(transport, int((await server.stdout.readline()).rpartition(b":")[2]))
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    listener = await asyncio.start_server(relay.serve, "127.0.0.1", 0, backlog=256)
    print(f"listening on http://127.0.0.1:{listener.sockets[0].getsockname()[1]}", flush=True)
    await told.wait()
    server.terminate()
    await server.wait()
    if others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others, timeout=2)  # for the clients to close their sides too
    ledger.write_text(json.dumps({"lost": relay.lost, "repeated": relay.repeated}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
