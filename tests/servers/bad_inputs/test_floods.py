"""Who sends as fast as it can keeps nobody else waiting: it goes on until somebody else was answered."""

import threading
from contextlib import suppress

import pytest

from tests.processes import Server
from tests.servers.bad_inputs.asking import head
from tests.servers.raw import Raw

READ = "/short-polling/rooms/kept/messages"
ONE_BYTE_EACH = "1\r\nx\r\n" * 100_000 + "0\r\n\r\n"
FLOODS = {
    "polls": (READ, "\r\n", 100),
    "polls that are refused": (READ + "?after=-1", "\r\n", 100),
    "a body that nobody reads, a byte at a time": (READ, f"Transfer-Encoding: chunked\r\n\r\n{ONE_BYTE_EACH}", 1),
}


@pytest.mark.parametrize("what", FLOODS)
def test_a_flood_of_requests_on_one_connection(server: Server, what: str) -> None:
    path, rest, times = FLOODS[what]
    requests, over = (head(server, "GET", path, rest) * times).encode(), threading.Event()

    def ask() -> None:
        with suppress(OSError):
            while not over.is_set():
                raw.send(requests)

    def hear() -> None:
        with suppress(OSError):
            while raw.sock.recv(2**20):
                heard.set()

    heard = threading.Event()
    with Raw(server) as raw:
        threads = [threading.Thread(target=target) for target in (ask, hear)]
        for thread in threads:
            thread.start()
        try:
            assert heard.wait(30)
            for _ in range(3):
                assert server.request("GET", "/health").status == 200
        finally:
            over.set()
            raw.sock.shutdown(2)
            for thread in threads:
                thread.join()
