"""loadtests/chunks.py: the same content as h11 reads, however the chunks are cut."""

from itertools import pairwise

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.chunks import Chunks

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def read_by_h11(chunks: bytes) -> tuple[bytes, bool]:
    """The content, and whether it is all."""
    parser = h11.Connection(h11.CLIENT)
    parser.send(h11.Request(method="GET", target="/", headers=[("Host", "x")]))
    parser.send(h11.EndOfMessage())
    parser.receive_data(HEAD + chunks)
    content = b""
    while not isinstance(event := parser.next_event(), h11.EndOfMessage):
        if event is h11.NEED_DATA:
            return content, False
        content += event.data if isinstance(event, h11.Data) else b""
    return content, True


pieces = st.binary(min_size=1, max_size=300)
spelling = st.sampled_from(["%x", "%X", "%04x", "%x;name=value", "%x \t"])
streams = st.lists(st.tuples(pieces, spelling), max_size=8).map(
    lambda chunks: b"".join((form % len(data)).encode() + b"\r\n" + data + b"\r\n" for data, form in chunks)
)


@given(
    stream=streams,
    end=st.sampled_from([b"", b"0\r\n\r\n", b"0;last\r\nTrailer: x\r\n\r\n"]),
    cuts=st.lists(st.integers(0, 1000), max_size=12),
)
def test_any_chunks_cut_anywhere_hold_what_h11_reads(stream: bytes, end: bytes, cuts: list[int]) -> None:
    data, chunks, content = stream + end, Chunks(), b""
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for a, b in pairwise(edges):
        if not chunks.ended:
            content += chunks.feed(data[a:b])
    assert (content, chunks.ended) == read_by_h11(data)


@pytest.mark.parametrize(
    "data", [b"hello\r\n", b"-5\r\nhello\r\n", b"0x5\r\nhello\r\n", b"5\r\nhello, and more", b"5" * 2000]
)
def test_what_is_no_chunk_is_an_error(data: bytes) -> None:
    with pytest.raises(ConnectionError, match="the server broke off"):
        Chunks().feed(data)
