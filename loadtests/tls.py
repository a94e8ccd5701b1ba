"""TLS over a metered socket, whose socket layer counts the bytes that went out and came in: records, handshake and all.

OpenSSL works here on buffers of its own (Python's ssl.MemoryBIO) and never sees the socket. So the one epoll reads it
like any other: each piece is decrypted at once, whole, and nothing can wait unseen. A moment of receipt is one after
the decryption, which takes some microseconds.

A connection ends by TCP's FIN alone, without TLS's close_notify: nginx, told both while it answers, leaves the latter
unread, so its kernel resets the connection, and the counts of both sides would not be whole.
"""

import ssl
from collections.abc import Callable
from functools import partial

from loadtests.sockets import Address, MeteredSocket

RECORD = 16_384  # bytes of text in a record, at most (RFC 8446 section 5.1)


def opener(ca: str, host: str, protocol: str = "http/1.1") -> Callable[[Address, int, str, int], "TlsSocket"]:
    """What makes sockets to `host` that trust this authority alone, a certificate in PEM; without one, the system's.

    `protocol` is what the server is asked to speak (ALPN, RFC 7301): http/1.1 or h2.
    """
    context = ssl.create_default_context(cadata=ca or None)
    context.set_alpn_protocols([protocol])
    return partial(TlsSocket, context, host)


class TlsSocket(MeteredSocket):
    """One TLS connection of one user."""

    def __init__(self, context: ssl.SSLContext, host: str, address: Address, user: int, role: str, number: int) -> None:
        super().__init__(address, user, role, number)
        self.arriving, self.leaving = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.engine = context.wrap_bio(self.arriving, self.leaving, server_hostname=host)
        self.over = False  # the server has said that no more will come

    def connect(self) -> None:
        """Connect, and agree on keys. OSError, which ssl.SSLError is one of, when the server is not to be trusted."""
        super().connect()
        try:
            self.shake_hands()
        except BaseException:
            self.finish(0)
            raise

    def shake_hands(self) -> None:
        while True:
            try:
                self.engine.do_handshake()
                return self.send(b"")
            except ssl.SSLWantReadError:
                self.send(b"")
                if not (piece := super().recv()):
                    raise ConnectionError("the server closed the connection in the handshake") from None
                self.arriving.write(piece)

    def write(self, data: bytes) -> None:
        """Encrypt it and send it, with what else has to go out."""
        if data:
            self.engine.write(data)
        super().write(self.leaving.read())

    def recv(self) -> bytes:
        while True:
            piece = super().recv()
            if self.finishing:
                return piece  # of no interest any more, whatever it says
            if (data := self.decrypted(piece)) or self.eof or self.over:
                return data

    def recv_now(self) -> bytes:
        data = self.decrypted(super().recv_now())
        if data or self.eof or self.over:
            return data
        raise BlockingIOError

    def decrypted(self, piece: bytes) -> bytes:
        """The text that this piece completes: perhaps none, perhaps that of several records."""
        self.arriving.write(piece)
        found = []
        try:
            while data := self.engine.read(RECORD):
                found.append(data)
            self.over = True
        except ssl.SSLWantReadError:
            pass
        return b"".join(found)

    def idle(self) -> bool:
        """The same; a server may have sent what nobody asked for, tickets for the next time, and they are read here."""
        if self.finishing or self.eof or self.over:
            return False
        try:
            self.recv_now()
        except BlockingIOError:
            return True
        except OSError:
            pass
        return False


def agreed(sock: MeteredSocket) -> str:
    """What the server agreed to speak; nothing where it said nothing, or without TLS."""
    return sock.engine.selected_alpn_protocol() or "" if isinstance(sock, TlsSocket) else ""
