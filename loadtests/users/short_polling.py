"""A participant by short polling: asks again and again, at its own ticks, news or none."""

import time

from loadtests import headers
from loadtests.schedule import next_tick, poll_phase
from loadtests.timer import SECOND
from loadtests.users.base import Draft
from loadtests.users.http import HttpParticipant


class ShortPolling(HttpParticipant):
    transport = "short-polling"
    asked = etag = ""  # what was asked last, and the ETag it was answered with
    tick = 0

    def subscribe(self) -> None:
        self.outgoing.open()
        self.poll()

    def send(self, draft: Draft, row: int) -> None:
        self.post(draft, row)

    def receive(self) -> None:
        interval_s = self.load.poll_interval_s
        first_ns = self.start_ns + round(poll_phase(self.load.seed, self.number, interval_s) * SECOND)
        while True:
            self.load.timer.sleep_until(first_ns + self.tick * round(interval_s * SECOND))
            self.poll()
            self.tick, skipped = next_tick(self.tick, first_ns, round(interval_s * SECOND), time.monotonic_ns())
            self.load.skipped_polls += skipped

    def poll(self) -> None:
        """Ask once; asking the same again, say what is known, as a browser's cache does (RFC 9110 section 13)."""
        target = self.path("messages") + self.query()
        etag = self.etag if target == self.asked else ""
        answer = self.incoming.request("poll", "GET", target, headers.fill(self.load.headers["fetch-get"], etag=etag))
        self.asked, self.etag = target, answer.etag or etag
        self.read_page(answer)
