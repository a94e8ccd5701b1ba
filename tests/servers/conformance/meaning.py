"""Rows of the table: UTF-8, closing, and frames that are not in the chat's protocol.

Families 6 and 7 of the Autobahn test suite, and our own.
"""

from collections.abc import Iterator

from tests.servers.conformance.wire import (
    CONTINUATION,
    PING,
    TEXT,
    Ack,
    Case,
    Closed,
    Pong,
    Refusal,
    chopped,
    close,
    fragments,
    frame,
    head,
    mask,
    ping,
    pong,
    send,
    text,
)

HELLO = text(send())
BAD, NOT_TEXT, ENOUGH = Closed(1002), Closed(1007), Closed(1008)
GREEK = "κόσμε".encode()
MIXED = "Hello-µ@ßöäüàá-UTF-8!!".encode()

VALID = {  # by Autobahn's number: each is the text of a send
    "6.2.1": MIXED,
    "6.5.1": "\ufeff".encode() + GREEK,
    "6.6.2": "κ".encode(),
    "6.6.5": "κό".encode(),
    "6.6.7": "κόσ".encode(),
    "6.6.9": "κόσμ".encode(),
    "6.6.11": GREEK,
    "6.7.2": b"\xc2\x80",
    "6.7.3": b"\xe0\xa0\x80",
    "6.7.4": b"\xf0\x90\x80\x80",
    "6.9.1": b"\x7f",
    "6.9.2": b"\xdf\xbf",
    "6.9.3": b"\xef\xbf\xbf",
    "6.9.4": b"\xf4\x8f\xbf\xbf",
    "6.11.1": b"\xed\x9f\xbf",
    "6.11.2": b"\xee\x80\x80",
    "6.11.3": b"\xef\xbf\xbd",
    "6.11.4": b"\xf4\x8f\xbf\xbf",
    "6.22.1": "\ufffe".encode(),
    "6.22.2": "\uffff".encode(),
    "6.22.3": "\U0001fffe".encode(),
    "6.22.34": "\U0010ffff".encode(),
    "6.23.1": "\ufff9".encode(),
    "6.23.5": "\ufffd".encode(),
}
INVALID = {
    "6.3.1": GREEK + b"\xed\xa0\x80edited",
    "6.6.1": GREEK[:1],
    "6.6.3": GREEK[:3],
    "6.6.10": GREEK[:-1],
    "6.8.1": b"\xf8\x88\x80\x80\x80",
    "6.8.2": b"\xfc\x84\x80\x80\x80\x80",
    "6.10.1": b"\xf7\xbf\xbf\xbf",
    "6.10.2": b"\xfb\xbf\xbf\xbf\xbf",
    "6.10.3": b"\xfd\xbf\xbf\xbf\xbf\xbf",
    "6.11.5": b"\xf4\x90\x80\x80",
    "6.12.1": b"\x80",
    "6.12.2": b"\xbf",
    "6.12.3": b"\x80\xbf",
    "6.12.4": b"\x80\xbf\x80",
    "6.12.8": bytes(range(0x80, 0xC0)),
    "6.13.1": b" ".join(bytes([first]) for first in range(0xC0, 0xE0)),
    "6.13.2": b" ".join(bytes([first]) for first in range(0xE0, 0xF0)),
    "6.13.3": b" ".join(bytes([first]) for first in range(0xF0, 0xF8)),
    "6.13.4": b"\xf8 \xf9 \xfa \xfb",
    "6.13.5": b"\xfc \xfd",
    "6.14.1": b"\xc0",
    "6.14.2": b"\xe0\x80",
    "6.14.3": b"\xf0\x80\x80",
    "6.14.4": b"\xf8\x80\x80\x80",
    "6.14.5": b"\xfc\x80\x80\x80\x80",
    "6.14.6": b"\xdf",
    "6.14.7": b"\xef\xbf",
    "6.14.8": b"\xf7\xbf\xbf",
    "6.14.9": b"\xfb\xbf\xbf\xbf",
    "6.14.10": b"\xfd\xbf\xbf\xbf\xbf",
    "6.15.1": b"\xc0\xe0\x80\xf0\x80\x80\xf8\x80\x80\x80\xfc\x80\x80\x80\x80\xdf\xef\xbf\xf7\xbf\xbf",
    "6.16.1": b"\xfe",
    "6.16.2": b"\xff",
    "6.16.3": b"\xfe\xfe\xff\xff",
    "6.17.1": b"\xc0\xaf",
    "6.17.2": b"\xe0\x80\xaf",
    "6.17.3": b"\xf0\x80\x80\xaf",
    "6.17.4": b"\xf8\x80\x80\x80\xaf",
    "6.17.5": b"\xfc\x80\x80\x80\x80\xaf",
    "6.18.1": b"\xc1\xbf",
    "6.18.2": b"\xe0\x9f\xbf",
    "6.18.3": b"\xf0\x8f\xbf\xbf",
    "6.19.1": b"\xc0\x80",
    "6.19.2": b"\xe0\x80\x80",
    "6.19.3": b"\xf0\x80\x80\x80",
    "6.20.1": b"\xed\xa0\x80",
    "6.20.2": b"\xed\xad\xbf",
    "6.20.3": b"\xed\xae\x80",
    "6.20.4": b"\xed\xaf\xbf",
    "6.20.5": b"\xed\xb0\x80",
    "6.20.6": b"\xed\xbe\x80",
    "6.20.7": b"\xed\xbf\xbf",
    "6.21.1": b"\xed\xa0\x80\xed\xb0\x80",
    "6.21.4": b"\xed\xad\xbf\xed\xbf\xbf",
    "6.21.8": b"\xed\xaf\xbf\xed\xbf\xbf",
}
LONG = GREEK + b"\xf4\x90\x80\x80" + b"edited"  # what is past U+10FFFF can be told by its second byte


def utf8() -> Iterator[Case]:
    yield Case("6.1.1", "an empty text", (text(b""), Refusal(400)))
    yield Case("6.1.2", "three empty fragments", (*fragments(b"", b"", b""), Refusal(400)))
    yield Case("6.1.3", "an empty fragment before and after one that is not", (*fragments(b"", send(), b""), Ack()))
    for number, said in VALID.items():
        yield Case(number, f"valid: {said!r}", (text(send(said)), Ack()), hears=said.decode())
    for number, said in INVALID.items():
        yield Case(number, f"invalid: {said!r}", (text(said), NOT_TEXT))
    at = send(MIXED).index(b"-UTF")
    whole = send(MIXED)
    yield Case("6.2.2", "fragments cut between characters", (*fragments(whole[:at], whole[at:]), Ack()), MIXED.decode())
    yield Case("6.2.3", "fragments of one byte", (*fragments(*chopped(whole)), Ack()), MIXED.decode())
    greek = (*fragments(*chopped(send(GREEK))), Ack())
    yield Case("6.2.4", "fragments of one byte, of nothing but long characters", greek, GREEK.decode())
    yield Case("6.3.2", "invalid, in fragments of one byte", (*fragments(*chopped(INVALID["6.3.1"])), NOT_TEXT))
    first, second, _ = fragments(GREEK, b"\xf4\x90\x80\x80", b"edited")
    yield Case("6.4.1", "told at the second of three fragments, not at the end", (first, second, NOT_TEXT))
    first, second, *_ = fragments(GREEK, b"\xf4\x90", b"\x80\x80", b"edited")
    yield Case("6.4.2", "told at the byte that cannot be, at the end of a fragment", (first, second, NOT_TEXT))
    start, bytes_ = head(TEXT, len(LONG)) + bytes(4), len(GREEK)
    yield Case("6.4.3", "told in the middle of a frame", (start + LONG[: bytes_ + 4], NOT_TEXT))
    yield Case("6.4.4", "told at the byte that cannot be", (start + LONG[:bytes_], LONG[bytes_ : bytes_ + 2], NOT_TEXT))
    yield Case("6.7.1", "U+0000, which JSON wants escaped", (text(send(b"\x00")), Refusal(400)))
    yield Case("U.1", "a character in two pieces", (HELLO_IN_GREEK[:70], HELLO_IN_GREEK[70:], Ack()), GREEK.decode())
    yield Case("U.2", "a character cut off at the end of a message", (*fragments(b'"', GREEK[:1]), NOT_TEXT))
    yield Case("U.3", "a ping within a character", (*aside(GREEK), Ack()), GREEK.decode())
    yield Case("U.4", "a surrogate escaped in JSON", (text(send(b"\\ud800")), Refusal(400)))
    yield Case("U.5", "a pair of surrogates escaped in JSON", (text(send(b"\\ud83d\\ude00")), Ack()), "\U0001f600")
    yield Case("U.6", "a mark of the order of bytes before the JSON", (text(b"\xef\xbb\xbf" + send()), Refusal(400)))


def aside(said: bytes) -> tuple[bytes | Pong, ...]:
    """A send in two fragments, cut in the first character of its text, with a ping between them."""
    at = send(said).index(said) + 1
    one, two = fragments(send(said)[:at], send(said)[at:])
    return (one, ping(b"aside"), Pong(b"aside"), two)


HELLO_IN_GREEK = text(send(GREEK))
assert mask(HELLO_IN_GREEK[69:71], HELLO_IN_GREEK[65:69]) != b"", "the piece ends within the text"
ACCEPTED = (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999)
REFUSED = (0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999)


def closing() -> Iterator[Case]:
    bye, over = close(1000), Closed(1000)
    yield Case("7.1.1", "a text, then a close", (HELLO, Ack(), bye, over))
    yield Case("7.1.2", "two closes: one answer", (bye + bye, over))
    yield Case("7.1.3", "a ping after a close is not answered", (bye + ping(b"late"), over))
    yield Case("7.1.4", "nor is a text", (bye + HELLO, over))
    one, two = fragments(send()[:20], send()[20:])
    yield Case("7.1.5", "a close between two fragments", (one + bye + two, over))
    yield Case("7.1.6", "64 KiB, a close and a ping", (text(send(size=65_536)), Ack(), bye + ping(), over))
    yield Case("7.3.1", "a close without a payload", (close(), Closed(None)))
    yield Case("7.3.2", "a close with a payload of one byte", (frame(0x8, b"a"), BAD))
    yield Case("7.3.3", "a close with a code", (bye, over))
    yield Case("7.3.4", "a close with a code and a reason", (close(1000, b"Hello World!"), over))
    yield Case("7.3.5", "a close with the longest reason, 123 bytes", (close(1000, b"*" * 123), over))
    yield Case("7.3.6", "a close with a reason of 124 bytes", (close(1000, b"*" * 124), BAD))
    yield Case("7.5.1", "a reason that is not UTF-8", (close(1000, INVALID["6.3.1"]), NOT_TEXT))
    for n, code in enumerate(ACCEPTED, start=1):
        yield Case(f"7.7.{n}", f"a close with {code}", (close(code), Closed(code)))
    for n, code in enumerate(REFUSED, start=1):
        yield Case(f"7.9.{n}", f"a close with {code}, which no endpoint may send", (close(code), BAD))
    yield Case("7.13.1", "a close with 5000", (close(5000), BAD))
    yield Case("7.13.2", "a close with 65535", (close(65_535), BAD))
    yield Case("C.1", "a close with 1012, which IANA has registered", (close(1012), Closed(1012)))
    yield Case("C.2", "a close with 1013, which IANA has registered", (close(1013), Closed(1013)))
    unknown = "a close with 1014, which IANA has registered"
    yield Case("C.3", unknown, (close(1014), BAD), standard=Closed(1014))
    yield Case("C.4", "a close with 1015, which no endpoint may send", (close(1015), BAD))
    yield Case("C.5", "a reason that ends within a character", (close(1000, GREEK[:-1]), NOT_TEXT))
    yield Case("C.6", "a reason of 123 bytes in long characters", (close(1000, b"*" + "é".encode() * 61), over))
    yield Case("C.7", "a close, byte by byte", (*chopped(close(1001, b"bye")), Closed(1001)))
    yield Case("C.8", "a ping and a close in one piece", (ping(b"x") + bye, Pong(b"x"), over))
    yield Case("C.9", "a close, then what is no frame at all", (bye + b"\xff" * 500, over))
    yield Case("C.10", "a close, then a message that is too long", (bye + head(TEXT, 1 << 40), over))
    yield Case("C.11", "a close, then 200 KB of texts", (bye + HELLO * 2000, over))
    yield Case("C.12", "a pong and a close", (pong() + close(3000, b"done"), Closed(3000)))
    yield Case("C.13", "a fault, then a close", (frame(0x3) + bye, BAD))
    yield Case("C.14", "a fault, then 200 KB of texts", (frame(0x3) + HELLO * 2000, BAD))
    yield Case("C.15", "a ping in two fragments, then a close", (frame(PING, fin=False) + bye, BAD))


def chat() -> Iterator[Case]:
    refused = {
        "S.1": ("not JSON", b"hello", 400),
        "S.2": ("cut off", send()[:-1], 400),
        "S.3": ("two of them", send() + send(), 400),
        "S.4": ("nested 10,000 deep", b"[" * 10_000 + b"]" * 10_000, 400),
        "S.5": ("NaN", b'{"type":NaN}', 400),
        "S.6": ("not an object", b"[]", 422),
        "S.7": ("null", b"null", 422),
        "S.8": ("an empty object", b"{}", 422),
        "S.9": ("an unknown type", send().replace(b'"send"', b'"shout"'), 422),
        "S.10": ("the server's own type", b'{"type":"ack","id":"a","seq":1,"epoch":"x"}', 422),
        "S.11": ("a type that is a number", send().replace(b'"send"', b"7"), 422),
        "S.12": ("no text", b'{"type":"send","id":"a","sender":"Ada"}', 422),
        "S.13": ("no id", b'{"type":"send","sender":"Ada","text":"hello"}', 422),
        "S.14": ("an unknown field", send()[:-1] + b', "seq": 1}', 422),
        "S.15": ("an empty text", send(b""), 422),
        "S.16": ("an id of 65 characters", send(id="x" * 65), 422),
        "S.17": ("an id that is null", send().replace(b'"a"', b"null"), 422),
    }
    for number, (what, frame_, status) in refused.items():
        yield Case(number, what, (text(frame_), Refusal(status)))
    ids = (HELLO, Ack(), text(send(b"other")), Refusal(409))
    yield Case("S.18", "an id that the room has for another message", ids)
    yield Case("S.19", "the same message again", (HELLO, Ack(), HELLO, Ack()))
    no = (text(b"no"), Refusal(400))
    yield Case("S.20", "the tenth in a row closes", (*no * 10, ENOUGH))
    yield Case("S.21", "nine, a good one, and nine more do not", (*no * 9, HELLO, Ack(), *no * 9))
    mixed = [(text(frame_), Refusal(status)) for _, frame_, status in list(refused.values())[:10]]
    yield Case("S.22", "ten of different kinds close", (*(part for pair in mixed for part in pair), ENOUGH))
    yield Case("S.23", "pings between them do not help", (*(*no, ping(), Pong()) * 9, *no, ENOUGH))
    yield Case("S.24", "what follows the tenth is not read", (text(b"no") * 10 + HELLO, *no[1:] * 10, ENOUGH))
    yield Case("S.25", "a text in fragments that is not JSON", (*fragments(b"n", b"o"), Refusal(400)))
    yield Case("S.26", "an orphan after a refusal", (*no, frame(CONTINUATION), BAD))


CASES = [*utf8(), *closing(), *chat()]
