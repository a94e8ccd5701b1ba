"""What exercise 4 asks of a filter: accepts and frames, as the library `websockets` makes and reads them."""

import json
from base64 import b64encode
from hashlib import sha1
from random import Random
from typing import Any

from websockets.exceptions import ProtocolError
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader
from websockets.utils import GUID, accept_key

from lab.grader import Wrong
from lab.grader.clients import PATIENCE, shortened
from lab.grader.program import Program
from lab.grader.stand import Stand

NAMES = {
    Opcode.CONT: "continuation", Opcode.TEXT: "text", Opcode.BINARY: "binary",
    Opcode.CLOSE: "close", Opcode.PING: "ping", Opcode.PONG: "pong",
}  # fmt: skip
LETTERS = "aehiknorst äöüßéøñ žč Ωλ 猫 🙂"
HELLO = "81 05 48 65 6c 6c 6f", "81 85 37 fa 21 3d 7f 9f 4d 51 58"  # RFC 6455, section 5.7: plain, and masked
BAD_TEXT = b"gr\xfc\xdf dich"  # as Latin-1 has it


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


def refuses_what_nobody_may_send(stand: Stand) -> None:
    """A frame that the standard forbids is an error, and the next line is read again."""
    program, random = stand.program(), stand.random
    for sender, other in (("client", "server"), ("server", "client")):
        plain, long, foreign = (*texts(random, [random.randint(20, 90), 126], sender), *texts(random, [9], other))
        ping = Frame(Opcode.PING, b"still there?").serialize(mask=sender == "client")
        for cause, data in (
            *(("takes-reserved", begun(0x81 | bit, plain)) for bit in (0x40, 0x20, 0x10)),
            *(("takes-opcode", begun(0x80 | random.choice(others), plain)) for others in (range(3, 8), range(11, 16))),
            ("takes-control", begun(0x89, long)),
            ("takes-control", begun(0x09, ping)),
            ("takes-half", plain[:-1]),
            ("takes-half", long[:1] + bytes([long[1] | 127]) + (1 << 62).to_bytes(8, "big") + long[4:]),
            ("takes-unmasked", foreign),
            ("takes-bad-text", Frame(Opcode.TEXT, BAD_TEXT).serialize(mask=sender == "client")),
        ):
            assert what_it_says(data, sender) is None, data.hex()
            seen = ask(program, {"from": sender, "frame": data.hex()})
            if "error" not in seen:
                what = f"for {beginning(data)} from a {sender}"
                raise Wrong(cause, f'{{"error": …}} {what}', f"{shortened(json.dumps(seen))} {what}")
        compare(program, plain, sender, "first-bytes", "first-bytes")


def compare(program: Program, data: bytes, sender: str, head: str, body: str) -> None:
    """Wrong, with one of two causes, unless the program says the same of the frame as the library."""
    seen, expected = ask(program, {"from": sender, "frame": data.hex()}), what_it_says(data, sender)
    assert expected is not None, data.hex()
    what = f"in {beginning(data)} from a {sender}"
    if "error" in seen:
        raise Wrong(body, f"{shortened(json.dumps(expected))} {what}", f"an error: {shortened(str(seen['error']))}")
    for name, value in expected.items():
        if name not in seen or seen[name] != value:
            cause = body if name in ("text", "payload") else head
            found = shortened(repr(seen[name])) if name in seen else "nothing"
            raise Wrong(cause, f"{name} {what}: {shortened(repr(value))}", f"{name}: {found}")


def what_it_says(data: bytes, sender: str) -> dict[str, Any] | None:
    """As the library reads it; None where it refuses it, or the text is no UTF-8."""
    reader = StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    try:
        next(Frame.parse(reader.read_exact, mask=sender == "client"))
    except StopIteration as end:
        frame: Frame = end.value
    except (ProtocolError, EOFError):
        return None
    said = {"fin": frame.fin, "opcode": NAMES[frame.opcode], "masked": sender == "client", "length": len(frame.data)}
    if not frame.fin or frame.opcode is not Opcode.TEXT:
        return said | {"payload": bytes(frame.data).hex()}
    try:
        return said | {"text": bytes(frame.data).decode()}
    except UnicodeDecodeError:
        return None


def texts(random: Random, lengths: list[int], sender: str) -> list[bytes]:
    """A text frame for each length of payload, with letters of one to four bytes."""
    frames = []
    for length in lengths:
        said = "".join(random.choices(LETTERS, k=length)).encode()[:length].decode(errors="ignore")
        said += "." * (length - len(said.encode()))  # in place of a letter that did not fit
        frames.append(Frame(Opcode.TEXT, said.encode()).serialize(mask=sender == "client"))
    return frames


def begun(first: int, data: bytes) -> bytes:
    """The same frame with another first byte."""
    return bytes([first]) + data[1:]


def beginning(data: bytes) -> str:
    """A frame as a learner would write it, or its beginning."""
    return data[:16].hex(" ") + (" …" if len(data) > 16 else "")


def in_base64(data: bytes) -> str:
    return b64encode(data).decode()


def ask(program: Program, line: dict[str, str]) -> dict[str, Any]:
    """The answer to a line."""
    program.tell(json.dumps(line))
    found = program.json(PATIENCE)
    if found is None:
        if program.process.poll() == 0:
            raise Wrong("ended", "a program that reads on", program.last_words or "it ended, and printed nothing")
        program.raise_mishap()
        raise Wrong("prints-nothing", "a line of JSON", "nothing")
    return found
