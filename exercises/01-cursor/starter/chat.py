"""A chat that is polled. As it stands, every answer brings the whole log."""

import os

from flask import Flask, request

app = Flask(__name__)
rooms = {}  # the messages of each room, oldest first


@app.post("/rooms/<room>/messages")
def send(room):
    log = rooms.setdefault(room, [])
    log.append({"seq": len(log) + 1, **request.get_json()})
    return {"seq": len(log)}, 201


@app.get("/rooms/<room>/messages")
def receive(room):
    log = rooms.get(room, [])
    return {"messages": log, "cursor": len(log)}


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", 5001)))
