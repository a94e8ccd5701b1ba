"""A wrong answer: see its name."""

import json
import os
from contextlib import suppress
from threading import Lock

from flask import Flask
from flask_sock import Sock
from simple_websocket import ConnectionClosed

app = Flask(__name__)
sock = Sock(app)
rooms = {}  # the messages of each room, oldest first
clients = {}  # the open sockets of each room
lock = Lock()


def send(room, message):
    with lock:
        log = rooms.setdefault(room, [])
        log.append({**message, "seq": len(log) + 1})
        for client in list(clients[room]):
            with suppress(ConnectionClosed, OSError):
                client.send(json.dumps(log[-1]))


@sock.route("/rooms/<room>/socket")
def receive(client, room):
    clients.setdefault(room, []).append(client)
    try:
        while True:
            send(room, json.loads(client.receive()))
    finally:
        clients[room].remove(client)


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", 5004)))
