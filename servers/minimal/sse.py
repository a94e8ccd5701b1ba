"""Server-sent events in one file."""

import json
from queue import Queue

from flask import Flask, Response, request

app = Flask(__name__)
rooms = {}  # the messages of each room, oldest first
listeners = {}  # a queue for each client that listens to a room


@app.post("/rooms/<room>/messages")
def send(room):
    log = rooms.setdefault(room, [])
    log.append({"seq": len(log) + 1, **request.get_json()})
    for queue in listeners.get(room, []):
        queue.put(log[-1])
    return {"seq": len(log)}, 201


@app.get("/rooms/<room>/events")
def receive(room):
    queue = Queue()
    listeners.setdefault(room, []).append(queue)

    def events():
        while True:
            yield f"data: {json.dumps(queue.get())}\n\n"

    return Response(events(), mimetype="text/event-stream")


if __name__ == "__main__":
    app.run(port=5003)
