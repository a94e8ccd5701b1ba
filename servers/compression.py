"""Compression that remembers nothing: a message is deflated alone, once, and the same bytes go to all who take them.

With a context for each connection it would be smaller, by what messages have in common; but it would be compressed
anew for each connection, and each would hold 93 KiB, as measured.
"""

import time
import zlib

from wsproto.extensions import Extension
from wsproto.frame_protocol import CloseReason, FrameDecoder, FrameProtocol, Opcode, RsvBits

from servers.settings import YIELD

LEVEL = 6
WINDOW = 12  # bits: 4 KiB, within which nearly every message lies; and a client may ask for no less
MEMORY = 5  # of 1 to 9: zlib then takes 32 KiB while it deflates, where its defaults take 256
GZIP_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"  # of a gzip stream: deflate, no name, no date (RFC 1952 section 2.3)
TAIL = b"\0\0\xff\xff"  # how what is flushed ends, and what a WebSocket leaves out (RFC 7692 section 7.2.1)

DEFLATE = "permessage-deflate"
ALONE = "; ".join([DEFLATE, "server_no_context_takeover", "client_no_context_takeover"])
WINDOW_BITS = {str(bits) for bits in range(8, 16)}


def deflated(data: bytes) -> bytes:
    """Data as blocks of DEFLATE that refer to nothing before them and fill their last byte (RFC 1951 section 3.2.4).

    So they may follow any others, in any stream.
    """
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -WINDOW, MEMORY)
    return packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH)


def gzipped(data: bytes) -> bytes:
    """Data as a gzip stream of its own (RFC 1952)."""
    return zlib.compress(data, LEVEL, wbits=31)


def negotiated(offers: str) -> str:
    """What to agree to of a client's Sec-WebSocket-Extensions; empty where none is for us (RFC 7692 section 7.1).

    A server may ask for no context takeover both ways though the offer has not named it. An offer with a parameter
    that is unknown, twice there, out of range, or asks for a smaller window than ours, is declined.
    """
    for offer in offers.split(","):
        name, *parameters = (part.strip() for part in offer.split(";"))
        pairs = [(key.rstrip(), value.strip().strip('"')) for key, _, value in (p.partition("=") for p in parameters)]
        if name == DEFLATE and len(dict(pairs)) == len(pairs) and all(acceptable(*pair) for pair in pairs):
            return f"{ALONE}; server_max_window_bits={WINDOW}" if "server_max_window_bits" in dict(pairs) else ALONE
    return ""


def acceptable(parameter: str, value: str) -> bool:
    """Whether we can do what a parameter of an offer asks; its value is empty where it has none."""
    match parameter:
        case "server_no_context_takeover" | "client_no_context_takeover":
            return not value
        case "client_max_window_bits":
            return not value or value in WINDOW_BITS
        case "server_max_window_bits":
            return value in WINDOW_BITS and int(value) >= WINDOW
    return False


class Inflating(Extension):
    """permessage-deflate for what a client sends: each message is inflated alone, and to `limit` bytes at most.

    What the library sends goes out plain, as any message may: it is short. The room's messages are not its business.
    """

    name = DEFLATE

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._left = 0  # bytes that the message may still become
        self._inflater: zlib._Decompress | None = None  # while a compressed message is read
        self._agreed = self._in_message = False

    def offer(self) -> bool:
        return False

    def accept(self, offer: str) -> str:
        """The parameters to answer with, which `negotiated` has found."""
        self._agreed = True
        return offer.partition(";")[2].strip()

    def enabled(self) -> bool:
        return self._agreed

    def frame_inbound_header(
        self, proto: FrameDecoder | FrameProtocol, opcode: Opcode, rsv: RsvBits, payload_length: int
    ) -> CloseReason | RsvBits:
        self._in_message = not opcode.iscontrol()
        if rsv.rsv1:
            if opcode not in (Opcode.TEXT, Opcode.BINARY):
                return CloseReason.PROTOCOL_ERROR
            self._inflater, self._left = zlib.decompressobj(-zlib.MAX_WBITS), self._limit
        return RsvBits(True, False, False)

    def frame_inbound_payload_data(self, proto: FrameDecoder | FrameProtocol, data: bytes) -> bytes | CloseReason:
        return self._inflate(data) if self._in_message else data

    def frame_inbound_complete(
        self, proto: FrameDecoder | FrameProtocol, fin: bool
    ) -> bytes | CloseReason | None:  # fmt: skip
        if not (fin and self._in_message and self._inflater):
            return None
        rest = self._inflate(TAIL)
        self._inflater = None
        time.sleep(YIELD)  # for the message before to be handled: a thousand may be in what one read brought
        return rest

    def _inflate(self, data: bytes) -> bytes | CloseReason:
        if not self._inflater:
            return data
        try:
            data = self._inflater.decompress(data, self._left + 1)
        except zlib.error:
            return CloseReason.INVALID_FRAME_PAYLOAD_DATA
        self._left -= len(data)
        return CloseReason.MESSAGE_TOO_BIG if self._left < 0 else data
