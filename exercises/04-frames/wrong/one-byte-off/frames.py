"""A wrong answer: see its name."""

import json
import sys
from base64 import b64encode
from hashlib import sha1

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
OPCODES = {0: "continuation", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong"}


def accept(key):
    return b64encode(sha1((key + GUID).encode()).digest()).decode()


def decoded(data, sender):
    if len(data) < 2:
        raise ValueError("the frame ends in its head")
    fin, opcode = bool(data[0] >> 7), data[0] & 0x0F
    masked, length, at = bool(data[1] >> 7), data[1] & 0x7F, 2
    if data[0] & 0x70:
        raise ValueError("a reserved bit is set")
    if opcode not in OPCODES:
        raise ValueError(f"there is no opcode {opcode}")
    if opcode >= 8 and (length > 125 or not fin):
        raise ValueError("a control frame is short and whole")
    if masked != (sender == "client"):
        raise ValueError("clients mask, and servers do not")
    if length >= 126:
        size, least = (2, 125) if length == 126 else (8, 65_535)
        length, at = int.from_bytes(data[at : at + size], "big"), at + size
        if length < least:
            raise ValueError("the length takes more bytes than it needs")
    begin = at + 4 if masked else at
    if len(data) < begin + length:
        raise ValueError("there are fewer bytes than the head or its length says")
    mask = data[at:begin] or bytes(4)
    payload = bytes(byte ^ mask[n % 4] for n, byte in enumerate(data[begin : begin + length]))
    what = {"text": payload.decode()} if fin and opcode == 1 else {"payload": payload.hex()}
    return {"fin": fin, "opcode": OPCODES[opcode], "masked": masked, "length": length, **what}


for line in sys.stdin:
    said = json.loads(line)
    try:
        if "key" in said:
            answer = {"accept": accept(said["key"])}
        else:
            answer = decoded(bytes.fromhex(said["frame"]), said["from"])
    except ValueError as error:
        answer = {"error": str(error)}
    print(json.dumps(answer), flush=True)
