"""The proxy that breaks connections: at the byte that was drawn, at an acknowledgement, or for a while."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from lab.faults.breaker import Breaker
from lab.faults.fate import SPARED, Fate

ANSWER = b"0123456789" * 20
ACK = b"HTTP/1.1 201 CREATED\r\nContent-Length: 0\r\n\r\n"
SOON = 10.0


def through(fate: Fate, answer: bytes, use: Callable[..., Awaitable[None]]) -> Breaker:
    """A server that gives every question this answer, and a client of it through a breaker."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            asked.append(data)
            writer.write(answer)
        writer.close()

    async def main() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        breaker.server = server.sockets[0].getsockname()
        port = int((await breaker.start()).rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.wait_for(use(breaker, reader, writer, asked), SOON)
        writer.close()
        breaker.close()
        server.close()

    asked: list[bytes] = []
    breaker = Breaker(lambda number: fate)
    asyncio.run(main())
    return breaker


@pytest.mark.parametrize("byte", [1, 7, 100, len(ANSWER)])
@pytest.mark.parametrize("by", ["close", "reset"])
def test_it_cuts_after_exactly_so_many_bytes_to_the_client(byte, by):
    async def use(breaker, reader, writer, asked):
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        try:
            assert await reader.read(-1) == ANSWER[:byte]
        except ConnectionResetError:
            assert by == "reset"

    assert through(Fate(down=byte, by=by), ANSWER, use).counts == {"cut": 1}


def test_it_cuts_after_exactly_so_many_bytes_to_the_server():
    async def use(breaker, reader, writer, asked):
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        await reader.read(-1)
        assert b"".join(asked) in (b"", b"GET /")  # the server may hear of the end before it reads

    assert through(Fate(up=5), ANSWER, use).counts == {"cut": 1}


def test_it_eats_the_acknowledgement_that_was_drawn_and_the_server_had_taken_the_message():
    async def use(breaker, reader, writer, asked):
        for _ in range(2):
            writer.write(b"POST / HTTP/1.1\r\n\r\n")
            said = await reader.read(65_536)
        assert said == b"" and len(asked) == 2

    assert through(Fate(eats=2), ACK, use).counts == {"eaten": 1}


def test_an_answer_to_a_question_is_no_acknowledgement():
    async def use(breaker, reader, writer, asked):
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert await reader.readexactly(len(ACK)) == ACK

    assert not through(Fate(eats=1), ACK, use).counts


def test_a_stalled_client_hears_nothing_until_it_is_over():
    async def use(breaker, reader, writer, asked):
        writer.write(b"GET /sse/rooms/loud/events HTTP/1.1\r\n\r\n")
        await reader.readexactly(len(ANSWER))
        stalling = asyncio.create_task(breaker.stall(0, 0.5))
        await asyncio.sleep(0)
        writer.write(b"more")
        hearing = asyncio.create_task(reader.readexactly(len(ANSWER)))
        done, _ = await asyncio.wait({stalling, hearing}, return_when=asyncio.FIRST_COMPLETED)
        assert done == {stalling} and stalling.result() is True
        assert await hearing == ANSWER

    assert through(SPARED, ANSWER, use).counts == {"stalled": 1}


def test_where_nobody_can_be_stalled_nobody_is():
    async def use(breaker, reader, writer, asked):
        writer.write(b"GET /sse/rooms/quiet/events HTTP/1.1\r\n\r\n")
        await reader.readexactly(len(ANSWER))
        assert await breaker.stall(0, 0.5) is False

    assert not through(SPARED, ANSWER, use).counts


def test_once_it_is_calm_no_fate_is_fulfilled():
    async def use(breaker, reader, writer, asked):
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        await reader.readexactly(len(ANSWER))
        breaker.be_calm()
        for _ in range(3):
            writer.write(b"GET / HTTP/1.1\r\n\r\n")
            await reader.readexactly(len(ANSWER))

    assert not through(Fate(down=300), ANSWER, use).counts


def test_without_a_server_the_client_is_reset():
    async def use(breaker, reader, writer, asked):
        breaker.server = None
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            await reader.read(-1)

    through(SPARED, ANSWER, use)
