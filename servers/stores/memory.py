"""A store in memory: the fastest, and gone with the process."""

import secrets
import threading

from servers.message import PAGE, Draft, Message, Page, Receipt, now
from servers.stores.base import CursorAhead, CursorGone, IdTaken, Store


class Log:
    """One room: the messages kept, oldest first, `trimmed` of them gone before, and where each id stands."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.trimmed = 0
        self.seqs: dict[str, int] = {}

    @property
    def last(self) -> int:
        return self.trimmed + len(self.messages)


class MemoryStore(Store):
    """Rooms as lists. A restart loses them, which the new epoch makes plain."""

    def __init__(self, keep: int) -> None:
        super().__init__(keep)
        self.epoch = secrets.token_hex(4)
        self._logs: dict[str, Log] = {}
        self._lock = threading.Lock()

    def append(self, room: str, draft: Draft) -> Receipt:
        with self._lock:
            log = self._logs.setdefault(room, Log())
            if seq := log.seqs.get(draft.id):
                if log.messages[seq - log.trimmed - 1].draft != draft:
                    raise IdTaken
                return Receipt(seq, self.epoch, new=False)
            seq = log.last + 1
            log.messages.append(Message(seq, draft.id, draft.sender, draft.text, now()))
            log.seqs[draft.id] = seq
            trim(log, self.kept(room))
        self._ring(room)
        return Receipt(seq, self.epoch)

    def since(self, room: str, after: int, epoch: str | None = None, most: int = PAGE) -> Page:
        with self._lock:
            log = self._logs.get(room)
            trimmed, last = (log.trimmed, log.last) if log else (0, 0)
            if epoch not in (None, self.epoch) or after < trimmed:
                raise CursorGone(self.epoch, trimmed)
            if after > last:
                raise CursorAhead(self.epoch, trimmed)
            start = after - trimmed
            messages = log.messages[start : start + most] if log else []
            return Page(messages, after + len(messages), self.epoch)


def trim(log: Log, keep: int) -> None:
    """Drop all but the last `keep` messages, a tenth at a time, so that an append costs the same on average."""
    surplus = len(log.messages) - keep
    if surplus * 10 > keep:
        for message in log.messages[:surplus]:
            del log.seqs[message.id]
        del log.messages[:surplus]
        log.trimmed += surplus
