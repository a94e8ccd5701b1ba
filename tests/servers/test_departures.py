"""A held poll whose client goes: it ends at once, or as good as, and not when its hold is over."""

import socket

from tests.processes import PATIENCE, Server, until

QUESTION = "GET /long-polling/rooms/{}/messages HTTP/1.1\r\nHost: localhost\r\n\r\n"  # held for 25 s


def held(site: Server, room: str) -> socket.socket:
    """A connection whose poll is held."""
    until(lambda: in_flight(site) == 0)
    connection = socket.create_connection(site.address, PATIENCE)
    connection.sendall(QUESTION.format(room).encode())
    until(lambda: in_flight(site) == 1)
    return connection


def in_flight(site: Server) -> float:
    itself = 1  # who asks
    return site.metric("polls_apart_in_flight") - itself


def test_a_poll_is_held_no_longer_when_its_client_hangs_up(site: Server, room: str) -> None:
    held(site, room).close()
    until(lambda: in_flight(site) == 0)


def test_who_says_no_more_but_still_listens_is_answered(site: Server, room: str) -> None:
    with held(site, room) as connection:
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 200 ") and b'"messages":[]' in answer


def test_a_connection_is_watched_anew_for_each_of_its_polls(site: Server, room: str) -> None:
    with held(site, room) as connection:
        for number in range(3):
            draft = {"id": str(number), "sender": "Ada", "text": "hello"}
            assert site.request("POST", f"/long-polling/rooms/{room}/messages", draft).status == 201
            answer = b""
            while f'"seq":{number + 1}'.encode() not in answer:
                answer += connection.recv(4096)
            epoch = site.request("GET", f"/short-polling/rooms/{room}/messages").json["epoch"]
            question = QUESTION.format(room).replace("messages ", f"messages?after={number + 1}&epoch={epoch} ")
            connection.sendall(question.encode())
            until(lambda: in_flight(site) == 1)
    until(lambda: in_flight(site) == 0)
