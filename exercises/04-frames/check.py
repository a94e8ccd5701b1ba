"""What exercise 4 asks of a filter: accepts and frames, as the library `websockets` makes and reads them."""

import json
from base64 import b64encode
from hashlib import sha1
from typing import Any

from websockets.frames import Frame, Opcode
from websockets.utils import GUID, accept_key

from lab.grader import Wrong
from lab.grader.clients import PATIENCE, shortened
from lab.grader.program import Program
from lab.grader.stand import Stand

from .library import begun, stretched, texts, what_it_says

HELLO = "81 05 48 65 6c 6c 6f", "81 85 37 fa 21 3d 7f 9f 4d 51 58"  # RFC 6455, section 5.7: plain, and masked
BAD_TEXT = b"gr\xfc\xdf dich"  # as Latin-1 has it
SHORT, MIDDLE = 125, 0xFFFF  # the most bytes of a control frame, or of what has a short length; and of a middle one
PART, WHOLE = 16, 200  # bytes of a frame that are shown, and that are shown of one that ended the program


def answers_a_key(stand: Stand) -> None:
    """The accept is the one that belongs to the key."""
    program = stand.program()
    for key in ("dGhlIHNhbXBsZSBub25jZQ==", *(in_base64(stand.random.randbytes(16)) for _ in range(3))):
        seen = ask(program, {"key": key}).get("accept")
        if seen != accept_key(key):
            hexadecimal = sha1((key + GUID).encode()).hexdigest()
            mistakes = {
                in_base64(sha1(key.encode()).digest()): "no-guid",
                hexadecimal: "hex-digest",
                in_base64(hexadecimal.encode()): "hex-digest",
            }
            raise Wrong(mistakes.get(str(seen), "wrong-accept"), f"for {key}: {accept_key(key)}", f"for {key}: {seen}")


def reads_what_a_server_says(stand: Stand) -> None:
    """A short text from a server is read, whatever its letters."""
    program = stand.program()
    for data in (bytes.fromhex(HELLO[0]), *texts(stand.random, [0, 1, 30, 60, 125], "server")):
        compare(program, data, "server", "first-bytes", "not-utf-8")


def unmasks_what_a_client_says(stand: Stand) -> None:
    """A short text from a client is read, whatever its mask."""
    program = stand.program()
    for data in (bytes.fromhex(HELLO[1]), *texts(stand.random, [1, 6, 30, 125], "client")):
        compare(program, data, "client", "mask-bit", "still-masked")


def reads_long_frames(stand: Stand) -> None:
    """A length of two bytes is read, and one of eight."""
    program, random = stand.program(), stand.random
    for cause, lengths in (
        ("length-16", [126, 256, random.randint(300, 9_000), 0xFFFF]),
        ("length-64", [0x10000, random.randint(0x10001, 80_000)]),
    ):
        for sender in ("server", "client"):
            for data in texts(random, lengths, sender):
                compare(program, data, sender, cause, cause)


def leaves_the_next_frame_alone(stand: Stand) -> None:
    """What stands behind the payload belongs to the next frame, and is left out."""
    program, random = stand.program(), stand.random
    for sender in ("server", "client"):
        text, following = texts(random, [random.randint(5, 40), 20], sender)
        bare = Frame(Opcode.BINARY, random.randbytes(9)).serialize(mask=sender == "client")
        for data in (text, bare):
            compare(program, data + following, sender, "takes-what-follows", "takes-what-follows")


def reads_what_is_no_whole_text(stand: Stand) -> None:
    """Parts of a message, bytes, and control frames are read as what they are."""
    program, random = stand.program(), stand.random
    word = "grün".encode()
    frames = [
        Frame(Opcode.TEXT, word[:3], fin=False),  # half of an ü
        Frame(Opcode.CONT, word[3:4], fin=False),
        Frame(Opcode.CONT, word[4:]),
        Frame(Opcode.BINARY, random.randbytes(random.randint(1, 300))),
        Frame(Opcode.PING, random.randbytes(random.randint(0, 125))),
        Frame(Opcode.PONG, b"Hello"),
        Frame(Opcode.CLOSE, (1000).to_bytes(2, "big") + "tschüss".encode()),
        Frame(Opcode.CLOSE, b""),
    ]
    for frame in frames:
        for sender in ("server", "client"):
            compare(program, frame.serialize(mask=sender == "client"), sender, "other-frames", "other-frames")
    for sender in ("server", "client"):
        longest = Frame(Opcode.PING, random.randbytes(SHORT)).serialize(mask=sender == "client")
        compare(program, longest, sender, "control-limit", "control-limit")


def refuses_what_nobody_may_send(stand: Stand) -> None:
    """A frame that the standard forbids is an error, and the next line is read again."""
    program, random = stand.program(), stand.random
    for sender, other in (("client", "server"), ("server", "client")):
        plain, long, foreign = (*texts(random, [random.randint(20, 90), 126], sender), *texts(random, [9], other))
        short, middle = texts(random, [SHORT, MIDDLE], sender)
        ping = Frame(Opcode.PING, b"still there?").serialize(mask=sender == "client")
        empty = Frame(Opcode.TEXT, b"").serialize(mask=sender == "client")
        for cause, data in (
            *(("takes-reserved", begun(0x81 | bit, plain)) for bit in (0x40, 0x20, 0x10)),
            *(("takes-opcode", begun(0x80 | random.choice(others), plain)) for others in (range(3, 8), range(11, 16))),
            ("takes-control", begun(0x89, long)),
            ("takes-control", begun(0x09, ping)),
            *(("takes-half", plain[:end]) for end in (-1, 1, len(plain) - plain[1] % 128)),
            *(("takes-half", half) for half in (empty[:-1], long[:3])),
            ("takes-half", long[:1] + bytes([long[1] | 127]) + (1 << 62).to_bytes(8, "big") + long[4:]),
            ("takes-long-length", stretched(plain, 126)),
            ("takes-long-length", stretched(short, 126)),
            ("takes-long-length", stretched(middle, 127)),
            ("takes-long-length", stretched(plain, 127)),
            ("takes-long-length", stretched(long, 127)),
            ("takes-unmasked", foreign),
            ("takes-bad-text", Frame(Opcode.TEXT, BAD_TEXT).serialize(mask=sender == "client")),
        ):
            assert what_it_says(data, sender) is None, data.hex()
            seen = ask(program, {"from": sender, "frame": data.hex()})
            if "error" not in seen:
                what = f"for {written(data)} from a {sender}"
                raise Wrong(cause, f'{{"error": …}} {what}', f"{shortened(json.dumps(seen))} {what}")
        compare(program, plain, sender, "first-bytes", "first-bytes")


def compare(program: Program, data: bytes, sender: str, head: str, body: str) -> None:
    """Wrong, with one of two causes, unless the program says the same of the frame as the library."""
    seen, expected = ask(program, {"from": sender, "frame": data.hex()}), what_it_says(data, sender)
    assert expected is not None, data.hex()
    what = f"in {written(data)} from a {sender}"
    if "error" in seen:
        raise Wrong(body, f"{shortened(json.dumps(expected))} {what}", f"an error: {shortened(str(seen['error']))}")
    for name, value in expected.items():
        if name not in seen or seen[name] != value:
            cause = body if name in ("text", "payload") else head
            if name == "length" and seen.get(name) == len(expected.get("text", "")):
                cause = "characters-for-bytes"
            found = shortened(repr(seen[name])) if name in seen else "nothing"
            raise Wrong(cause, f"{name} {what}: {shortened(repr(value))}", f"{name}: {found}")


def written(data: bytes, most: int = PART) -> str:
    """A frame as a learner would write it, or its beginning."""
    return data[:most].hex(" ") + (f" … ({len(data):,} bytes)" if len(data) > most else "")


def in_base64(data: bytes) -> str:
    return b64encode(data).decode()


def ask(program: Program, line: dict[str, str]) -> dict[str, Any]:
    """The answer to a line."""
    program.tell(json.dumps(line))
    found = program.json(PATIENCE)
    if found is not None:
        return found
    if "key" in line:
        asked = f"the key {line['key']}"
    else:
        asked = f"{written(bytes.fromhex(line['frame']), WHOLE)} from a {line['from']}"
    if program.process.poll() == 0:
        raise Wrong("ended", "a program that reads on", program.output.last_words or "it ended, and printed nothing")
    try:
        program.raise_mishap()
    except Wrong as mishap:
        raise Wrong(mishap.cause, f"a line of JSON for {asked}", mishap.seen) from None
    raise Wrong("prints-nothing", f"a line of JSON for {asked}", "nothing")
