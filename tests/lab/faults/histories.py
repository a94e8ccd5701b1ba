"""Histories made by hand: a small language for what clients did, and a faithful run in it."""

from itertools import count

from lab.faults.history import Event


class Told:
    """Steps one by one, each a millisecond after the last."""

    def __init__(self, room: str = "tea") -> None:
        self.room, self.events, self.clock = room, list[Event](), count(1)

    def tell(self, client: int, op: str, id: str = "", epoch: str = "", seq: int = 0, note: str = "") -> "Told":
        transport = ("short-polling", "long-polling", "sse", "websocket")[client % 4]
        at = next(self.clock) * 1_000_000
        self.events.append(Event(at, client, transport, self.room, op, id, epoch, seq, note))
        return self

    def send(self, id: str, seq: int, epoch: str = "e1", client: int = 0) -> "Told":
        return self.tell(client, "invoke", id).tell(client, "ok", id, epoch, seq)

    def see(self, client: int, *messages: tuple[str, int], epoch: str = "e1") -> "Told":
        for id, seq in messages:
            self.tell(client, "observe", id, epoch, seq)
        return self

    def finish(self, *ids: str, epoch: str = "e1", trimmed: int = 0, readers: tuple[int, ...] = (1,)) -> "Told":
        """Read the log, and let the readers stand at its end."""
        self.tell(9, "log", epoch=epoch, note=str(trimmed))
        for seq, id in enumerate(ids, trimmed + 1):
            self.tell(9, "log", id, epoch, seq)
        for reader in readers:
            self.tell(reader, "end", epoch=epoch, seq=trimmed + len(ids), note="served")
        return self
