"""One client of one room: it follows the log, and may write into it, until it is told that all is over."""

import random
import time
from collections.abc import Iterator
from typing import Protocol

from gevent.event import Event

from loadtests.faithful.history import Recorder
from loadtests.faithful.news import Broken, Draft, Gap, Page, Receipt, Unexpected, text_of

BASE, LIMIT = 0.1, 1.0  # seconds: servers come back within one or two, and a run should see many reconnects


class Client(Protocol):
    """What the four of them have in common."""

    def send(self, draft: Draft) -> Receipt: ...

    def receive(self, epoch: str, seq: int) -> Iterator[Page | Gap]: ...


class Participant:
    """Its cursor is `epoch` and `seq`: the last message that it has written down."""

    def __init__(self, number: int, client: Client, recorder: Recorder, long: bool) -> None:
        self.number, self.client, self.recorder, self.long = number, client, recorder, long
        self.epoch, self.seq = "", 0
        self.served = False  # whether it is connected, and has been answered

    def follow(self) -> None:
        """Receive for ever, from where it is."""
        failures = 0
        while True:
            try:
                for news in self.client.receive(self.epoch, self.seq):
                    if not self.served:
                        self.served, failures = True, 0
                        self.recorder.write_down(self.number, "connect")
                    self.take(news)
            except Broken as error:
                if self.served:
                    self.recorder.write_down(self.number, "disconnect", note=str(error))
            except Unexpected as error:
                self.recorder.write_down(self.number, "unexpected", note=str(error))
            self.served = False
            time.sleep(backoff(failures))
            failures += 1

    def take(self, news: Page | Gap) -> None:
        """Write down what came, all of it and in its order, and go on from there."""
        if isinstance(news, Gap):
            self.epoch, self.seq = news.epoch, news.cursor
            return self.recorder.write_down(self.number, "gap", epoch=news.epoch, seq=news.cursor)
        self.epoch = news.epoch or self.epoch
        for message in news.messages:
            note = "" if message.text == text_of(message.id, self.long) else "another text"
            self.recorder.write_down(self.number, "observe", message.id, news.epoch, message.seq, note)
            self.seq = message.seq
        self.seq = self.seq if news.cursor is None else news.cursor

    def write(self, rate_per_s: float, over: Event) -> None:
        """Send one message after the other, each until it is acknowledged or refused, until it is over."""
        count = 0
        while not over.wait(random.expovariate(rate_per_s)):
            count += 1
            id = f"{self.number}-{count}"
            self.send(Draft(id, f"client {self.number}", text_of(id, self.long)))

    def send(self, draft: Draft) -> None:
        """Send a message, and the same again until there is an answer to it."""
        failures = 0
        while True:
            self.recorder.write_down(self.number, "invoke", draft.id)
            try:
                receipt = self.client.send(draft)
                return self.recorder.write_down(self.number, "ok", draft.id, receipt.epoch, receipt.seq)
            except Broken as error:
                self.recorder.write_down(self.number, "info", draft.id, note=str(error))
            except Unexpected as error:
                return self.recorder.write_down(self.number, "fail", draft.id, note=str(error))
            time.sleep(backoff(failures))
            failures += 1

    def end(self) -> None:
        """Write down where it stands, and whether it was being served."""
        note = "served" if self.served else "cut off"
        self.recorder.write_down(self.number, "end", epoch=self.epoch, seq=self.seq, note=note)


def backoff(failures: int) -> float:
    """Seconds to wait after so many failures in a row, with full jitter, as the page's clients do."""
    return random.random() * min(LIMIT, BASE * 2.0**failures)
