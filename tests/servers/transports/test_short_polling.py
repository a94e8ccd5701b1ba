"""Short polling over a real connection, on each engine."""

from tests.processes import Server
from tests.servers.contract.clients import JSON

PATH = "/short-polling/rooms/{}/messages"


def test_polls_and_sends_share_one_connection(site: Server, room: str) -> None:
    connection = site.connect()
    connection.connect()
    socket, path = connection.sock, PATH.format(room)
    for number in range(3):
        body = b'{"id": "%d", "sender": "Ada", "text": "hello"}' % number
        connection.request("POST", path, body, JSON)
        assert connection.getresponse().read()
        connection.request("GET", path)
        assert connection.getresponse().read().count(b'"seq"') == number + 1
    assert connection.sock is socket, "the connection was kept"
    connection.close()


def test_it_answers_at_once_without_news(site: Server, room: str) -> None:
    answer = site.request("GET", PATH.format(room))
    assert (answer.status, answer.json["messages"]) == (200, [])


def test_a_304_keeps_the_connection_open(site: Server, room: str) -> None:
    connection, path = site.connect(), PATH.format(room)
    connection.request("GET", path)
    first = connection.getresponse()
    first.read()
    for _ in range(2):
        connection.request("GET", path, headers={"If-None-Match": first.headers["ETag"]})
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (304, b"")
    connection.close()


def test_a_body_over_64_kib_is_refused_also_in_chunks(site: Server, room: str) -> None:
    whole = site.request("POST", PATH.format(room), b"x" * 70_000, JSON)
    chunks = site.request("POST", PATH.format(room), iter([b"x" * 7_000] * 10), JSON)
    assert (whole.status, chunks.status) == (413, 413)


def test_a_body_in_chunks_is_read(site: Server, room: str) -> None:
    chunks = iter([b'{"id": "a", "sen', b'der": "b", "text"', b': "c"}'])
    assert site.request("POST", PATH.format(room), chunks, JSON).status == 201
