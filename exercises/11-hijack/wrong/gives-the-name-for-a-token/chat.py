"""A wrong answer: see its name."""

import json
import os
from contextlib import suppress

from flask import Flask, jsonify, request
from flask_sock import Sock
from simple_websocket import ConnectionClosed

app = Flask(__name__)
sock = Sock(app)
ORIGINS = os.environ.get("ORIGINS", "http://127.0.0.1:5004").split()  # whose pages may come in
names = {}  # who has which token
rooms = {}  # the messages of each room, oldest first
clients = {}  # the open sockets of each room


@app.before_request
def check_origin():
    origin = request.headers.get("Origin")
    if origin is not None and origin not in ORIGINS:
        return {"error": "This origin is not allowed here."}, 403


@app.post("/session")
def begin():
    token = request.get_json()["name"]
    names[token] = token
    answer = jsonify(token=token)
    answer.set_cookie("session", token, httponly=True, samesite="Strict")
    return answer, 201


def send(room, message):
    log = rooms.setdefault(room, [])
    log.append({"seq": len(log) + 1, **message})
    for client in list(clients[room]):
        with suppress(ConnectionClosed):
            client.send(json.dumps({"type": "message", **log[-1]}))


def introduction(client):
    """The name that belongs to the token in the first frame, or None."""
    try:
        frame = json.loads(client.receive(timeout=5) or "")
        return names.get(frame["token"]) if frame["type"] == "auth" else None
    except (ValueError, TypeError, KeyError):  # no JSON, no object, not these keys
        return None


@sock.route("/rooms/<room>/socket")
def receive(client, room):
    name = introduction(client)
    if name is None:
        return client.close(4401)
    clients.setdefault(room, []).append(client)
    try:
        client.send(json.dumps({"type": "ready", "name": name}))
        while True:
            frame = json.loads(client.receive())
            if frame["type"] == "send" and frame["sender"] != name:
                client.send(json.dumps({"type": "error", "title": f"This session sends as {name} only."}))
            elif frame["type"] == "send":
                send(room, {key: frame[key] for key in ("id", "sender", "text")})
    finally:
        clients[room].remove(client)


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", 5004)))
