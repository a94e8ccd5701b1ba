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
clients = {}  # in each room, the open sockets, and a lock for each
numbering = Lock()


def send(room, message):
    with numbering:
        log = rooms.setdefault(room, [])
        message["seq"] = len(log) + 1
        log.append(message)
    for client, lock in list(clients[room].items()):
        with lock, suppress(ConnectionClosed, OSError):
            client.send(json.dumps(message))


@sock.route("/rooms/<room>/socket")
def receive(client, room):
    clients.setdefault(room, {})[client] = Lock()
    try:
        while True:
            send(room, json.loads(client.receive()))
    finally:
        del clients[room][client]


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", 5004)))
