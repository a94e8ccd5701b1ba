"""A wrong answer: see its name."""

import json
import sys


def size(one):
    """The bytes that were written to the socket for this."""
    if "writes" in one:
        return len(one["writes"].encode())
    data = len(one["frame"].encode())
    return data + (2 if data < 126 else 4)


for line in sys.stdin:
    talk = json.loads(line)
    written = sum(size(one) for one in talk["said"])
    print(json.dumps({"payload": len(talk["text"].encode()), "socket": written, "ip": written}))
