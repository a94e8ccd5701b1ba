"""A wrong answer: see its name."""

import json
import os
import socket
from contextlib import suppress
from queue import Full, Queue
from threading import Lock, Thread

from flask import Flask
from flask_sock import Sock
from simple_websocket import ConnectionClosed

BACKLOG = int(os.environ.get("BACKLOG", 100))
app = Flask(__name__)
sock = Sock(app)
rooms = {}  # the messages of each room, oldest first
clients = {}  # in each room, the open sockets, and what waits to be sent to each
lock = Lock()


def send(room, message):
    with lock:
        log = rooms.setdefault(room, [])
        log.append({**message, "seq": len(log) + 1})
        text = json.dumps(log[-1])
    for client, queue in list(clients[room].items()):
        try:
            queue.put_nowait(text)
        except Full:
            cut(room, client)


def cut(room, client):
    clients[room].pop(client, None)
    with suppress(OSError):
        client.sock.shutdown(socket.SHUT_RDWR)


def write(client, queue):
    with suppress(ConnectionClosed, OSError):
        while (text := queue.get()) is not None:
            client.send(text)


@sock.route("/rooms/<room>/socket")
def receive(client, room):
    queue = Queue(BACKLOG)
    Thread(target=write, args=(client, queue), daemon=True).start()
    with lock:
        clients.setdefault(room, {})[client] = queue
    try:
        while True:
            send(room, json.loads(client.receive()))
    finally:
        with lock:
            clients[room].pop(client, None)
        with suppress(Full):
            queue.put_nowait(None)


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", 5004)))
