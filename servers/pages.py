"""The newest pages as JSON: what thousands of held polls ask for at once is encoded once, and compressed once."""

from collections.abc import Callable

from servers import compression
from servers.message import Page, encode

KEPT = 64  # pages
LONGEST = 64 * 1024  # bytes of a page that is kept
LEAST = 200  # bytes: what is shorter gains less by gzip than the header costs that says so, or nothing

Where = tuple[str, str, int, int, str]  # epoch, room, the two cursors, and how it is coded


class Pages:
    """Pages by where they are. The log is append-only, so what lies between two cursors never changes."""

    def __init__(self) -> None:
        self._bodies: dict[Where, bytes] = {}

    def encoded(self, room: str, after: int, page: Page) -> bytes:
        """The JSON of a page that follows `after` in the room."""
        return self._made((page.epoch, room, after, page.cursor, ""), lambda: encode(page))

    def gzipped(self, room: str, after: int, page: Page) -> bytes:
        """The same as a gzip stream; nothing where that is not worth while."""
        plain = self.encoded(room, after, page)
        if len(plain) < LEAST:
            return b""
        return self._made((page.epoch, room, after, page.cursor, "gzip"), lambda: compression.gzipped(plain))

    def _made(self, where: Where, make: Callable[[], bytes]) -> bytes:
        """What is kept there; made when it is not."""
        body = self._bodies.get(where)
        if body is None:
            body = make()
            if len(self._bodies) >= KEPT:
                self._bodies.clear()
            if len(body) <= LONGEST:
                self._bodies[where] = body
        return body
