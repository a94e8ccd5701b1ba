"""A wrong answer: see its name."""

import os
from threading import Condition

from flask import Flask, Response, request

HEARTBEAT_S = float(os.environ.get("HEARTBEAT_S", 15))
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


@app.get("/rooms/<room>/events")
def receive(room):
    cursor = int(request.headers.get("Last-Event-ID") or request.args.get("after", 0))
    return Response(events(room, cursor), mimetype="text/event-stream")


def events(room, cursor):
    yield ":\n\n"  # the head goes out with it
    while True:
        messages = said_after(room, cursor)
        yield "".join(map(event, messages)) or ":\n\n"
        cursor += len(messages)


def said_after(room, cursor):
    """The messages after the cursor, as soon as there are some; none if there were none for HEARTBEAT_S seconds."""
    with news:
        log = rooms.setdefault(room, [])
        news.wait_for(lambda: len(log) > cursor, HEARTBEAT_S)
        return log[cursor:]


def event(message):
    lines = "".join(f"data: {line}\n" for line in message["text"].splitlines())
    return f"id: {message['seq']}\n{lines}\n"


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", 5003)))
