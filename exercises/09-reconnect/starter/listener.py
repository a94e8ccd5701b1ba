"""Follows a room by server-sent events, until its connection ends for the first time."""

import os
import urllib.request

SERVER, ROOM = os.environ["SERVER"], os.environ["ROOM"]
SILENCE = 40  # seconds; the server says something every 15, if only a comment


def blocks():
    """Each block of the stream, as a dictionary such as {"id": "9c1e-7", "data": "{…}"}."""
    request = urllib.request.Request(f"{SERVER}/sse/rooms/{ROOM}/events")
    with urllib.request.urlopen(request, timeout=SILENCE) as stream:
        block = {}
        for line in stream:
            name, _, value = line.decode().rstrip("\n").partition(":")
            if line.strip():
                block[name] = value.removeprefix(" ")
            else:
                yield block
                block = {}


for block in blocks():
    if "data" in block:
        print(block["data"], flush=True)
