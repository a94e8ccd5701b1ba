"""The codings in which an HTTP answer may come, of those that the browser's headers offer: gzip and deflate."""

import zlib

PLAIN = ("", "identity")
ZLIB = ("gzip", "x-gzip", "deflate")
EITHER = 32 + zlib.MAX_WBITS  # zlib finds out which of its two wrappings it is


class Inflater:
    """Bytes of a body in, what they say out, as they come. Raises ConnectionError when they cannot be read."""

    def __init__(self, coding: str) -> None:
        if coding not in ZLIB:
            raise ConnectionError(f"the answer came in a coding that is not read here: {coding}")
        self.inflater = zlib.decompressobj(EITHER)

    def feed(self, data: bytes) -> bytes:
        try:
            return self.inflater.decompress(data)
        except zlib.error as error:
            raise ConnectionError(f"the server broke off: the body cannot be decompressed, {error}") from None


def inflater(coding: str) -> Inflater | None:
    """What reads a stream in this coding; None where it is plain."""
    return None if coding in PLAIN else Inflater(coding)


def decoded(body: bytes, coding: str) -> bytes:
    """A whole body. Raises ConnectionError when it is cut short, too."""
    if coding in PLAIN or not body:
        return body
    inflater = Inflater(coding)
    content = inflater.feed(body)
    if not inflater.inflater.eof:
        raise ConnectionError("the server broke off: the compressed body is cut short")
    return content
