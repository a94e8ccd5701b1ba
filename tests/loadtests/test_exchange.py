"""loadtests/exchange.py: the quick way to read an answer agrees with h11, or leaves the answer to it."""

import h11
import pytest

from loadtests.exchange import Plain, Question, read_plain

QUESTION = Question("GET", "/rooms/r/messages?after=0", [("Host", "127.0.0.1:5000"), ("Accept", "*/*")])
WHOLE = [
    b"HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\ncontent-length:5\r\nETag: \"a-1\"\r\nConnection: keep-alive\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nETag: W/\"a-1\"\r\nContent-Length: 5\r\n\r\n\x1f\x8b\x08\0\0",
    b"HTTP/1.1 201 CREATED\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 304 NOT MODIFIED\r\nETag: \"a-1\"\r\n\r\n",
    b"HTTP/1.1 410 GONE\r\nContent-Length: 0\r\n\r\n",
]  # fmt: skip
OTHERS = [
    b"",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and more",
    b"HTTP/1.1 200 OK\r\nContent-Le",
    b"HTTP/1.1 200 OK\r\n\r\nuntil the end",
    b"HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    b"nonsense",
]


@pytest.mark.parametrize("data", WHOLE)
def test_a_whole_answer_is_read_as_h11_reads_it(data: bytes) -> None:
    parser = QUESTION.asked()
    parser.receive_data(data)
    response = parser.next_event()
    assert isinstance(response, h11.Response)
    body = event.data if isinstance(event := parser.next_event(), h11.Data) else b""
    etag, coding = (dict(response.headers).get(name, b"").decode() for name in (b"etag", b"content-encoding"))
    assert read_plain(data) == Plain(response.status_code, etag, coding, bytes(body))


@pytest.mark.parametrize("data", OTHERS)
def test_any_other_answer_is_left_to_h11(data: bytes) -> None:
    assert read_plain(data) is None


@pytest.mark.parametrize("body", [b"", b'{"id":"1"}'])
def test_a_question_is_written_as_h11_writes_it(body: bytes) -> None:
    length = [("Content-Length", str(len(body)))] if body else []
    question = Question("POST" if body else "GET", "/rooms/r/messages", [*QUESTION.fields, *length], body)
    parser = h11.Connection(h11.CLIENT)
    written = parser.send(h11.Request(method=question.method, target=question.target, headers=question.fields))
    if body:
        written += parser.send(h11.Data(data=body))
    assert question.encode() == written
