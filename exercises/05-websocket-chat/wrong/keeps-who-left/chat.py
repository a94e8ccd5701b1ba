"""A wrong answer: see its name."""

import json
import os
from threading import Lock

from flask import Flask
from flask_sock import Sock

app = Flask(__name__)
sock = Sock(app)
rooms = {}  # the messages of each room, oldest first
clients = {}  # the open sockets of each room
lock = Lock()


def send(room, message):
    with lock:
        log = rooms.setdefault(room, [])
        log.append({**message, "seq": len(log) + 1})
        for client in clients[room]:
            client.send(json.dumps(log[-1]))


@sock.route("/rooms/<room>/socket")
def receive(client, room):
    clients.setdefault(room, []).append(client)
    while True:
        send(room, json.loads(client.receive()))


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", 5004)))
