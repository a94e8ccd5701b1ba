"""A wrong answer: see its name."""

import http.client
import json
import os
import random
import time
import urllib.request

SERVER, ROOM = os.environ["SERVER"], os.environ["ROOM"]
BASE_S, MOST = float(os.environ.get("BASE_S", 0.5)), 32  # seconds, and how many times that is the longest wait
SILENCE = 40  # seconds; the server says something every 15, if only a comment


def blocks(last):
    """Each block of the stream behind this place, as a dictionary such as {"id": "9c1e-7", "data": "{…}"}."""
    headers = {"Last-Event-ID": last} if last else {}
    request = urllib.request.Request(f"{SERVER}/sse/rooms/{ROOM}/events", headers=headers)
    with urllib.request.urlopen(request, timeout=SILENCE) as stream:
        block = {}
        for line in stream:
            name, _, value = line.decode().rstrip("\n").partition(":")
            if line.strip():
                block[name] = value.removeprefix(" ")
            else:
                yield block
                block = {}


last, failures = "", 0
while True:
    try:
        for block in blocks(last):
            if "data" in block and block.get("event") == "reset":
                print(json.dumps({"gap": True}), flush=True)
                last = block["id"]
            elif "data" in block:
                message = json.loads(block["data"])
                print(json.dumps({"seq": message["seq"], "text": message["text"]}), flush=True)
                last, failures = block["id"], 0
    except (OSError, http.client.HTTPException):
        pass
    time.sleep(random.uniform(0, BASE_S * min(MOST, 2**failures)))
    failures += 1
