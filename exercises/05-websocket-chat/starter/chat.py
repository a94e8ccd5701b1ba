"""A chat over WebSocket. As it stands, whoever speaks sends to everybody, one after another."""

import json
import os

from flask import Flask
from flask_sock import Sock

BACKLOG = int(os.environ.get("BACKLOG", 100))
app = Flask(__name__)
sock = Sock(app)
rooms = {}  # the messages of each room, oldest first
clients = {}  # the open sockets of each room


def send(room, message):
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
