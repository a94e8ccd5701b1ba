"""loadtests/frames.py: the same texts and answers as the sans-IO protocol of `websockets` alone, however it is cut."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Close, Frame, Opcode
from websockets.protocol import CLIENT, OPEN, SERVER, Protocol
from websockets.uri import parse_uri

from loadtests.frames import Frames


def client(*extensions: PerMessageDeflate) -> ClientProtocol:
    """A protocol as it is after its handshake."""
    protocol = ClientProtocol(parse_uri("ws://unused"), state=OPEN, max_size=None)
    protocol.extensions = list(extensions)
    return protocol


def compression() -> PerMessageDeflate:
    return PerMessageDeflate(False, False, 15, 15)


class Alone:
    """All bytes through the sans-IO protocol: what ours must agree with."""

    def __init__(self, *extensions: PerMessageDeflate) -> None:
        self.protocol = Protocol(CLIENT, max_size=None)
        self.protocol.extensions = list(extensions)
        self.text: bytes | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        self.protocol.receive_data(data)
        for frame in self.protocol.events_received():
            if frame.opcode in (Opcode.TEXT, Opcode.BINARY):
                self.text = b"" if frame.opcode is Opcode.TEXT else None
            if frame.opcode in (Opcode.TEXT, Opcode.CONT) and self.text is not None:
                self.text += frame.data
                if frame.fin:
                    yield self.text
                    self.text = None

    def answers(self) -> list[Frame]:
        return read_back(b"".join(self.protocol.data_to_send()))


def read_back(data: bytes) -> list[Frame]:
    """The frames that a client wrote; their masks, which are random, are off."""
    server = Protocol(SERVER, max_size=None)
    server.receive_data(data)
    return [frame for frame in server.events_received() if isinstance(frame, Frame)]


def wire(*frames: Frame) -> bytes:
    return b"".join(frame.serialize(mask=False) for frame in frames)


texts = st.one_of(st.binary(max_size=200), st.sampled_from([125, 126, 127, 65_535, 65_536]).map(bytes))
plain = st.builds(Frame, st.just(Opcode.TEXT), texts)
control = st.builds(Frame, st.sampled_from([Opcode.PING, Opcode.PONG]), st.binary(max_size=125))
binary = st.builds(Frame, st.just(Opcode.BINARY), texts)


@st.composite
def fragmented(draw: st.DrawFn) -> list[Frame]:
    """A message in pieces, with control frames between them."""
    opcode = draw(st.sampled_from([Opcode.TEXT, Opcode.BINARY]))
    pieces = [Frame(opcode, draw(texts), fin=False)]
    for _ in range(draw(st.integers(0, 3))):
        pieces += [*draw(st.lists(control, max_size=1)), Frame(Opcode.CONT, draw(st.binary(max_size=50)), fin=False)]
    return [*pieces, Frame(Opcode.CONT, draw(st.binary(max_size=50)))]


proper = st.one_of(plain.map(lambda frame: [frame]), (control | binary).map(lambda frame: [frame]), fragmented())
streams = st.lists(proper, max_size=8).map(lambda groups: wire(*(frame for group in groups for frame in group)))
ends = st.one_of(
    st.just(b""),
    st.builds(lambda code: wire(Frame(Opcode.CLOSE, Close(code, "").serialize())), st.sampled_from([1000, 1012])),
    st.binary(max_size=20),  # whatever it is
)
cuts = st.lists(st.integers(0, 1000), max_size=12)


def pieces(stream: bytes, cuts: list[int]) -> Iterator[bytes]:
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    return (stream[a:b] for a, b in pairwise(edges))


@given(stream=streams, end=ends, after=streams, cuts=cuts)
def test_any_stream_cut_anywhere_gives_what_the_protocol_alone_gives(
    stream: bytes, end: bytes, after: bytes, cuts: list[int]
) -> None:
    ours, alone = Frames(client()), Alone()
    expected, found, answer = [], [], b""
    for piece in pieces(stream + end + after, cuts):
        expected += alone.feed(piece)
        found += ours.feed(piece)
        answer += ours.answer
        ours.answer = b""
    assert found == expected
    assert read_back(answer) == alone.answers()
    assert ours.open == (alone.protocol.state is OPEN)


@given(stream=st.lists(plain, max_size=8), cuts=cuts)
def test_compressed_frames_are_all_left_to_the_protocol(stream: list[Frame], cuts: list[int]) -> None:
    packer = compression()
    data = b"".join(frame.serialize(mask=False, extensions=[packer]) for frame in stream)
    ours = Frames(client(compression()))
    assert [text for piece in pieces(data, cuts) for text in ours.feed(piece)] == [frame.data for frame in stream]


def test_the_protocol_is_there_only_while_it_is_needed() -> None:
    frames = Frames(client())
    assert frames.feed(wire(Frame(Opcode.TEXT, b"one"))) == (b"one",) and frames.protocol is None
    frames.feed(wire(Frame(Opcode.PING, b"there?")))
    assert frames.protocol is None and read_back(frames.answer) == [Frame(Opcode.PONG, b"there?")]
    frames.feed(wire(Frame(Opcode.TEXT, b"two, ", fin=False)))
    assert frames.protocol is not None
    assert frames.feed(wire(Frame(Opcode.CONT, b"three"))) == [b"two, three"] and frames.protocol is None
    frames.feed(wire(Frame(Opcode.CLOSE, b"")))
    assert frames.protocol is not None and not frames.open


@pytest.mark.parametrize("extensions", [(), (compression(),)])
def test_a_text_is_written_as_the_protocol_writes_it_until_the_connection_closes(
    extensions: tuple[PerMessageDeflate, ...],
) -> None:
    frames = Frames(client(*extensions))
    server = Protocol(SERVER)
    server.extensions = [compression()] if extensions else []
    server.receive_data(frames.encode(b"hello") + frames.close(1000) + frames.encode(b"too late") + frames.close(1000))
    assert [(frame.opcode, frame.data) for frame in server.events_received()] == [
        (Opcode.TEXT, b"hello"),
        (Opcode.CLOSE, Close(1000, "").serialize()),
    ]
