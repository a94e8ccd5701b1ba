"""A chat on the air. As it stands, a listener is told only what is said from now on."""

import os
from queue import Queue
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
    queue = Queue()
    with lock:
        listeners.setdefault(room, []).append(queue)
    return Response(events(queue), mimetype="text/event-stream")


def events(queue):
    yield ":\n\n"  # a comment: the head goes out with it
    while True:
        yield event(queue.get())


def event(message):
    return f"data: {message['text']}\n\n"


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", 5003)))
