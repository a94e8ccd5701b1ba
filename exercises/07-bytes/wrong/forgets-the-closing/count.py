"""A wrong answer: see its name."""

import json
import sys

HEADER = 52  # bytes of IP and TCP, with time stamps, before each packet's data
OPENING = 3 * HEADER + 2 * 8


def size(one):
    """The bytes that were written to the socket for this."""
    if "writes" in one:
        return len(one["writes"].encode())
    data = len(one["frame"].encode())
    return data + (2 if data < 126 else 4)


for line in sys.stdin:
    talk = json.loads(line)
    written = sum(size(one) for one in talk["said"])
    acknowledged = sum(one["who"] == "server" for one in talk["said"])
    ip = written + HEADER * (len(talk["said"]) + acknowledged) + OPENING
    print(json.dumps({"payload": len(talk["text"].encode()), "socket": written, "ip": ip}))
