"""The log as it is when all is over, read as anybody could read it: by short polling, from the beginning."""

import time

from loadtests.faithful.history import Recorder
from loadtests.faithful.news import Broken, Gap, Message, Unexpected
from loadtests.faithful.participant import backoff
from loadtests.faithful.short_polling import Client

PREFIX = "/short-polling"


def read_log(host: str, port: int, room: str, recorder: Recorder, deadline: float) -> tuple[str, int] | None:
    """Write down a room's whole log; returns its epoch and its end. None if it cannot be read, or not in time."""
    number = recorder.client("short-polling", room)
    client = Client(host, port, PREFIX, room, 0)
    failures = 0
    while time.monotonic() < deadline:
        try:
            epoch, trimmed, messages = whole(client)
        except Unexpected as error:
            recorder.write_down(number, "unexpected", note=str(error))
            return None
        except Broken:
            time.sleep(backoff(failures))
            failures += 1
            continue
        recorder.write_down(number, "log", epoch=epoch, note=str(trimmed))
        for message in messages:
            recorder.write_down(number, "log", message.id, epoch, message.seq)
        return epoch, messages[-1].seq if messages else trimmed
    return None


def whole(client: Client) -> tuple[str, int, list[Message]]:
    """The epoch, how many messages are no longer kept, and those that are."""
    epoch, trimmed, messages = "", 0, list[Message]()
    with client.connected() as connection:
        while True:
            news = client.poll(connection, epoch, messages[-1].seq if messages else trimmed)
            if isinstance(news, Gap):
                epoch, trimmed, messages = news.epoch, news.cursor, []
            elif news.messages:
                epoch, messages = news.epoch, messages + news.messages
            else:
                return news.epoch, trimmed, messages
