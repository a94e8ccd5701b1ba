"""Reads a key or a frame on each line, and prints what it means as JSON. So far it looks at the first byte only."""

import json
import sys


def accept(key):
    return key


def decoded(data, sender):
    return {"fin": bool(data[0] >> 7)}


def answer(said):
    if "key" in said:
        return {"accept": accept(said["key"])}
    return decoded(bytes.fromhex(said["frame"]), said["from"])


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
