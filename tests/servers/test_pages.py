"""A page that many ask for is encoded once, and never mistaken for another."""

import gzip
import json

import pytest

from servers import compression
from servers import pages as module
from servers.message import Message, Page
from servers.pages import KEPT, Pages


def page(first: int, last: int, epoch: str = "9c1e", text: str = "hello") -> Page:
    messages = [Message(seq, f"id-{seq}", "Ada", text, "now") for seq in range(first, last + 1)]
    return Page(messages, last, epoch)


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[Page]:
    """Every page that was really encoded."""
    seen: list[Page] = []
    encode = module.encode

    def counting(page: Page) -> bytes:
        seen.append(page)
        return encode(page)

    monkeypatch.setattr(module, "encode", counting)
    return seen


def test_the_same_page_is_encoded_once(encoded: list[Page]) -> None:
    pages = Pages()
    bodies = {pages.encoded("tea", 0, page(1, 3)) for _ in range(5)}
    assert len(bodies) == len(encoded) == 1
    assert json.loads(bodies.pop())["cursor"] == 3


def test_another_room_cursor_length_or_epoch_is_another_page(encoded: list[Page]) -> None:
    pages = Pages()
    asked = [("tea", 0, page(1, 3)), ("mud", 0, page(1, 3)), ("tea", 1, page(2, 3)), ("tea", 0, page(1, 2))]
    asked.append(("tea", 0, page(1, 3, epoch="0ther")))
    for room, after, found in asked * 2:
        assert json.loads(pages.encoded(room, after, found))["epoch"] == found.epoch
    assert encoded == [found for _, _, found in asked]


def test_a_page_is_compressed_once_and_a_short_one_never(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[bytes] = []
    gzipped = compression.gzipped
    monkeypatch.setattr(compression, "gzipped", lambda data: made.append(data) or gzipped(data))
    pages = Pages()
    for _ in range(5):
        packed = pages.gzipped("tea", 0, page(1, 3))
        assert gzip.decompress(packed) == pages.encoded("tea", 0, page(1, 3)) == made[0]
        assert pages.gzipped("tea", 3, Page([], 3, "9c1e")) == b""
    assert len(made) == 1


def test_few_pages_are_kept_and_no_large_one(encoded: list[Page]) -> None:
    pages = Pages()
    for last in range(1, 3 * KEPT):
        pages.encoded("tea", last - 1, page(last, last))
        assert len(pages._bodies) <= KEPT
    pages = Pages()
    pages.encoded("tea", 0, page(1, 40, text="x" * 4000))
    assert not pages._bodies
