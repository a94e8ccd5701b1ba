"""Short polling: it asks again and again."""

import random
import time
from collections.abc import Iterator

from loadtests.faithful.http import Http
from loadtests.faithful.news import Draft, Gap, Page, Receipt


class Client(Http):
    def send(self, draft: Draft) -> Receipt:
        return self.post(draft)

    def receive(self, epoch: str, seq: int) -> Iterator[Page | Gap]:
        with self.connected() as connection:
            while True:
                news = self.poll(connection, epoch, seq)
                yield news
                epoch, seq = news.epoch, seq if news.cursor is None else news.cursor
                time.sleep(self.interval_s * random.uniform(0.5, 1.5))
