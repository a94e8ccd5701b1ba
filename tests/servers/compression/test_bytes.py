"""What is deflated, what is agreed to, and how far a message inflates."""

import zlib
from random import Random

import pytest
from wsproto.frame_protocol import CloseReason, FrameDecoder, FrameProtocol, Opcode, RsvBits

from servers import compression, pump
from servers.message import Draft
from servers.stores import open_store
from servers.transports import websocket
from tests.servers.compression.conftest import ALONE, PROSE
from tests.servers.test_pump import Box


@pytest.mark.parametrize("data", [b"", b"a", b"words and words " * 5000, Random(1).randbytes(70_000)])
def test_deflated_blocks_may_follow_any_others(data: bytes) -> None:
    other = compression.deflated(b"words of another message")
    packed = compression.deflated(data)
    assert packed.endswith(compression.TAIL)
    assert zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed) == data
    assert zlib.decompressobj(-compression.WINDOW).decompress(packed + other + packed) == (
        data + b"words of another message" + data
    )
    stream = compression.GZIP_HEAD + other + packed
    assert zlib.decompressobj(31).decompress(stream) == b"words of another message" + data


@pytest.mark.parametrize(
    ("offers", "agreed"),
    [
        ("permessage-deflate", ALONE),
        ("permessage-deflate; client_max_window_bits", ALONE),
        ("permessage-deflate;client_max_window_bits=10", ALONE),
        ('permessage-deflate; client_max_window_bits="15"', ALONE),
        ("permessage-deflate; server_no_context_takeover; client_no_context_takeover", ALONE),
        ("permessage-deflate; server_max_window_bits=15", f"{ALONE}; server_max_window_bits=12"),
        ("permessage-deflate; server_max_window_bits=12", f"{ALONE}; server_max_window_bits=12"),
        ("permessage-deflate; server_max_window_bits=11, permessage-deflate", ALONE),
        ("x-webkit-deflate-frame, permessage-deflate; client_max_window_bits", ALONE),
        ("", ""),
        ("x-webkit-deflate-frame", ""),
        ("permessage-deflate; server_max_window_bits=9", ""),
        ("permessage-deflate; server_max_window_bits", ""),
        ("permessage-deflate; server_max_window_bits=16", ""),
        ("permessage-deflate; client_max_window_bits=7", ""),
        ("permessage-deflate; client_max_window_bits=012", ""),
        ("permessage-deflate; client_max_window_bits; client_max_window_bits=10", ""),
        ("permessage-deflate; server_no_context_takeover=1", ""),
        ("permessage-deflate; mystery", ""),
        ("permessage-deflate-2", ""),
        (";;,=,", ""),
    ],
)
def test_only_an_offer_that_can_be_kept_is_agreed_to(offers: str, agreed: str) -> None:
    assert compression.negotiated(offers) == agreed


def test_a_message_is_compressed_once_for_a_room(monkeypatch: pytest.MonkeyPatch) -> None:
    packed: list[bytes] = []
    deflated = compression.deflated
    monkeypatch.setattr(compression, "deflated", lambda data: packed.append(data) or deflated(data))
    store = open_store("memory", 100)
    room = pump.Pump(store, "room", websocket.DEFLATED, (store.epoch, 0), lambda seconds: None)
    boxes = [Box((store.epoch, 0)) for _ in range(50)]
    room.followers.update(boxes)
    for box in boxes:
        room.join(box)
    store.append("room", Draft("id", "Ada", PROSE))
    room._turn()
    assert len(packed) == 1
    (piece,) = {id(box.pieces[0]): box.pieces[0] for box in boxes}.values()
    assert piece[0] == 0xC1 and all(len(box.pieces) == 1 for box in boxes)


def inflate(*frames: bytes, limit: int = 100) -> bytes | CloseReason:
    """What the extension makes of a message's frames."""
    extension, decoder = compression.Inflating(limit), FrameDecoder(client=False)
    out = b""
    for n, frame in enumerate(frames):
        opcode = Opcode.TEXT if n == 0 else Opcode.CONTINUATION
        assert extension.frame_inbound_header(decoder, opcode, RsvBits(n == 0, False, False), len(frame))
        for data in (
            extension.frame_inbound_payload_data(decoder, frame),
            extension.frame_inbound_complete(decoder, n == len(frames) - 1) or b"",
        ):
            if isinstance(data, CloseReason):
                return data
            out += data
    assert extension._inflater is None, "nothing is kept"
    return out


def test_a_message_may_inflate_to_the_limit_and_no_further() -> None:
    def packed(size: int) -> bytes:
        return compression.deflated(b"x" * size)[:-4]

    assert inflate(packed(100)) == b"x" * 100
    assert inflate(packed(100)[:5], packed(100)[5:], b"") == b"x" * 100
    assert inflate(packed(101)) == inflate(packed(10**7)) == CloseReason.MESSAGE_TOO_BIG
    assert inflate(packed(101)[:5], packed(101)[5:]) == CloseReason.MESSAGE_TOO_BIG
    assert inflate(b"\xff\xff\xff") == CloseReason.INVALID_FRAME_PAYLOAD_DATA


def test_the_library_asks_for_this_extension() -> None:
    import simple_websocket.ws

    import servers.connections  # noqa: F401  # which sees to it

    assert "Inflating" in simple_websocket.ws.PerMessageDeflate.__code__.co_names
    assert not FrameProtocol(client=False, extensions=[compression.Inflating(1)]).extensions, "until it is agreed"
