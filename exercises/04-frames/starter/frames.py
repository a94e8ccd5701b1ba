"""Reads a key or a frame on each line, and prints what it means as JSON. So far it looks at the first byte only."""

import json
import sys


def accept(key):
    return key


def decoded(data, sender):
    return {"fin": bool(data[0] >> 7)}


for line in sys.stdin:
    said = json.loads(line)
    if "key" in said:
        answer = {"accept": accept(said["key"])}
    else:
        answer = decoded(bytes.fromhex(said["frame"]), said["from"])
    print(json.dumps(answer), flush=True)
