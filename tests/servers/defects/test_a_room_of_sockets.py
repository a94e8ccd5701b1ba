"""What a WebSocket does wrong in its first version, where one client meets another."""

import threading
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.processes import PATIENCE
from tests.servers.conformance import wire
from tests.servers.defects.places import Place
from tests.servers.defects.raw import NotAFrame, WebSocket, says_something

QUIET = 1.0  # seconds, after which the room is silent because it waits for somebody
LONG = "\N{WAVING HAND SIGN}" * 3900  # nearly the longest text that our server takes
PLENTY = 400  # of them: more than the kernel keeps for a reader that stalls, which is some MB

MORE = 400  # of them: the kernel takes most in parts, and another breaks into one in thirty


class Room:
    """Who is there, in the order in which the minimal server tells them what was said."""

    def __init__(self, place: Place) -> None:
        self.silence = place.sees(minimal=QUIET, mended=PATIENCE)  # seconds
        self.server = place.start("websocket", "--heartbeat", 60)
        self.witness, self.stalled, self.listener, self.ada, self.bob = self.members = [
            WebSocket.in_the_room(self.server, name, receive_buffer=4096 * (name == "stalled"))
            for name in ("witness", "stalled", "listener", "Ada", "Bob")
        ]
        for member in self.members[:-1]:
            member.heard_until("Bob is here")

    def is_silenced(self) -> bool:
        """Whether Ada can talk until the listener is told nothing more. The one that stalls reads nothing."""
        for n in range(PLENTY):
            self.ada.say(f"{n} {LONG}")
            self.witness.heard_until(f"{n} {LONG}")
            if not says_something(self.listener.socket, within=self.silence):
                return True
            for reader in (self.listener, self.ada, self.bob):
                reader.heard_until(f"{n} {LONG}")
        return False

    def reads(self, *members: WebSocket) -> None:
        """They read whatever comes, from now on."""
        for member in members:
            threading.Thread(target=member.discard, daemon=True).start()


@pytest.fixture
def room(place: Place) -> Iterator[Room]:
    room = Room(place)
    yield room
    for member in room.members:
        member.close()


def test_a_reader_that_stalls_silences_the_room(place: Place, room: Room) -> None:
    assert room.is_silenced() == place.sees(minimal=True, mended=False)


def test_who_waits_for_a_reader_says_what_another_has_said(place: Place, room: Room) -> None:
    """`log[-1]`, asked for once for each client, is by then another's: to who is next, one is said twice, one never."""
    assert room.is_silenced() == place.is_minimal
    room.bob.say("Bob's")
    room.witness.heard_until("Bob's")
    room.reads(room.stalled)
    for _ in range(place.sees(minimal=2, mended=1)):
        room.listener.heard_until("Bob's")
    room.ada.say("over")
    for member in (room.witness, room.listener):
        member.heard_until("over")
    missed = [text for text in room.witness.heard if LONG in text and text not in room.listener.heard]
    twice = [text for text, count in Counter(room.listener.heard).items() if count > 1]
    assert (len(missed), twice) == place.sees(minimal=(1, ["Bob's"]), mended=(0, []))


def test_two_who_write_to_one_socket_break_its_frames(place: Place, room: Room) -> None:
    """The library's `send` takes no lock: while one waits for the reader amid a frame, another writes."""
    assert room.is_silenced() == place.is_minimal
    room.reads(room.witness, room.listener, room.ada, room.bob)
    for n in range(MORE):
        room.ada.say(f"Ada's {n} {LONG}")
        room.bob.say(f"Bob's {n} {LONG}")
    room.ada.say("over")
    assert is_broken(room.stalled) == place.sees(minimal=True, mended=False)


def test_a_pong_lands_inside_a_message(place: Place, room: Room) -> None:
    """It is sent by the thread that reads, which does not wait for the one that writes."""
    assert room.is_silenced() == place.is_minimal
    room.reads(room.witness, room.listener, room.ada, room.bob)
    for n in range(MORE):
        room.ada.say(f"Ada's {n} {LONG}")
    room.ada.say("over")
    assert is_broken(room.stalled, says=wire.ping(b"are you there?")) == place.sees(minimal=True, mended=False)


def is_broken(reader: WebSocket, says: bytes = b"") -> bool:
    """Whether what it finds, as it reads on and says this after each message, are no frames, or no messages in them."""
    try:
        while next(reader.texts()) != "over":
            reader.socket.sendall(says)
    except NotAFrame:
        return True
    return False


def test_who_left_takes_the_next_speaker_along(place: Place, room: Room) -> None:
    """A socket that was closed stays in the list, and to send to it ends the handler of whoever speaks."""
    room.witness.socket.sendall(wire.close(1000))
    room.witness.discard()
    room.bob.say("good night")
    assert room.bob.outcome() == place.sees(minimal=1000, mended="message")
    assert says_something(room.listener.socket, within=room.silence) == place.sees(minimal=False, mended=True)
