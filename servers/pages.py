"""The newest pages as JSON: what thousands of held polls ask for at once is encoded once."""

from servers.message import Page, encode

KEPT = 64  # pages
LONGEST = 64 * 1024  # bytes of a page that is kept


class Pages:
    """Pages by where they are. The log is append-only, so what lies between two cursors never changes."""

    def __init__(self) -> None:
        self._bodies: dict[tuple[str, str, int, int], bytes] = {}

    def encoded(self, room: str, after: int, page: Page) -> bytes:
        """The JSON of a page that follows `after` in the room."""
        where = page.epoch, room, after, page.cursor
        body = self._bodies.get(where)
        if body is None:
            body = encode(page)
            if len(self._bodies) >= KEPT:
                self._bodies.clear()
            if len(body) <= LONGEST:
                self._bodies[where] = body
        return body
