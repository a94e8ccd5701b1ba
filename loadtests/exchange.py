"""One HTTP/1.1 exchange: the question as it is written, and the quick way to read its answer.

An answer that came in one piece with its length is read in some lines here; h11 reads all others. With h11 alone the
generator took 1.7 times the CPU, and its own work was 1 ms of the 3.4 ms that long polling showed.
"""

from typing import NamedTuple

import h11

from loadtests import headers


class Question(NamedTuple):
    """A request as it is written."""

    method: str
    target: str
    fields: list[headers.Header]
    body: bytes = b""

    def encode(self) -> bytes:
        """Its bytes (RFC 9112 section 2.1)."""
        lines = [f"{self.method} {self.target} HTTP/1.1", *(f"{name}: {value}" for name, value in self.fields), "\r\n"]
        return "\r\n".join(lines).encode("latin-1") + self.body

    def asked(self) -> h11.Connection:
        """A parser in the state of having sent it, ready for the answer."""
        parser = h11.Connection(h11.CLIENT)
        parser.send(h11.Request(method=self.method, target=self.target, headers=self.fields))
        if self.body:
            parser.send(h11.Data(data=self.body))
        parser.send(h11.EndOfMessage())
        return parser


class Plain(NamedTuple):
    """A whole answer that came in one piece; the body is as it came, in its `coding`."""

    status: int
    etag: str
    coding: str
    body: bytes


def read_plain(data: bytes) -> Plain | None:
    """The answer in `data`, if it is a final one, whole, with its length, on a connection that stays; else None."""
    head, _, body = data.partition(b"\r\n\r\n")
    start, *lines = head.split(b"\r\n")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
    status, length = start[9:12], fields.get(b"content-length", b"")
    if not (start.startswith(b"HTTP/1.1 ") and status.isdigit() and status >= b"200"):
        return None
    if b"transfer-encoding" in fields or fields.get(b"connection", b"keep-alive").lower() != b"keep-alive":
        return None
    whole = not body if status == b"304" else length.isdigit() and len(body) == int(length)
    etag, coding = (fields.get(name, b"").decode("latin-1") for name in (b"etag", b"content-encoding"))
    return Plain(int(status), etag, coding.lower(), body) if whole else None
