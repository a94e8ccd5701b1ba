"""Rows of the table: framing, pings, reserved bits and opcodes, fragments, lengths, masks, extensions.

Families 1 to 5, 9, 10, 12 and 13 of the Autobahn test suite; where that has an echo, a send and its ack stand here.
"""

from collections.abc import Iterator

from tests.servers.conformance.wire import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    Ack,
    Case,
    Closed,
    Pong,
    Refusal,
    Talk,
    bare,
    binary,
    chopped,
    close,
    fragments,
    frame,
    head,
    ping,
    pong,
    send,
    text,
)

SIZES = (125, 126, 127, 128, 65_535, 65_536)
MOST = 65_536  # bytes of a message
HELLO = text(send())
BAD, WRONG, FAR = Closed(1002), Closed(1003), Closed(1009)
LETTERS = b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff"  # what Autobahn puts into a binary ping
HALVES = (send()[:20], send()[20:])


def messages() -> Iterator[Case]:
    yield Case("1.1.1", "a text of 0 bytes is not JSON", (text(b""), Refusal(400)))
    for n, size in enumerate(SIZES, start=2):
        yield Case(f"1.1.{n}", f"a text of {size:,} bytes", (text(send(size=size)), Ack()))
    yield Case("1.1.8", "the longest text in pieces of 997 bytes", (*chopped(text(send(size=MOST)), 997), Ack()))
    yield Case("1.2.1", "a binary message of 0 bytes", (binary(b""), WRONG))
    for n, size in enumerate(SIZES, start=2):
        yield Case(f"1.2.{n}", f"a binary message of {size:,} bytes", (binary(b"\xfe" * size), WRONG))
    yield Case(
        "1.2.8", "a long binary message, a byte at a time, of which the first suffice", (binary(b"x")[:3], WRONG)
    )
    yield Case("B.1", "a text of 1 byte", (text(b"x"), Refusal(400)))
    yield Case("B.2", "a text of 128 bytes, a byte at a time", (*chopped(text(send(size=128))), Ack()))
    yield Case("B.3", "two texts in one piece", (HELLO + text(send(id="b")), Ack("a"), Ack("b")))
    yield Case("B.4", "a text and half of another, then the rest", (HELLO + HELLO[:9], Ack(), HELLO[9:], Ack()))
    yield Case("B.5", "a binary message that holds a send", (binary(send()), WRONG))
    yield Case("B.6", "a binary message in fragments", (binary(b"x", fin=False), WRONG))
    yield Case("B.7", "a text, then a binary message", (HELLO, Ack(), binary(b"x"), WRONG))


def pings() -> Iterator[Case]:
    yield Case("2.1", "a ping without a payload", (ping(), Pong()))
    yield Case("2.2", "a ping with a text", (ping(b"Hello, world!"), Pong(b"Hello, world!")))
    yield Case("2.3", "a ping with bytes that are not UTF-8", (ping(LETTERS), Pong(LETTERS)))
    yield Case("2.4", "a ping with 125 bytes", (ping(b"\xfe" * 125), Pong(b"\xfe" * 125)))
    yield Case("2.5", "a ping with 126 bytes", (ping(b"\xfe" * 126), BAD))
    yield Case("2.6", "a ping with 125 bytes, one at a time", (*chopped(ping(b"\xfe" * 125)), Pong(b"\xfe" * 125)))
    yield Case("2.7", "a pong that nobody asked for", (pong(),))
    yield Case("2.8", "the same with a payload", (pong(b"unasked"),))
    yield Case("2.9", "the same, and then a ping", (pong(b"unasked") + ping(b"asked"), Pong(b"asked")))
    payloads = [b"payload-%d" % n for n in range(10)]
    ten, answers = b"".join(map(ping, payloads)), tuple(map(Pong, payloads))
    yield Case("2.10", "ten pings", (ten, *answers))
    yield Case("2.11", "ten pings, a byte at a time", (*chopped(ten), *answers))
    yield Case("P.1", "a ping declared with 126 bytes, before they come", (head(PING, 126), BAD))
    yield Case("P.2", "a pong with 126 bytes", (pong(b"x" * 126), BAD))
    yield Case("P.3", "a ping whose length takes eight bytes", (head(PING, 5, size=8), BAD))
    yield Case("P.4", "a ping in the middle of a frame's bytes is payload", (text(send(b"\\u0089\\u0000")), Ack()))
    yield Case("P.5", "half a ping, then the rest", (ping(b"well")[:4], ping(b"well")[4:], Pong(b"well")))


def reserved() -> Iterator[Case]:
    yield Case("3.1", "RSV3 on a text", (text(send(), rsv=1), BAD))
    yield Case("3.2", "RSV2 after a good text, and a ping", (HELLO, Ack(), text(send(), rsv=2) + ping(), BAD))
    yield Case("3.3", "RSV2 and RSV3, frame by frame", (HELLO, Ack(), text(send(), rsv=3), ping(), BAD))
    yield Case("3.4", "RSV1, byte by byte", (HELLO, Ack(), *chopped(text(send(), rsv=4) + ping()), BAD))
    yield Case("3.5", "RSV1 and RSV3 on a binary message", (binary(b"\xff" * 8, rsv=5), BAD))
    yield Case("3.6", "RSV1 and RSV2 on a ping", (ping(b"Hello", rsv=6), BAD))
    yield Case("3.7", "all three on a closing frame", (close(1000, rsv=7), BAD))
    yield Case("R.1", "RSV1 on a continuation", (text(b"{", fin=False), frame(CONTINUATION, b"}", rsv=4), BAD))
    yield Case("R.2", "RSV1 on a pong", (pong(rsv=4), BAD))
    yield Case("R.3", "RSV1 in a head of which no more comes", (head(TEXT, 5, rsv=4), BAD))
    yield Case("R.4", "RSV2 on a text that is too long as well", (head(TEXT, 1 << 30, rsv=2), BAD))


def opcodes() -> Iterator[Case]:
    for family, first in ((1, 3), (2, 11)):
        for n, opcode in enumerate(range(first, first + 5), start=1):
            unknown = frame(opcode, b"Hello" if n in (2, 4, 5) else b"")
            talk: Talk = (unknown, BAD) if n < 3 else (HELLO, Ack(), unknown + ping(), BAD)
            yield Case(f"4.{family}.{n}", f"the opcode {opcode}", talk)
    yield Case("O.1", "an unknown opcode in the middle of a message", (text(b"{", fin=False), frame(3), BAD))
    yield Case("O.2", "an unknown opcode in a head of which no more comes", (head(15, 0), BAD))
    yield Case("O.3", "an unknown opcode of a frame that is too long as well", (head(5, 1 << 30), BAD))


def fragmented() -> Iterator[Case]:
    one, two = fragments(*HALVES)
    aside, answer = ping(b"aside"), Pong(b"aside")
    orphan, endless = frame(CONTINUATION, b"orphan"), frame(CONTINUATION, b"orphan", fin=False)
    yield Case("5.1", "a ping in two fragments", (*fragments(b"a", b"b", opcode=PING), BAD))
    yield Case("5.2", "a pong in two fragments", (*fragments(b"a", b"b", opcode=PONG), BAD))
    yield Case("5.3", "a text in two fragments", (one + two, Ack()))
    yield Case("5.4", "the same, frame by frame", (one, two, Ack()))
    yield Case("5.5", "the same, byte by byte", (*chopped(one + two), Ack()))
    yield Case("5.6", "a ping between two fragments", (one + aside, answer, two, Ack()))
    yield Case("5.7", "the same, frame by frame", (one, aside, answer, two, Ack()))
    yield Case("5.8", "the same, byte by byte", (*chopped(one + aside), answer, *chopped(two), Ack()))
    for n, (what, continuation) in enumerate((("nothing to continue", orphan), ("nor an end", endless))):
        all_at_once = continuation + HELLO
        yield Case(f"5.{9 + 3 * n}", f"a continuation with {what}, and a text", (all_at_once, BAD))
        yield Case(f"5.{10 + 3 * n}", "the same, frame by frame", (continuation, HELLO, BAD))
        yield Case(f"5.{11 + 3 * n}", "the same, byte by byte", (*chopped(all_at_once), BAD))
    yield Case("5.15", "a text in two fragments, then an orphan", (one + two, Ack(), endless + HELLO, BAD))
    yield Case("5.16", "an orphan without an end, before a text in two fragments", ((endless + one + two) * 2, BAD))
    yield Case("5.17", "an orphan before a text in two fragments", ((orphan + one + two) * 2, BAD))
    yield Case("5.18", "a new text within a fragmented one", (one, HELLO, BAD))
    five = fragments(send()[:9], send()[9:20], send()[20:30], send()[30:40], send()[40:])
    talk = (*five[:2], ping(b"1"), Pong(b"1"), *five[2:4], ping(b"2"), Pong(b"2"), five[4], Ack())
    yield Case("5.19", "five fragments with pings between them", talk)
    chops = (*chopped(five[0] + ping(b"1")), Pong(b"1"), *chopped(b"".join(five[1:])), Ack())
    yield Case("5.20", "the same, byte by byte", chops)
    yield Case("F.1", "a binary message within a fragmented text", (one, binary(b"x"), BAD))
    yield Case("F.2", "a closing frame in two fragments", (close(1000, fin=False), BAD))
    yield Case("F.3", "a closing frame between two fragments", (one, close(1000), two, Closed(1000)))
    yield Case("F.4", "a pong between two fragments", (one, pong(b"x"), two, Ack()))
    yield Case("F.5", "a continuation after a whole text", (HELLO, Ack(), orphan, BAD))
    yield Case("F.6", "a message of fragments of one byte", (*fragments(*chopped(send())), Ack()))
    yield Case("F.7", "a fragment without an end, and a text begun anew", (one, one, BAD))


def lengths() -> Iterator[Case]:
    yield Case("9.1.1", "a message of 64 KiB", (text(send(size=MOST)), Ack()))
    yield Case("9.1.2", "a message of 256 KiB", (text(send(size=4 * MOST)), FAR))
    yield Case("9.2.1", "a binary message of 64 KiB", (binary(bytes(MOST)), WRONG))
    for n, size in enumerate((256, 1024, 4096, 16_384, 65_536), start=2):
        parts = chopped(send(size=MOST + 1), size)
        yield Case(f"9.3.{n}", f"a byte over 64 KiB in fragments of {size:,} bytes", (*fragments(*parts), FAR))
    for n, size in enumerate((256, 512, 1024, 2048), start=3):
        yield Case(f"9.5.{n}", f"64 KiB in pieces of {size:,} bytes", (*chopped(text(send(size=MOST)), size), Ack()))
    yield Case("9.7.1", "many small messages, each after the last was answered", (text(b""), Refusal(400)) * 9)
    yield Case("10.1.1", "64 KiB in fragments of 1,300 bytes", (*fragments(*chopped(send(size=MOST), 1300)), Ack()))
    yield Case("L.1", "a byte over 64 KiB, merely declared", (head(TEXT, MOST + 1), FAR))
    yield Case("L.2", "a gigabyte, merely declared", (head(TEXT, 1 << 30), FAR))
    yield Case("L.3", "2^63 - 1 bytes, merely declared", (head(TEXT, (1 << 63) - 1), FAR))
    yield Case("L.4", "2^63 bytes: the top bit must be 0", (head(TEXT, 1 << 63), BAD))
    yield Case("L.5", "the same on a continuation", (*HELLO_BEGUN, head(CONTINUATION, 1 << 63, fin=False), BAD))
    yield Case("L.6", "a length of 5 in two bytes", (frame(TEXT, b"hello", size=2), BAD))
    yield Case("L.7", "a length of 5 in eight bytes", (frame(TEXT, b"hello", size=8), BAD))
    yield Case("L.8", "a length of 126 in eight bytes", (frame(TEXT, bytes(126), size=8), BAD))
    yield Case("L.9", "a length of 65,535 in eight bytes", (head(TEXT, 65_535, size=8) + bytes(4), BAD))
    yield Case("L.10", "a sum over 64 KiB, merely declared", (*HELLO_BEGUN, head(CONTINUATION, MOST), FAR))
    yield Case("L.11", "the declaration in pieces", (*chopped(head(TEXT, MOST + 1)), FAR))
    yield Case("L.12", "over 64 KiB in characters of three bytes", (text("€".encode() * 21_846), FAR))
    parts = chopped("€".encode() * 21_846, 30_000)
    yield Case("L.13", "the same in fragments", (*fragments(*parts), FAR))
    yield Case("L.14", "just under 64 KiB in characters of three bytes", (text("€".encode() * 21_845), Refusal(400)))
    long = (text(send(id="a", size=MOST)), Ack("a"), text(send(id="b", size=MOST)), Ack("b"))
    yield Case("L.15", "two messages of 64 KiB are not one of 128", long)
    one, two = fragments(*chopped(send(size=MOST), 40_000))
    aside = (one, ping(bytes(125)), Pong(bytes(125)), two, Ack())
    yield Case("L.16", "a ping between two fragments is not part of the message", aside)
    yield Case("L.17", "a text of 4,000 characters", (text(send(b"x" * 4000)), Ack()))
    yield Case("L.18", "a text of 4,001 characters", (text(send(b"x" * 4001)), Refusal(422)))
    yield Case(
        "L.19", "what is behind a message that is too long is not read", (head(TEXT, MOST + 1) + HELLO * 50, FAR)
    )


def masks() -> Iterator[Case]:
    yield Case("M.1", "a text without a mask", (bare(TEXT, send()), BAD))
    yield Case("M.2", "an empty text without a mask", (bare(TEXT), BAD))
    yield Case("M.3", "a binary message without a mask", (bare(BINARY, b"x"), BAD))
    yield Case("M.4", "a ping without a mask", (bare(PING, b"x"), BAD))
    yield Case("M.5", "a pong without a mask", (bare(PONG), BAD))
    yield Case("M.6", "a closing frame without a mask", (bare(CLOSE, b"\x03\xe8"), BAD))
    yield Case("M.7", "a continuation without a mask", (*HELLO_BEGUN, bare(CONTINUATION, HALVES[1]), BAD))
    yield Case("M.8", "a good text, then one without a mask", (HELLO, Ack(), bare(TEXT, send()), BAD))
    yield Case("M.9", "a mask of zeros", (text(send(), key=bytes(4)), Ack()))
    yield Case("M.10", "a mask of ones", (text(send(), key=b"\xff" * 4), Ack()))
    keys = [text(send(id="a"), key=b"\x00\x01\x02\x03"), text(send(id="b"), key=b"abcd")]
    yield Case("M.11", "another mask for each frame", (*keys, Ack("a"), Ack("b")))
    yield Case("M.12", "the mask in pieces", (HELLO[:3], HELLO[3:5], HELLO[5:], Ack()))


OFFERS = (
    "permessage-deflate",
    "permessage-deflate; client_no_context_takeover",
    "permessage-deflate; client_max_window_bits=9",
    "permessage-deflate; client_max_window_bits=15",
    "permessage-deflate; server_no_context_takeover; server_max_window_bits=9",
    "permessage-deflate; server_no_context_takeover; server_max_window_bits=15",
    "permessage-deflate; server_max_window_bits=9, permessage-deflate; server_no_context_takeover, permessage-deflate",
)
DEFLATED = bytes.fromhex("f248cdc9c90700")  # "Hello" as in RFC 7692 section 7.2.3.1


def extensions() -> Iterator[Case]:
    yield Case("12.1.1", "compression offered, not taken, not used", (HELLO, Ack()), offers=OFFERS[0])
    yield Case("12.1.2", "offered, not taken, used all the same", (text(DEFLATED, rsv=4), BAD), offers=OFFERS[0])
    yield Case("12.1.3", "the same on a binary message", (binary(DEFLATED, rsv=4), BAD), offers=OFFERS[0])
    parts = (text(DEFLATED[:3], rsv=4, fin=False), frame(CONTINUATION, DEFLATED[3:]))
    yield Case("12.1.4", "the same in fragments", (*parts, BAD), offers=OFFERS[0])
    for n, offer in enumerate(OFFERS, start=1):
        yield Case(f"13.{n}", f"offered: {offer}", (HELLO, Ack()), offers=offer)
    yield Case("E.1", "compressed without an offer", (text(DEFLATED, rsv=4), BAD))
    yield Case(
        "E.2", "an offer of what does not exist", (HELLO, Ack()), offers="x-nothing; a=1, x-webkit-deflate-frame"
    )


HELLO_BEGUN = fragments(*HALVES)[:1]
CASES = [*messages(), *pings(), *reserved(), *opcodes(), *fragmented(), *lengths(), *masks(), *extensions()]
