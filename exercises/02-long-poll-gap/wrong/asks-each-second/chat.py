"""A wrong answer: see its name."""

import os
import time
from threading import Condition

from flask import Flask, request

HOLD_S = float(os.environ.get("HOLD_S", 25))
app = Flask(__name__)
rooms = {}  # the messages of each room, oldest first
news = Condition()


@app.post("/rooms/<room>/messages")
def send(room):
    message = request.get_json()
    with news:
        log = rooms.setdefault(room, [])
        log.append({**message, "seq": len(log) + 1})
        news.notify_all()
        return {"seq": len(log)}, 201


@app.get("/rooms/<room>/messages")
def receive(room):
    after = request.args.get("after", 0, type=int)
    log = rooms.setdefault(room, [])
    end = time.monotonic() + HOLD_S
    while len(log) <= after and time.monotonic() < end:
        time.sleep(min(0.9, max(0.0, end - time.monotonic())))
    with news:
        return {"messages": log[after:], "cursor": len(log)}


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", 5002)))
