"""A participant by long polling: asks once, waits for the answer as long as it takes, and asks again at once."""

from loadtests import headers
from loadtests.users.base import Draft
from loadtests.users.http import HttpParticipant


class LongPolling(HttpParticipant):
    transport = "long-polling"

    def subscribe(self) -> None:
        self.outgoing.open()
        self.incoming.open()

    def send(self, draft: Draft, row: int) -> None:
        self.post(draft, row)

    def receive(self) -> None:
        while True:
            self.poll()

    def poll(self) -> None:
        """Ask once; the answer is held by the server until there is news."""
        target = self.path("messages") + self.query()
        answer = self.incoming.request("poll", "GET", target, headers.fill(self.load.headers["fetch-get"]))
        self.read_page(answer)
