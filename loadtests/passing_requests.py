"""The requests of one HTTP/1.1 connection, read as they pass by, and only as far as it takes to know where they go."""

import re

from loadtests.chunks import Chunks

LONGEST_HEAD = 64 * 1024  # bytes: no server takes as many, so what goes on longer is not HTTP
REQUEST = re.compile(rb"[A-Z]+ (?:/([^/? ]*))?[^ \r\n]* HTTP/1\.[01]\r\n")
LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,18})[ \t]*\r$", re.IGNORECASE | re.MULTILINE)
CHUNKED = re.compile(rb"^transfer-encoding:", re.IGNORECASE | re.MULTILINE)
UPGRADE = re.compile(rb"^upgrade:", re.IGNORECASE | re.MULTILINE)


class PassingRequests:
    """`mount` is the first segment of the last one's path, by which a server of several transports tells them apart.

    Bodies are passed over, so that nothing in them is taken for a request. A request to upgrade is the last that is
    read, whatever the answer: a WebSocket's frames follow it.
    """

    def __init__(self) -> None:
        self.mount = ""
        self.head = b""  # as much of one as has come
        self.left = 0  # bytes of a body yet to come
        self.chunks: Chunks | None = None  # of a body that does not say how long it is
        self.over = False  # what follows is not HTTP

    def feed(self, data: bytes) -> None:
        """The next bytes that the client sent, in pieces of any size."""
        while data and not self.over:
            if self.left:
                passed = min(self.left, len(data))
                self.left -= passed
                data = data[passed:]
            elif self.chunks:
                data = self.pass_chunks(self.chunks, data)
            else:
                data = self.read_head(self.head + data)

    def pass_chunks(self, chunks: Chunks, data: bytes) -> bytes:
        """Nothing is left of the piece that has the last: who sends chunks waits for the answer."""
        try:
            chunks.feed(data)
        except ConnectionError:
            self.over = True
        if chunks.ended:
            self.chunks = None
        return b""

    def read_head(self, data: bytes) -> bytes:
        """Read a head, if it has wholly come. Returns what follows it."""
        head, end, rest = data.lstrip(b"\r\n").partition(b"\r\n\r\n")
        if not end:
            self.head, self.over = data, len(data) > LONGEST_HEAD
            return b""
        self.head = b""
        head += b"\r\n"
        if request := REQUEST.match(head):
            self.mount = (request[1] or b"").decode("latin-1")
            self.left = int(length[1]) if (length := LENGTH.search(head)) else 0
            self.chunks = Chunks() if CHUNKED.search(head) else None
        self.over = not request or bool(UPGRADE.search(head))
        return rest
