"""What went through a relay, taken apart: against the library `websockets`, a real server, and bytes that are known."""

import asyncio

import pytest
from websockets.frames import Frame, Opcode

from lab.children import RunFailed
from lab.demonstrations.asking import ask
from lab.demonstrations.processes import server
from lab.demonstrations.relay import Passage, relay
from lab.demonstrations.transfers import Transfers
from lab.demonstrations.wire import chunks, exchanges, frames, masked

SIZES = (0, 1, 125, 126, 65_535, 65_536)


@pytest.mark.parametrize("is_masked", [True, False])
def test_frames_are_those_that_the_library_writes(is_masked: bool) -> None:
    payloads = [bytes([65 + n]) * size for n, size in enumerate(SIZES)]
    written = [Frame(Opcode.TEXT, payload).serialize(mask=is_masked) for payload in payloads]
    found = list(frames(b"".join(written)))
    assert [frame.payload for frame in found] == payloads
    assert [frame.header for frame in found] == [len(raw) - size for raw, size in zip(written, SIZES, strict=True)]
    assert list(frames(written[-1][:-1])) == []


def test_a_frame_of_ours_is_one_that_a_client_may_send() -> None:
    for size in SIZES[:-1]:
        (found,) = frames(masked(b"x" * size))
        assert (found.opcode, found.payload) == (1, b"x" * size)
        assert masked(b"x" * size)[1] & 0x80


def test_chunks_are_read_as_far_as_they_are_whole() -> None:
    assert list(chunks(b"3\r\nabc\r\n10\r\n" + b"x" * 16 + b"\r\n2\r\na")) == [(8, b"abc"), (22, b"x" * 16)]


def test_exchanges_are_told_apart_and_no_byte_is_lost() -> None:
    passage = Passage()
    passage.up += b"POST /a HTTP/1.1\r\nContent-Length: 2\r\n\r\nhiGET /b HTTP/1.1\r\n\r\nGET /c HTTP/1.1\r\n\r\n"
    passage.up += b"GET /d HTTP/1.1\r\n\r\n"
    passage.down += b"HTTP/1.1 201 OK\r\ncontent-length: 3\r\n\r\nyesHTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\n"
    passage.down += b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
    found = list(exchanges(passage))
    assert [(one.line[:7], one.status) for one in found] == [
        ("POST /a", 201),
        ("GET /b ", 304),
        ("GET /c ", 200),
        ("GET /d ", None),
    ]
    assert [one.asked for one in found] == [b"hi", b"", b"", b""]
    assert b"".join(one.request + one.asked for one in found) == passage.up
    assert b"".join(one.response + one.answered for one in found) == passage.down


def test_an_answer_that_was_cut_off_is_none() -> None:
    passage = Passage()
    passage.up += b"GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n"
    passage.down += b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no"
    assert [(one.status, one.answered) for one in exchanges(passage)] == [(200, b"ok"), (None, b"")]


def test_a_relay_holds_back_what_listeners_are_told_and_nothing_else() -> None:
    async def check() -> None:
        async with server("short-polling") as url, relay(url) as way:
            way.flowing.clear()
            polling = asyncio.ensure_future(ask("GET", f"{way.url}/rooms/tea/messages?after=0"))
            posted = await ask("POST", f"{way.url}/rooms/tea/messages", {"id": "1", "sender": "Ada", "text": "hello"})
            assert posted.status == 201 and not polling.done()
            way.flowing.set()
            assert (await polling).status == 200
            counted = Transfers(way)
            assert len(counted.up["post"]) == len(counted.up["news"]) + len(counted.up["empty"]) == 1
            assert sum(len(passage.up) for passage in way.passages) > counted.up["post"][0]

    asyncio.run(check())


def test_a_relay_answers_for_somebody_else_until_the_name_leads_here() -> None:
    async def check() -> None:
        async with server("sse") as url, relay(url, "<p>mine") as way:
            assert (await ask("GET", f"{way.url}/attack")).body == b"<p>mine"
            assert (await ask("GET", f"{way.url}/health")).json["status"] == "ok"
            assert len(way.passages) == 1

    asyncio.run(check())


def test_a_server_that_does_not_start_says_why() -> None:
    async def check() -> None:
        async with server("smoke"):
            pass

    with pytest.raises(RunFailed, match="there is no transport 'smoke'"):
        asyncio.run(check())
