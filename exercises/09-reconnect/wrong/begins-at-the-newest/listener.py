"""A wrong answer: see its name."""

import http.client
import json
import os
import random
import time
import urllib.error
import urllib.request

SERVER, ROOM = os.environ["SERVER"], os.environ["ROOM"]
BASE_S, MOST = float(os.environ.get("BASE_S", 0.5)), 32  # seconds, and how many times that is the longest wait
HELD = 40  # seconds; the server answers after half a minute at the latest


def page(query):
    """What follows this place, as soon as there is something."""
    url = f"{SERVER}/long-polling/rooms/{ROOM}/messages?{query}"
    with urllib.request.urlopen(url, timeout=HELD) as answer:
        return json.load(answer)


query, failures = "after=0", 0
while True:
    try:
        if failures:  # begin where the log ends now
            newest = page("after=0")
            query = f"after={newest['cursor']}&epoch={newest['epoch']}"
            failures = 0
        found = page(query)
        for message in found["messages"]:
            print(json.dumps(message), flush=True)
        query = f"after={found['cursor']}&epoch={found['epoch']}"
        continue
    except urllib.error.HTTPError as refusal:
        if refusal.code in (409, 410):
            place = json.load(refusal)
            query = f"after={place['cursor']}&epoch={place['epoch']}"
            print(json.dumps({"gap": True}), flush=True)
            continue
    except (OSError, http.client.HTTPException):
        pass
    time.sleep(random.uniform(0, BASE_S * min(MOST, 2**failures)))
    failures += 1
