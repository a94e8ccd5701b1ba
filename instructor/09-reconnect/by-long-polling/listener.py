"""Follows a room by long polling, through a line that breaks: each message once, and a word where some are gone."""

import http.client
import json
import os
import random
import time
import urllib.error
import urllib.request

SERVER, ROOM = os.environ["SERVER"], os.environ["ROOM"]
BASE_S, MOST = float(os.environ.get("BASE_S", 0.5)), 32  # seconds, and how many times that is the longest wait
SILENCE = 40  # seconds; the server answers after half a minute at the latest


def page(query):
    """What follows this place, as soon as there is something; or where to go on, if what follows is gone."""
    url = f"{SERVER}/long-polling/rooms/{ROOM}/messages?{query}"
    try:
        with urllib.request.urlopen(url, timeout=SILENCE) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refusal:
        if refusal.code not in (409, 410):
            raise
        return {"messages": [{"gap": True}], **json.load(refusal)}


query, failures = "after=0", 0
while True:
    try:
        found = page(query)
        for message in found["messages"]:
            print(json.dumps(message), flush=True)
        query, failures = f"after={found['cursor']}&epoch={found['epoch']}", 0
    except (OSError, http.client.HTTPException):
        time.sleep(random.uniform(0, BASE_S * min(MOST, 2**failures)))
        failures += 1
