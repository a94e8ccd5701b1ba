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
        size = 2 if length == 126 else 8
        length, at = int.from_bytes(data[at : at + size], "little"), at + size
    mask = bytes(4)
    if masked:
        mask, at = data[at : at + 4], at + 4
    payload = bytes(byte ^ mask[n % 4] for n, byte in enumerate(data[at : at + length]))
    if len(payload) < length:
        raise ValueError("there are fewer bytes than the length says")
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
