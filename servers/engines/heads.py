"""How gunicorn's parser reads a request here: within bounds, and within a time.

Its own limits hold for each field, not for all of them; its keep-alive is its only time-out, and covers half a head as
well as the quiet between two requests.
"""

import errno
import time
from collections.abc import Callable
from typing import Any

from gunicorn.http.body import Body, ChunkedReader, EOFReader, LengthReader
from gunicorn.http.errors import (
    ExpectationFailed,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)
from gunicorn.http.message import Request
from gunicorn.http.parser import Parser
from gunicorn.http.unreader import SocketUnreader

from servers.settings import GRACE, HEAD, KEEP_ALIVE, TARGET, YIELD

READ = 8 * 1024  # bytes that the parser reads at a time: so many of a body may come with a head
LATE = 1.0  # seconds over its time after which a request is not read on, though its bytes still come
DRAINED = 1024 * 1024  # bytes of a body that nobody wanted, before the connection is closed instead
STATUS = {LimitRequestLine: 414, LimitRequestHeaders: 431, ExpectationFailed: 417}


def status_of(error: ParseException) -> int:
    """The status for what gunicorn found wrong. A coding that it does not know is 400 too: the fault is not ours."""
    return STATUS.get(type(error), 400)


class Timed(SocketUnreader):
    """Reads from a socket. From the first byte of a request on, all of it must come within `span` seconds.

    So must the first byte of the first; until the others begin, it waits for longer.
    """

    def __init__(self, sock: Any, span: float) -> None:
        super().__init__(sock, READ)
        self.span = self.patience = span
        self.deadline = 0.0  # 0 while nothing of a request has come
        self.was_there = False  # the request's beginning, before anybody looked for it
        self.came = 0  # bytes of a request, or a few more

    def rest(self) -> None:
        """A request is over. If the next is here in part, its time runs."""
        self.came = len(self.buf.getvalue())
        self.was_there = bool(self.came)
        self.deadline = time.monotonic() + self.span if self.came else 0.0

    def chunk(self, size_hint: int | None = None) -> bytes:
        """The next piece. Raises TimeoutError."""
        if not self.deadline:
            begun = time.monotonic()
            self.sock.settimeout(self.patience)
            data: bytes = super().chunk(size_hint)
            now = time.monotonic()
            self.was_there = now - begun < GRACE
            self.deadline = now + self.span
            self.came += len(data)
            return data
        left = self.deadline - time.monotonic()
        if left < -LATE:
            raise TimeoutError  # a little at a time, for ever
        self.sock.settimeout(max(left, GRACE))  # it may be the server that was late
        more: bytes = super().chunk(size_hint)
        self.came += len(more)
        if len(more) >= READ:
            time.sleep(YIELD)  # who sends faster than it is read must not keep a whole loop
        return more


class Sound(Body):
    """A request's body. What is wrong with its chunks is to the app what a connection that broke off is."""

    @property
    def is_read(self) -> bool:
        """Whether it was read to its end, or there is none."""
        return not self.failed and not self.buf.tell() and getattr(self.reader, "length", None) == 0

    def _read_reader(self, size: int) -> bytes:
        try:
            return bytes(super()._read_reader(size))
        except ParseException as error:
            raise OSError(errno.EBADMSG, str(error)) from None


class Head(Request):
    """A request's head, of at most HEAD bytes of fields and TARGET of target."""

    body: Body
    ending: Callable[[], bool]  # whether the server ends: then no other request is to follow
    was_there: bool  # its beginning, before anybody looked for it
    is_last: bool | None = None  # what the head of its answer says
    max_buffer_headers = property(lambda self: HEAD + READ, lambda self, value: None)  # gunicorn would take 800 KiB

    def parse(self, unreader: Timed) -> bytes:
        unused: bytes = super().parse(unreader)
        if len(self.uri) > TARGET:
            raise LimitRequestLine(len(self.uri), TARGET)
        if unreader.came > HEAD and self.size() > HEAD:
            raise LimitRequestHeaders("limit request headers size")
        return unused

    def should_close(self) -> bool:
        """Whether the connection ends with its answer: decided for the answer's head, and kept to."""
        if self.is_last is None:
            self.is_last = self.ending() or bool(super().should_close())
        return self.is_last

    def size(self) -> int:
        """Bytes of the fields, each with a colon, a space, CR and LF."""
        return sum(len(name) + len(value) + 4 for name, value in self.headers)

    def codings(self) -> list[str]:
        """The transfer codings, a field each."""
        return [value.lower() for name, value in self.headers if name == "TRANSFER-ENCODING"]

    def set_body_reader(self) -> None:
        """The body, whole or in chunks. Gunicorn would also take one that is packed, and hand it on as it is."""
        super().set_body_reader()
        reader = self.body.reader
        if isinstance(reader, ChunkedReader) and self.codings() != ["chunked"]:
            raise UnsupportedTransferCoding("only chunked is known")
        self.body = Sound(LengthReader(self.unreader, 0) if isinstance(reader, EOFReader) else reader)


class Heads(Parser):
    """The requests of a connection, one after the other."""

    mesg_class = Head

    def __init__(self, cfg: Any, sock: Any, address: Any, span: float, ending: Callable[[], bool]) -> None:
        super().__init__(cfg, sock, address)
        self.unreader, self.ending = Timed(sock, span), ending

    def following(self) -> Head | None:
        """The next request; None when there is none. Raises TimeoutError, OSError, ParseException."""
        try:
            request: Head = next(self)
        except StopIteration:
            return None
        self.unreader.sock.settimeout(KEEP_ALIVE)  # for the answer
        self.unreader.patience = KEEP_ALIVE
        request.ending, request.was_there = self.ending, self.unreader.was_there
        return request

    def finish_body(self, deadline: float | None = None, max_bytes: int | None = None) -> bool:
        """Discard what nobody read of the last body, before the next request. False where that takes too much."""
        done = not self.mesg or self.mesg.body.is_read
        try:
            done = done or bool(super().finish_body(time.monotonic() + self.unreader.span, DRAINED))
        except OSError as error:
            if error.errno != errno.EBADMSG:
                raise
        self.unreader.rest()
        return done
