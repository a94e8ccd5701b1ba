"""Server-sent events over a real connection, on each engine, byte by byte."""

import http.client
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.processes import PATIENCE, Server, until
from tests.servers.contract.clients import Sse

SENDING, PATH = "/sse/rooms/{}/messages", "/sse/rooms/{}/events"


@contextmanager
def stream(server: Server, path: str, **headers: str) -> Iterator[http.client.HTTPResponse]:
    """An open stream; its first three lines are those of the opening."""
    connection = server.connect()
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    yield connection.getresponse()
    connection.close()


def lines(response: http.client.HTTPResponse, count: int) -> list[bytes]:
    return [response.readline() for _ in range(count)]


def send(server: Server, room: str, *texts: str) -> str:
    """Send messages with the ids 1, 2, 3 …; returns the epoch."""
    for number, text in enumerate(texts, start=1):
        draft = {"id": str(number), "sender": "Ada", "text": text}
        answer = server.request("POST", SENDING.format(room), draft)
        assert answer.status == 201
    return answer.json["epoch"]


def test_a_stream_opens_with_a_bare_id_and_a_jittered_retry(site: Server, room: str) -> None:
    retries = set()
    for _ in range(5):
        with stream(site, PATH.format(room)) as response:
            assert response.status == 200
            assert response.headers["Content-Type"].split(";")[0] == "text/event-stream"
            assert response.headers["Cache-Control"] == "no-store"
            assert response.headers["X-Accel-Buffering"] == "no"
            id, retry, end = lines(response, 3)
            assert (id, end) == (b"id:\n", b"\n")
            retries.add(int(re.fullmatch(rb"retry: (\d+)\n", retry)[1]))
    assert all(1800 <= retry <= 2200 for retry in retries) and len(retries) > 1


def test_a_message_is_an_event_of_an_id_and_a_line_of_data(site: Server, room: str) -> None:
    epoch = send(site, room, "hello", "again")
    with stream(site, PATH.format(room)) as response:
        received = lines(response, 9)[3:]
    for number, (id, data, end) in enumerate((received[:3], received[3:]), start=1):
        assert (id, end) == (f"id: {epoch}-{number}\n".encode(), b"\n")
        assert data.startswith(b'data: {"seq":%d,"id":"%d",' % (number, number))


def test_a_comment_comes_when_nothing_else_does(brisk: Server, room: str) -> None:
    with stream(brisk, PATH.format(room)) as response:
        assert lines(response, 7)[3:] == [b":\n", b"\n", b":\n", b"\n"]


def test_text_cannot_forge_an_event(site: Server, room: str) -> None:
    texts = ["\n\nid: forged", "\r\rid: forged", "\r\n\r\nevent: reset", "data: x\n\n", "\u2028\u0085id: forged"]
    send(site, room, *texts)
    with stream(site, PATH.format(room)) as response:
        received = lines(response, 3 + 3 * len(texts))[3:]
    assert all(b"\r" not in line for line in received)
    assert [line[:4] for line in received] == [b"id: ", b"data", b"\n"] * len(texts)


@pytest.mark.parametrize("forgery", [b"a-1\rdata: forged\r", b"a-1\ndata: forged", b"a-1\r\n data: forged", b"a\0-1"])
def test_a_last_event_id_cannot_forge_an_event(site: Server, room: str, forgery: bytes) -> None:
    with socket.create_connection((site.host, site.port), PATIENCE) as connection:
        request = b"GET %s HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: %s\r\n\r\n"
        connection.sendall(request % (PATH.format(room).encode(), forgery))
        answer = connection.recv(65536)
        if answer.startswith(b"HTTP/1.1 200"):
            while b"event: reset" not in answer:
                answer += connection.recv(65536)
    assert b"forged" not in answer
    assert answer.split()[1] in (b"200", b"400")


def test_the_last_event_id_wins_over_the_query(site: Server, room: str) -> None:
    epoch = send(site, room, "one", "two", "three")
    for query in ("", "?after=0", f"?after=3&epoch={epoch}", "?after=1&epoch=another"):
        with stream(site, PATH.format(room) + query, Last_Event_ID=f"{epoch}-2") as response:
            assert lines(response, 4)[3] == f"id: {epoch}-3\n".encode()


def test_an_empty_last_event_id_is_none(site: Server, room: str) -> None:
    epoch = send(site, room, "one", "two")
    with stream(site, PATH.format(room) + f"?after=1&epoch={epoch}", Last_Event_ID="") as response:
        assert lines(response, 4)[3] == f"id: {epoch}-2\n".encode()


@pytest.mark.parametrize("last", ["another-1", "another-0", "a-b-7"])
def test_a_last_event_id_of_another_epoch_is_a_reset_and_it_goes_on(site: Server, room: str, last: str) -> None:
    epoch = send(site, room, "one")
    with stream(site, PATH.format(room), Last_Event_ID=last) as response:
        assert response.status == 200
        event, id, data, end, first = lines(response, 8)[3:]
    assert (event, id, end) == (b"event: reset\n", f"id: {epoch}-0\n".encode(), b"\n")
    assert data == b'data: {"epoch":"%s","cursor":0}\n' % epoch.encode()
    assert first == f"id: {epoch}-1\n".encode()


@pytest.mark.parametrize("last", ["nonsense", "-", "a-", "-1", "a-x", "a-1.5"])
def test_a_last_event_id_that_makes_no_sense_is_refused(site: Server, room: str, last: str) -> None:
    assert site.request("GET", PATH.format(room), headers={"Last-Event-ID": last}).status == 400


def test_a_reader_that_stops_is_cut_and_goes_on_by_its_last_event_id(brisk: Server, room: str) -> None:
    last, cuts, publisher = 0, brisk.metric("polls_apart_cuts_total"), Sse(brisk)
    with stream(brisk, PATH.format(room)) as response:
        epoch = publisher.send(room, {"id": "first", "sender": "Ada", "text": "hello"}).epoch
        while brisk.metric("polls_apart_cuts_total") == cuts:
            for _ in range(50):
                last = publisher.send(room, {"id": f"id-{last}", "sender": "Ada", "text": "x" * 4000}).seq
        received = b""
        with suppress(http.client.IncompleteRead, ConnectionError):
            while line := response.readline():
                received += line
    heard = [int(seq) for seq in re.findall(rb"^id: \w+-(\d+)\ndata: .*\n\n", received, re.MULTILINE)]
    assert heard == list(range(1, len(heard) + 1)) and len(heard) < last
    rest = publisher.read(room, last - len(heard), len(heard), epoch)
    assert [message["seq"] for message in rest] == list(range(len(heard) + 1, last + 1))


def test_an_answer_in_http_1_0_has_no_chunks(brisk: Server, room: str) -> None:
    send(brisk, room, "hello")
    with socket.create_connection((brisk.host, brisk.port), PATIENCE) as connection:
        connection.sendall(f"GET {PATH.format(room)} HTTP/1.0\r\n\r\n".encode())
        received = b""
        while b"\n:\n" not in received:
            received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"chunked" not in head.lower()
    assert re.fullmatch(rb"id:\nretry: \d+\n\nid: \w+-1\ndata: \{.*\}\n\n(:\n\n)+", body)


def test_a_client_that_goes_away_leaves_nothing_behind(brisk: Server, room: str) -> None:
    for _ in range(5):
        with stream(brisk, PATH.format(room)) as response:
            lines(response, 3)
    until(lambda: brisk.metric("polls_apart_in_flight") == 1)
