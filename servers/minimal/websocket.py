"""WebSocket in one file."""

import json

from flask import Flask
from flask_sock import Sock

app = Flask(__name__)
sock = Sock(app)
rooms = {}  # the messages of each room, oldest first
clients = {}  # the open sockets of each room


def send(room, message):
    log = rooms.setdefault(room, [])
    log.append({"seq": len(log) + 1, **message})
    for client in clients[room]:
        client.send(json.dumps({"type": "message", **log[-1]}))


@sock.route("/rooms/<room>/socket")
def receive(client, room):
    clients.setdefault(room, []).append(client)
    while True:
        message = json.loads(client.receive())
        message.pop("type", None)
        send(room, message)


if __name__ == "__main__":
    app.run(port=5004)
