"""The way between clients and server: a TCP proxy that ends each connection as its fate says, and stalls some."""

import asyncio
import contextlib
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable
from itertools import count

from lab.faults.fate import SPARED, Fate

PIECE = 65_536  # bytes
ACKS = (b'"type":"ack"', b"HTTP/1.1 200", b"HTTP/1.1 201")  # the latter two on connections that post
LOUD = b"/rooms/loud/"
SMALL = 8_192  # bytes that are kept here of what the server says in the room of long messages, so that a stall is felt
SOON = 1.0  # second after a stall in which the end comes, if the server has given this client up
AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends a reset


class Cut(Exception):
    """The connection's fate is fulfilled."""


class Connection:
    """One client's, and ours to the server on its behalf."""

    def __init__(self, fate: Fate, client: asyncio.StreamWriter, counts: Counter[str]) -> None:
        self.fate, self.client, self.counts = fate, client, counts
        self.server: asyncio.StreamWriter | None = None
        self.posts = self.stallable = False
        self.flowing = asyncio.Event()
        self.flowing.set()
        self.resumed = float("-inf")  # when its client read again, after a stall
        self.up = self.down = self.acks = 0

    def asks(self, head: bytes) -> None:
        """Its first bytes say what it is for."""
        self.posts = head.startswith(b"POST")
        self.stallable = LOUD in head and (b"/events" in head or b"/socket" in head)

    async def carry_up(self, reader: asyncio.StreamReader, data: bytes) -> None:
        assert self.server is not None
        while data:
            self.up = await self.pass_on(data, self.server, self.up, self.fate.up)
            data = await reader.read(PIECE)

    async def carry_down(self, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(PIECE):
            await self.flowing.wait()
            if self.acknowledges(data):
                self.acks += 1
                if self.acks == self.fate.eats:
                    self.counts["eaten"] += 1
                    raise Cut
            self.down = await self.pass_on(data, self.client, self.down, self.fate.down)
        if time.monotonic() - self.resumed < SOON:
            self.counts["cut for falling behind"] += 1

    def acknowledges(self, data: bytes) -> bool:
        return data.startswith(ACKS[1:]) if self.posts else ACKS[0] in data

    async def pass_on(self, data: bytes, writer: asyncio.StreamWriter, passed: int, end: int | None) -> int:
        """How many bytes have gone this way. Raises Cut when the last of them has."""
        if end is None or passed + len(data) < end:
            writer.write(data)
            await writer.drain()
            return passed + len(data)
        writer.write(data[: max(0, end - passed)])
        await writer.drain()
        self.counts["cut"] += 1
        raise Cut

    def end(self, by_reset: bool) -> None:
        """Close both sides."""
        for writer in filter(None, (self.client, self.server)):
            with contextlib.suppress(OSError):
                if by_reset:
                    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
                    writer.transport.abort()
                else:
                    writer.close()


class Breaker:
    """`server` is where the server is now, or None; `fate_of` a connection's number. While `calm`, none is harmed."""

    def __init__(self, fate_of: Callable[[int], Fate]) -> None:
        self.fate_of = fate_of
        self.server: tuple[str, int] | None = None
        self.calm = False
        self.counts: Counter[str] = Counter()
        self.open: dict[int, Connection] = {}
        self.numbers = count()
        self.listener: asyncio.Server | None = None

    async def start(self) -> str:
        """Its address."""
        self.listener = await asyncio.start_server(self.serve, "127.0.0.1", 0, backlog=1024)
        return f"http://127.0.0.1:{self.listener.sockets[0].getsockname()[1]}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from its first byte to its end."""
        number = next(self.numbers)
        connection = Connection(SPARED if self.calm else self.fate_of(number), writer, self.counts)
        self.open[number] = connection
        by_reset = False
        try:
            head = await reader.read(PIECE)
            connection.asks(head)
            answers = await self.reach(connection)
            ways = [asyncio.ensure_future(connection.carry_up(reader, head)),
                    asyncio.ensure_future(connection.carry_down(answers))]  # fmt: skip
            done, others = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in others:
                way.cancel()
            by_reset = any(isinstance(way.exception(), Cut) for way in done) and connection.fate.by == "reset"
        except OSError:
            by_reset = True  # there is no server
        except asyncio.CancelledError:
            pass  # all is over; asyncio would print where each connection was
        finally:
            del self.open[number]
            connection.end(by_reset)

    async def reach(self, connection: Connection) -> asyncio.StreamReader:
        """Connect to the server as it is now."""
        if self.server is None:
            raise ConnectionRefusedError
        sock = socket.socket()
        sock.setblocking(False)
        if connection.stallable:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        await asyncio.get_running_loop().sock_connect(sock, self.server)
        reader, connection.server = await asyncio.open_connection(sock=sock, limit=SMALL)
        return reader

    async def stall(self, which: int, seconds: float) -> bool:
        """Let one of the clients in the room of long messages not read for so long. False if there is none."""
        able = [connection for connection in self.open.values() if connection.stallable and connection.server]
        if not able:
            return False
        chosen = able[which % len(able)]
        self.counts["stalled"] += 1
        chosen.flowing.clear()
        try:
            await asyncio.sleep(seconds)
        finally:
            chosen.resumed = time.monotonic()
            chosen.flowing.set()
        return True

    def be_calm(self) -> None:
        """Harm nobody any more, whatever fate a connection had."""
        self.calm = True
        for connection in self.open.values():
            connection.fate = SPARED
            connection.flowing.set()

    def close(self) -> None:
        if self.listener:
            self.listener.close()
        for connection in list(self.open.values()):
            connection.end(by_reset=True)
