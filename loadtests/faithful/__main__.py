"""The process: it prints a line of JSON each second, and settles when its standard input ends."""

from gevent import monkey

monkey.patch_all()

import argparse  # noqa: E402  # what follows must be imported patched
import json  # noqa: E402
import random  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable  # noqa: E402
from pathlib import Path  # noqa: E402
from urllib.parse import urlsplit  # noqa: E402

import gevent  # noqa: E402
from gevent.event import Event  # noqa: E402
from gevent.socket import wait_read  # noqa: E402

from loadtests import faithful  # noqa: E402
from loadtests.faithful import long_polling, short_polling, sse, websocket  # noqa: E402
from loadtests.faithful.history import Recorder  # noqa: E402
from loadtests.faithful.log import read_log  # noqa: E402
from loadtests.faithful.participant import Client, Participant  # noqa: E402

CLIENTS: dict[str, Callable[[str, int, str, str, float], Client]] = {
    "short-polling": short_polling.Client,
    "long-polling": long_polling.Client,
    "sse": sse.Client,
    "websocket": websocket.Client,
}
LOUD = "loud"  # the room of long messages
LOUD_READERS, LOUD_SHARE = 2, 0.5  # of each transport; how often one of them writes, beside the other rooms' writers
LOOK = 0.05  # seconds between two looks whether they have


def main() -> None:
    args = parser().parse_args()
    random.seed(args.seed)
    settling = Event()
    recorder = Recorder()
    readers, writers = people(args, recorder)
    for reader in readers:
        gevent.spawn(reader.follow)
    writing = [gevent.spawn(writer.write, rate, settling) for writer, rate in writers]
    gevent.spawn(tell, recorder, len(readers))
    wait_read(sys.stdin.fileno())
    settling.set()
    deadline = time.monotonic() + args.settle
    gevent.joinall(writing, timeout=args.settle / 2)
    gevent.killall(writing)
    url = urlsplit(args.url)
    ends = {room: read_log(url.hostname or "", url.port or 80, room, recorder, deadline) for room in rooms(args)}

    def behind(reader: Participant) -> bool:
        end = ends[recorder.clients[reader.number][1]]
        return end is not None and end != (reader.epoch, reader.seq)

    while time.monotonic() < deadline and any(behind(reader) for reader in readers):
        time.sleep(LOOK)
    for reader in readers:
        reader.end()
    recorder.save(args.out)
    say(recorder, len(readers))


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m loadtests.faithful", description=faithful.__doc__)
    add = parser.add_argument
    add("url", help="a server of all four transports")
    add("--out", type=Path, required=True, help="where the history goes, as Parquet")
    add("--transports", default=",".join(CLIENTS), help="which, separated by commas (all)")
    add("--rooms", type=int, default=1, help="beside the one of long messages (%(default)s)")
    add("--readers", type=int, default=10, help="of each transport in each room (%(default)s)")
    add("--writers", type=int, default=1, help="how many of them also write (%(default)s)")
    add("--rate", type=float, default=1.0, help="messages a second of each writer (%(default)s)")
    add("--interval", type=float, default=0.5, help="seconds between two short polls (%(default)s)")
    add("--settle", type=float, default=40.0, help="seconds, at most, to come to the log's end (%(default)s)")
    add("--seed", type=int, default=1)
    return parser


def rooms(args: argparse.Namespace) -> list[str]:
    return [*(f"room-{number}" for number in range(1, args.rooms + 1)), LOUD]


def people(args: argparse.Namespace, recorder: Recorder) -> tuple[list[Participant], list[tuple[Participant, float]]]:
    """Everybody; and who writes, at how many messages a second."""
    url = urlsplit(args.url)
    readers, writers = [], []
    for room in rooms(args):
        loud = room == LOUD
        for transport in args.transports.split(","):
            for place in range(LOUD_READERS if loud else args.readers):
                client = CLIENTS[transport](url.hostname or "", url.port or 80, f"/{transport}", room, args.interval)
                reader = Participant(recorder.client(transport, room), client, recorder, loud)
                readers.append(reader)
                if place < (1 if loud else args.writers):
                    writers.append((reader, LOUD_SHARE * args.rate if loud else args.rate))
    return readers, writers


def tell(recorder: Recorder, readers: int) -> None:
    while True:
        time.sleep(1)
        say(recorder, readers)


def say(recorder: Recorder, readers: int) -> None:
    """How many steps of each kind there were, and how many readers there are."""
    print(json.dumps(recorder.counts | {"readers": readers}), flush=True)


if __name__ == "__main__":
    main()
