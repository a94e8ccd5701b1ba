"""Thousands of clients in one process: non-blocking sockets on one epoll, that listen to one room."""

import json
import select
import socket
import time
from array import array
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress

from tests.processes import PATIENCE, Server
from tests.servers.conformance.wire import text
from tests.servers.crowds.manners import Manner, WebSocket

AT_ONCE = 100  # who come, and are not yet let in
TAKEN = 65_536  # bytes to read at a time
READY = select.EPOLLIN | select.EPOLLRDHUP


class Member:
    """One client. `lost` is when its connection ended, by the monotonic clock in ns."""

    def __init__(self, manner: Manner, room: str, address: tuple[str, int]) -> None:
        self.manner, self.lost = manner, 0
        self.sock = socket.create_connection(address, 5)
        self.sock.setblocking(False)
        self.sock.sendall(manner.opening(room))


class Crowd:
    """Who listens to a room. `heard` has, for the id of each message, when it came to each of them, in ns."""

    def __init__(self, server: Server, kind: type[Manner], room: str) -> None:
        self.server, self.kind, self.room = server, kind, room
        self.poll = select.epoll()
        self.members: dict[int, Member] = {}
        self.speakers: dict[int, socket.socket] = {}  # whose requests are on their way
        self.gone: list[Member] = []  # whose connection the server ended
        self.heard: defaultdict[bytes, array[int]] = defaultdict(lambda: array("q"))

    def __len__(self) -> int:
        return len(self.members)

    def add(self) -> Member:
        member = Member(self.kind(), self.room, self.server.address)
        self.members[member.sock.fileno()] = member
        self.poll.register(member.sock, READY)
        return member

    def come(self, count: int) -> None:
        """Let so many more connect, each as soon as there is room for it at the door; return when all are in."""
        waiting: list[Member] = []
        while count or waiting:
            for _ in range(min(count, AT_ONCE - len(waiting))):
                waiting.append(self.add())
                count -= 1
            self.turn(1)
            waiting = [member for member in waiting if not member.manner.joined]

    def turn(self, timeout: float) -> None:
        """Hear what has come by now, or comes within `timeout` seconds."""
        for number, _ in self.poll.poll(timeout):
            if member := self.members.get(number):
                self.hear(member)
            else:
                self.finish(number)

    def hear(self, member: Member) -> None:
        data = b""
        with suppress(ConnectionError):
            data = member.sock.recv(TAKEN)
        at = time.monotonic_ns()
        if not data:
            member.lost = at
            self.drop(member)
            self.gone.append(member)
            return
        for id in member.manner.hear(data):
            self.heard[id].append(at)
        if member.manner.reply:
            with suppress(ConnectionError):
                member.sock.sendall(member.manner.reply)
            member.manner.reply = b""

    def finish(self, number: int) -> None:
        """A speaker's answer has come. What it is shows in what is heard."""
        with suppress(ConnectionError):
            if self.speakers[number].recv(TAKEN):
                return
        self.poll.unregister(number)
        self.speakers.pop(number).close()

    def drop(self, member: Member) -> None:
        del self.members[member.sock.fileno()]
        self.poll.unregister(member.sock)
        member.sock.close()

    def during(self, seconds: float, *others: "Crowd") -> None:
        """Go on listening for so long, and these others too."""
        crowds, ears = {crowd.poll.fileno(): crowd for crowd in (self, *others)}, select.poll()
        for number in crowds:
            ears.register(number, select.POLLIN)
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            for number, _ in ears.poll(left * 1000):
                crowds[number].turn(0)

    def until(self, condition: Callable[[], bool], patience: float) -> None:
        """Go on listening until the condition holds."""
        end = time.monotonic() + patience
        while not condition():
            assert time.monotonic() < end, "it never came true"
            self.turn(0.1)

    def until_all_are_held(self) -> None:
        """Go on until the server holds a request of each."""
        itself = 1  # who asks how many
        self.until(lambda: self.server.metric("polls_apart_in_flight") == len(self) + itself, PATIENCE)

    def until_all_heard(self, id: bytes, patience: float = 60) -> None:
        self.until(lambda: len(self.heard[id]) >= len(self), patience)

    def say(self, id: bytes, words: str = "hello") -> None:
        """Send a message to the room: by the first of its WebSockets, or by a request of its own."""
        draft = {"id": id.decode(), "sender": "crowd", "text": words}
        if self.kind is WebSocket:
            next(iter(self.members.values())).sock.sendall(text(json.dumps({"type": "send", **draft}).encode()))
            return
        speaker, body = socket.create_connection(self.server.address, 5), json.dumps(draft)
        speaker.sendall(
            f"POST /rooms/{self.room}/messages HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        speaker.setblocking(False)
        self.speakers[speaker.fileno()] = speaker
        self.poll.register(speaker, READY)

    def leave(self) -> None:
        """All hang up."""
        for member in list(self.members.values()):
            self.drop(member)

    def __enter__(self) -> "Crowd":
        return self

    def __exit__(self, *failure: object) -> None:
        self.leave()
        for speaker in self.speakers.values():
            speaker.close()
        self.poll.close()
