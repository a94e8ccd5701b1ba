"""A wrong answer: see its name."""

import json
import os
import socket
from contextlib import suppress
from threading import Condition, Thread

from flask import Flask
from flask_sock import Sock
from simple_websocket import ConnectionClosed

BACKLOG = int(os.environ.get("BACKLOG", 100))
app = Flask(__name__)
sock = Sock(app)
rooms = {}  # the messages of each room, oldest first
clients = {}  # in each room, the open sockets, and what waits to be sent to each
news = Condition()


def send(room, message):
    with news:
        log = rooms.setdefault(room, [])
        log.append({**message, "seq": len(log) + 1})
        for client, waiting in list(clients[room].items()):
            waiting.append(json.dumps(log[-1]))
            if len(waiting) > BACKLOG:
                del clients[room][client]
                with suppress(OSError):
                    client.sock.shutdown(socket.SHUT_RDWR)
        news.notify_all()


def write(client, waiting):
    with suppress(ConnectionClosed, OSError):
        while True:
            with news:
                news.wait_for(lambda: waiting)
                text = waiting.pop()
            client.send(text)


@sock.route("/rooms/<room>/socket")
def receive(client, room):
    waiting = []
    Thread(target=write, args=(client, waiting), daemon=True).start()
    with news:
        clients.setdefault(room, {})[client] = waiting
    try:
        while True:
            send(room, json.loads(client.receive()))
    finally:
        with news:
            clients[room].pop(client, None)


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", 5004)))
