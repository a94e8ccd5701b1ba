"""An HTTP answer whose length is not known when it begins: its chunks (RFC 9112, section 7.1), as they come."""

import re
from functools import lru_cache

from loadtests.frames import KEPT

SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\n]*)?\r\n")
LONGEST_SIZE_LINE = 1024


class Chunks:
    """Bytes in, content out; `ended` once the last chunk has come. Raises ConnectionError when they are not chunks."""

    __slots__ = ("ended", "rest")

    def __init__(self) -> None:
        self.rest, self.ended = b"", False

    def feed(self, data: bytes) -> bytes:
        """The content of the chunks that `data` completes."""
        if self.rest:
            data = self.rest + data
        content, end, self.ended = whole_chunks(data)
        self.rest = data[end:]
        return content


@lru_cache(KEPT)
def whole_chunks(data: bytes) -> tuple[bytes, int, bool]:
    """The content of the whole chunks that `data` begins with, where they end, and whether the answer ends there."""
    content, start = list[bytes](), 0
    while line := SIZE_LINE.match(data, start):
        size = int(line[1], 16)
        if not size:
            return b"".join(content), len(data), True
        end = line.end() + size
        if len(data) < end + 2:
            break
        if data[end : end + 2] != b"\r\n":
            raise ConnectionError("the server broke off: a chunk is longer than it says")
        content.append(data[line.end() : end])
        start = end + 2
    if not line and (b"\r\n" in data[start:] or len(data) - start > LONGEST_SIZE_LINE):
        raise ConnectionError("the server broke off: this is no chunk")
    return b"".join(content), start, False
