"""loadtests/codings.py: what may be read of a compressed answer, and what is said of the rest."""

import gzip
import zlib

import pytest

from loadtests.codings import decoded, inflater

BODY = b"words and words and words " * 100


@pytest.mark.parametrize(
    ("coding", "body"),
    [("", BODY), ("identity", BODY), ("gzip", gzip.compress(BODY, mtime=0)), ("x-gzip", gzip.compress(BODY, mtime=0)),
     ("deflate", zlib.compress(BODY))],
)  # fmt: skip
def test_a_body_is_what_it_was_before_it_was_coded(coding: str, body: bytes) -> None:
    assert decoded(body, coding) == BODY
    assert decoded(b"", coding) == b"", "a 304 may name the coding of what it does not bring"
    reader = inflater(coding)
    assert reader is None or b"".join(reader.feed(bytes([byte])) for byte in body) == BODY


@pytest.mark.parametrize(
    ("coding", "body", "reason"),
    [
        ("br", BODY, "a coding that is not read here: br"),
        ("gzip", BODY, "cannot be decompressed"),
        ("gzip", gzip.compress(BODY, mtime=0)[:-9], "cut short"),
    ],
)
def test_what_cannot_be_read_ends_the_connection(coding: str, body: bytes, reason: str) -> None:
    with pytest.raises(ConnectionError, match=reason):
        decoded(body, coding)


def test_a_stream_is_read_up_to_its_last_flush() -> None:
    packer, reader = zlib.compressobj(wbits=31), inflater("gzip")
    for number in range(3):
        part = b"part %d" % number
        assert reader.feed(packer.compress(part) + packer.flush(zlib.Z_SYNC_FLUSH)) == part
