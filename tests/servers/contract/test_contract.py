"""What every transport promises, on every store and engine. There is no exception for any of them."""

import json
import re
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from tests.processes import PATIENCE, Server
from tests.servers.conftest import KEEP
from tests.servers.contract.clients import Answer, Client, Loss, WebSocket

Connect = Callable[[Server], Client]

PAGE = 500  # messages in one answer at most, by the protocol
RACES = 25
SUBSCRIBERS = 10

UNICODE = [
    "Grüße, 世界 👩‍👩‍👧‍👦",
    "مرحبا",
    "e\u0301 is not é",
    "line\nline\r\nline\rline",
    "\u2028 and \u2029 end lines in JavaScript",
    "\0 and \x1b and \x7f",
    '"quotes" \\ and </script><script>alert(1)</script>',
    "data: x\n\nevent: reset\nid: forged-99\n\n",
    "𝄞" * 4000,
]

REFUSED = {  # what is sent: (the status, a word that the reason holds)
    "not JSON": ("hello", 400, "JSON"),
    "broken JSON": ('{"id": "a", "sender": "b", "text": "c"', 400, "JSON"),
    "a number that is none": ('{"id": "a", "sender": "b", "text": NaN}', 400, "JSON"),
    "half a surrogate pair": ('{"id": "a", "sender": "b", "text": "\\ud800"}', 400, "JSON"),
    "arrays, 10,000 deep": ('{"id": "a", "sender": "b", "text": ' + "[" * 10_000 + "]" * 10_000 + "}", 400, "JSON"),
    "an array": ("[1]", 422, "object"),
    "no text": ('{"id": "a", "sender": "b"}', 422, "text"),
    "no id": ('{"sender": "b", "text": "c"}', 422, "id"),
    "a number for text": ('{"id": "a", "sender": "b", "text": 7}', 422, "text"),
    "a field too many": ('{"id": "a", "sender": "b", "text": "c", "seq": 9}', 422, "seq"),
    "empty text": ('{"id": "a", "sender": "b", "text": ""}', 422, "text"),
    "long text": (json.dumps({"id": "a", "sender": "b", "text": "x" * 4001}), 422, "text"),
    "empty id": ('{"id": "", "sender": "b", "text": "c"}', 422, "id"),
    "long id": (json.dumps({"id": "a" * 65, "sender": "b", "text": "c"}), 422, "id"),
    "empty sender": ('{"id": "a", "sender": "", "text": "c"}', 422, "sender"),
    "long sender": (json.dumps({"id": "a", "sender": "b" * 65, "text": "c"}), 422, "sender"),
}

BAD_CURSORS = ["-1", "abc", "1.5", "", " 1", "1_0", "٣", str(2**53), str(2**64), "9" * 400]


def draft(number: int, text: str = "hello", sender: str = "Ada") -> dict[str, Any]:
    return {"id": f"{sender}-{number}", "sender": sender, "text": text}


def fill(client: Client, room: str, count: int) -> str:
    """Send the drafts 1 to `count`. Returns the epoch."""
    for number in range(1, count + 1):
        answer = client.send(room, draft(number))
        assert answer.accepted and answer.seq == number
    return answer.epoch


def seqs(heard: list[Any]) -> list[int]:
    return [message["seq"] for message in heard]


def test_a_message_comes_as_it_was_sent(client: Client, room: str) -> None:
    answer = client.send(room, draft(1))
    (message,) = client.read(room, 1)
    at = message.pop("at")
    assert message == {"seq": 1, **draft(1)}
    assert at.endswith("Z") and len(at) == len("2026-01-31T12:00:00.000Z")
    assert re.fullmatch("[a-z0-9]+", answer.epoch)


def test_concurrent_senders_make_one_log_in_order_without_gaps(
    server: Server, connect: Connect, client: Client, room: str
) -> None:
    def publish(sender: str) -> list[Answer]:
        sending = connect(server)
        return [sending.send(room, draft(number, sender=sender)) for number in range(20)]

    with ThreadPoolExecutor() as pool:
        listening = pool.submit(client.read, room, 80)
        answers = [answer for log in pool.map(publish, ["Ada", "Bob", "Cem", "Dee"]) for answer in log]
        heard = listening.result(PATIENCE)
    assert all(answer.accepted for answer in answers)
    assert seqs(heard) == list(range(1, 81)) == sorted(answer.seq for answer in answers)
    for sender in ("Ada", "Bob", "Cem", "Dee"):
        assert [message["id"] for message in heard if message["sender"] == sender] == [
            f"{sender}-{number}" for number in range(20)
        ]


def test_every_cursor_replays_exactly_what_follows(client: Client, room: str) -> None:
    epoch = fill(client, room, 20)
    log = client.read(room, 20)
    for after in range(20):
        assert client.read(room, 20 - after, after, epoch) == log[after:]


def test_a_cursor_at_the_end_hears_only_what_comes_later(client: Client, room: str) -> None:
    epoch = fill(client, room, 3)
    with ThreadPoolExecutor() as pool:
        listening = pool.submit(client.read, room, 1, 3, epoch)
        assert client.send(room, draft(4)).accepted
        assert seqs(listening.result(PATIENCE)) == [4]


@dataclass(frozen=True)
class Room:
    """A room of `count` messages that keeps more than a page of them, and not the first."""

    name: str
    count: int
    epoch: str


@pytest.fixture(scope="session")
def worn(server: Server) -> Room:
    """A room that is read by all transports; to fill it anew for each would take a minute."""
    client, name, count = WebSocket(server), f"worn-{secrets.token_hex(6)}", KEEP + 100
    epoch = fill(client, name, count)
    client.close()
    return Room(name, count, epoch)


def test_a_cursor_whose_messages_are_gone_is_told_so_and_goes_on(client: Client, worn: Room) -> None:
    (loss,) = client.read(worn.name, 1)
    assert loss.epoch == worn.epoch
    assert worn.count - 1.1 * KEEP - 1 <= loss.cursor <= worn.count - KEEP
    for after, epoch in ((0, None), (1, worn.epoch), (loss.cursor - 1, worn.epoch)):
        first, *heard = client.read(worn.name, 4, after, epoch)
        assert first == loss
        assert seqs(heard) == [loss.cursor + 1, loss.cursor + 2, loss.cursor + 3]


def test_a_log_longer_than_a_page_comes_whole(client: Client, worn: Room) -> None:
    loss, *heard = client.read(worn.name, 1 + KEEP)
    assert len(heard) > PAGE
    assert seqs(heard) == list(range(loss.cursor + 1, loss.cursor + 1 + KEEP))
    kept = worn.count - loss.cursor
    assert seqs(client.read(worn.name, kept, loss.cursor, worn.epoch)) == list(range(loss.cursor + 1, worn.count + 1))


def test_the_same_message_again_has_the_same_seq_and_is_delivered_once(client: Client, room: str) -> None:
    first = client.send(room, draft(1))
    again = client.send(room, draft(1))
    assert again.accepted and (again.seq, again.epoch) == (first.seq, first.epoch)
    assert client.send(room, draft(2)).seq == 2
    assert [message["id"] for message in client.read(room, 2)] == ["Ada-1", "Ada-2"]


def test_one_message_sent_from_many_sides_at_once_is_delivered_once(
    server: Server, connect: Connect, client: Client, room: str
) -> None:
    senders = [connect(server) for _ in range(5)]
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda sender: sender.send(room, draft(1)), senders))
    assert {answer.seq for answer in answers} == {1} and all(answer.accepted for answer in answers)
    assert client.send(room, draft(2)).seq == 2
    assert seqs(client.read(room, 2)) == [1, 2]


def test_another_message_under_the_same_id_is_refused(client: Client, room: str) -> None:
    fill(client, room, 1)
    assert client.send(room, draft(1, text="other")).status == 409
    assert client.send(room, draft(1) | {"sender": "Bob"}).status == 409
    assert client.send(room, draft(2)).seq == 2
    assert [message["text"] for message in client.read(room, 2)] == ["hello", "hello"]


def test_the_same_id_in_another_room_is_another_message(client: Client, room: str) -> None:
    fill(client, room, 1)
    assert client.send(f"{room}-b", draft(1, text="other")).seq == 1
    assert [message["text"] for message in client.read(f"{room}-b", 1)] == ["other"]


def test_a_cursor_ahead_of_the_log_is_told_so_and_goes_on(client: Client, room: str) -> None:
    epoch = fill(client, room, 2)
    loss, *heard = client.read(room, 3, 100, epoch)
    assert loss == Loss(epoch, 0)
    assert seqs(heard) == [1, 2]


def test_a_cursor_of_another_epoch_is_told_so_and_goes_on(client: Client, room: str) -> None:
    epoch = fill(client, room, 2)
    for after in (0, 1, 2, 100):
        loss, *heard = client.read(room, 3, after, "0ther")
        assert loss == Loss(epoch, 0)
        assert seqs(heard) == [1, 2]


def test_a_message_published_while_a_client_subscribes_is_heard(
    server: Server, connect: Connect, client: Client, room: str
) -> None:
    """One message at a time and no other after it, so that nothing later can wake a client that missed it."""
    publisher, epoch = connect(server), fill(client, room, 1)
    together = threading.Barrier(2)

    def subscribe(after: int) -> list[int]:
        together.wait(PATIENCE)
        return seqs(client.read(room, 1, after, epoch))

    with ThreadPoolExecutor() as pool:
        for after in range(1, 1 + RACES):
            listening = pool.submit(subscribe, after)
            together.wait(PATIENCE)
            assert publisher.send(room, draft(after + 1)).seq == after + 1
            assert listening.result(PATIENCE) == [after + 1]


def test_those_who_come_while_others_send_hear_all_of_it(
    server: Server, connect: Connect, client: Client, room: str
) -> None:
    def publish(sender: str) -> None:
        sending = connect(server)
        for number in range(20):
            assert sending.send(room, draft(number, sender=sender)).accepted

    with ThreadPoolExecutor(max_workers=SUBSCRIBERS + 2) as pool:
        publishing = [pool.submit(publish, sender) for sender in ("Ada", "Bob")]
        listening = [pool.submit(client.read, room, 40) for _ in range(SUBSCRIBERS)]
        for publisher in publishing:
            publisher.result(PATIENCE)
        logs = [listener.result(PATIENCE) for listener in listening]
    assert seqs(logs[0]) == list(range(1, 41))
    assert all(log == logs[0] for log in logs)


def test_rooms_do_not_mix(client: Client, room: str) -> None:
    for number in range(3):
        for other in ("a", "b"):
            assert client.send(f"{room}-{other}", draft(number, text=other)).seq == number + 1
    for other in ("a", "b"):
        assert {message["text"] for message in client.read(f"{room}-{other}", 3)} == {other}


def test_any_text_arrives_as_it_was_sent(client: Client, room: str) -> None:
    for number, text in enumerate(UNICODE):
        assert client.send(room, draft(number, text)).accepted
    assert [message["text"] for message in client.read(room, len(UNICODE))] == UNICODE


def test_the_longest_message_allowed_is_taken(client: Client, room: str) -> None:
    longest = {"id": "i" * 64, "sender": "s" * 64, "text": "x" * 4000}
    assert client.send(room, longest).seq == 1
    (message,) = client.read(room, 1)
    assert {name: message[name] for name in longest} == longest


def test_what_is_not_a_message_is_refused_by_name_and_the_client_goes_on(
    client: Client, room: str, subtests: pytest.Subtests
) -> None:
    for name, (text, status, word) in REFUSED.items():
        with subtests.test(name):
            answer = client.send_raw(room, text)
            assert answer.status == status
            assert word in answer.reason
            assert client.send(room, draft(1)).seq == 1


def test_a_cursor_that_makes_no_sense_is_refused(client: Client, room: str, subtests: pytest.Subtests) -> None:
    for after, epoch in [*((after, "e") for after in BAD_CURSORS), ("1", None), ("1", "")]:
        with subtests.test(after=after):
            answer = client.server.request("GET", client.reading(room, after, epoch), headers=client.headers)
            assert answer.status == 400
            assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("name", ["Room", "a_b", "a" * 65, "a%20b", "a%0A", "%F0%9F%91%8B", ""])
def test_what_is_not_a_room_name_is_not_found(client: Client, name: str) -> None:
    assert client.server.request("GET", client.reading(name), headers=client.headers).status == 404


def test_a_wrong_method_is_not_allowed(client: Client, room: str) -> None:
    for method in ("PUT", "DELETE", "PATCH"):
        answer = client.server.request(method, client.reading(room))
        assert answer.status == 405
        assert "GET" in answer.headers["Allow"]
        assert answer.json["status"] == 405
