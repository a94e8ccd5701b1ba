"""A wrong answer: see its name."""

import os
from queue import Empty, Queue
from threading import Lock

from flask import Flask, Response, request

HEARTBEAT_S = float(os.environ.get("HEARTBEAT_S", 15))
app = Flask(__name__)
rooms = {}  # the messages of each room, oldest first
listeners = {}  # a queue for each client that listens to a room
lock = Lock()


@app.post("/rooms/<room>/messages")
def send(room):
    message = request.get_json()
    with lock:
        log = rooms.setdefault(room, [])
        log.append({**message, "seq": len(log) + 1})
        for queue in listeners.get(room, []):
            queue.put(log[-1])
        return {"seq": len(log)}, 201


@app.get("/rooms/<room>/events")
def receive(room):
    after = int(request.headers.get("Last-Event-ID") or request.args.get("after", 0))
    queue = Queue()
    missed = rooms.get(room, [])[after:]
    with lock:
        listeners.setdefault(room, []).append(queue)
    return Response(events(missed, queue), mimetype="text/event-stream")


def events(missed, queue):
    yield ":\n\n"
    for message in missed:
        yield event(message)
    yield from news(queue)


def news(queue):
    while True:
        try:
            yield event(queue.get(timeout=HEARTBEAT_S))
        except Empty:
            yield ":\n\n"


def event(message):
    lines = "".join(f"data: {line}\n" for line in message["text"].split("\n"))
    return f"id: {message['seq']}\n{lines}\n"


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", 5003)))
