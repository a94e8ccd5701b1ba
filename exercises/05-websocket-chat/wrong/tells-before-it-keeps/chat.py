"""A wrong answer: see its name."""

import json
import os

from flask import Flask
from flask_sock import Sock

app = Flask(__name__)
sock = Sock(app)
rooms = {}  # the messages of each room, oldest first
clients = {}  # the open sockets of each room


def send(room, message):
    log = rooms.setdefault(room, [])
    text = json.dumps({**message, "seq": len(log) + 1})
    for client in list(clients[room]):
        client.send(text)
    log.append(message)


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
