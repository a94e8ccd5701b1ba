"""Servers with a defect, which the experiment must find.

python -m tests.lab.faults.defective lose all --port 0
"""

import sys
from collections.abc import Callable
from itertools import count

import servers.__main__ as process
from servers.message import PAGE, Draft, Page, Receipt
from servers.stores import CursorGone, Store

OFTEN = 8  # one call in so many goes wrong


def lose(store: Store) -> None:
    """A message is taken for delivered that was not, as if it came between a reading and a waiting."""
    since, calls = store.since, count(1)

    def losing(room: str, after: int, epoch: str | None = None, most: int = PAGE) -> Page:
        page = since(room, after, epoch, most)
        lost = bool(page.messages) and next(calls) % OFTEN == 0
        return Page(page.messages[lost:], page.cursor, page.epoch)

    store.since = losing


def repeat(store: Store) -> None:
    """A page begins with the message that was the last of the page before, in place of the next."""
    since, calls = store.since, count(1)

    def repeating(room: str, after: int, epoch: str | None = None, most: int = PAGE) -> Page:
        page = since(room, after, epoch, most)
        if not (after and page.messages and next(calls) % OFTEN == 0):
            return page
        again = since(room, after - 1, epoch).messages[: len(page.messages)]
        return Page(again, page.cursor, page.epoch)

    store.since = repeating


def forget(store: Store) -> None:
    """A message is acknowledged and not kept."""
    append, calls = store.append, count(1)
    last: dict[str, int] = {}

    def forgetting(room: str, draft: Draft) -> Receipt:
        if room in last and next(calls) % OFTEN == 0:
            return Receipt(last[room] + 1, store.epoch)
        receipt = append(room, draft)
        last[room] = max(receipt.seq, last.get(room, 0))
        return receipt

    store.append = forgetting


def swap(store: Store) -> None:
    """Messages that are read together come backwards."""
    since = store.since

    def swapping(room: str, after: int, epoch: str | None = None, most: int = PAGE) -> Page:
        page = since(room, after, epoch, most)
        return Page(page.messages[::-1], page.cursor, page.epoch)

    store.since = swapping


def hide(store: Store) -> None:
    """A log that was lost begins anew under the same epoch."""
    store.epoch = "same"


def flap(store: Store) -> None:
    """A cursor is refused as if its log were lost, under an epoch that never was; then the old one is back."""
    since, calls = store.since, count(1)

    def flapping(room: str, after: int, epoch: str | None = None, most: int = PAGE) -> Page:
        if after and epoch == store.epoch and next(calls) % (5 * OFTEN) == 0:
            raise CursorGone("never", 0)
        return since(room, after, epoch, most)

    store.since = flapping


def trim(store: Store) -> None:
    """What is acknowledged is dropped soon, by a store that should keep it."""
    store.kept = lambda room: 20


DEFECTS: dict[str, Callable[[Store], None]] = {
    "lose": lose, "repeat": repeat, "forget": forget, "swap": swap, "hide": hide, "flap": flap, "trim": trim,
}  # fmt: skip


def main() -> int:
    defect = DEFECTS[sys.argv.pop(1)]
    open_store = process.open_store

    def opened(url: str, keep: int) -> Store:
        store = open_store(url, keep)
        defect(store)
        return store

    process.open_store = opened
    return process.main()


if __name__ == "__main__":
    sys.exit(main())
