"""What is left when a server is gone and comes back: all four transports at once, on both engines."""

import http.client
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.processes import PATIENCE, Server
from tests.servers.conftest import ENGINES
from tests.servers.contract.clients import CLIENTS, Answer, Client, Loss
from tests.servers.contract.conftest import STORES

GONE = (OSError, http.client.HTTPException, ConnectionClosed)
ENOUGH = 50  # acknowledged sends by each transport before the server is killed


def draft(number: int) -> dict[str, Any]:
    return {"id": f"id-{number}", "sender": "Ada", "text": f"hello {number}"}


@pytest.mark.parametrize("store", [store for store in STORES if store != "memory"])
@pytest.mark.parametrize("engine", ENGINES)
def test_every_acknowledged_message_survives_a_kill_in_mid_write(
    engine: str, store: str, start: Callable[..., Server], database: Callable[[str], list[str]]
) -> None:
    arguments = ("all", "--engine", engine, *database(store))
    server, acknowledged = start(*arguments), {name: threading.Semaphore(0) for name in CLIENTS}

    def send_until_it_is_gone(name: str) -> list[Answer]:
        answers: list[Answer] = []
        try:
            client = CLIENTS[name](server)
            for number in count():
                answers.append(client.send(f"room-{name}", draft(number)))
                acknowledged[name].release()
        except GONE:
            return answers

    with ThreadPoolExecutor() as pool:
        writing = {name: pool.submit(send_until_it_is_gone, name) for name in CLIENTS}
        for semaphore in acknowledged.values():
            for _ in range(ENOUGH):
                assert semaphore.acquire(timeout=PATIENCE)
        server.kill()
        written = {name: future.result(PATIENCE) for name, future in writing.items()}

    server = start(*arguments)
    for name, answers in written.items():
        assert answers and all(answer.accepted for answer in answers)
        client, epoch = CLIENTS[name](server), answers[0].epoch
        log = client.read(f"room-{name}", len(answers))
        assert [message["seq"] for message in log] == [answer.seq for answer in answers]
        assert [message["id"] for message in log] == [f"id-{number}" for number in range(len(answers))]
        again = client.send(f"room-{name}", draft(0))
        assert (again.seq, again.epoch) == (1, epoch), "a send repeated after the restart is still known"
        rest = client.send(f"room-{name}", {"id": "after", "sender": "Ada", "text": "hello"})
        assert rest.seq in (len(answers) + 1, len(answers) + 2), "at most the unacknowledged one lies between"
        assert client.read(f"room-{name}", 1, rest.seq - 1, epoch)[0]["id"] == "after"
        client.close()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_restart_on_memory_is_an_explicit_loss(engine: str, start: Callable[..., Server]) -> None:
    arguments = ("all", "--engine", engine, "--store", "memory")

    def each(server: Server) -> dict[str, Client]:
        return {name: client(server) for name, client in CLIENTS.items()}

    server = start(*arguments)
    before = {name: client.send(f"room-{name}", draft(0)) for name, client in each(server).items()}
    server.kill()
    server = start(*arguments)
    for name, client in each(server).items():
        after = client.send(f"room-{name}", draft(1))
        assert after.epoch != before[name].epoch and after.seq == 1
        loss, message = client.read(f"room-{name}", 2, before[name].seq, before[name].epoch)
        assert loss == Loss(after.epoch, 0)
        assert (message["seq"], message["id"]) == (1, "id-1")
        client.close()
