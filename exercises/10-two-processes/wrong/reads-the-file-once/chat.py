"""A wrong answer: see its name."""

import os
import sqlite3
from contextlib import closing

from flask import Flask, request

app = Flask(__name__)
rooms = {}  # the messages of each room, oldest first


def database():
    db = sqlite3.connect(os.environ.get("DATABASE", "chat.db"), isolation_level=None, timeout=30)
    db.row_factory = sqlite3.Row  # rows that know their columns
    return closing(db)


with database() as db:
    db.execute("CREATE TABLE IF NOT EXISTS messages (room, seq INTEGER, id, sender, text)")
    for row in db.execute("SELECT * FROM messages ORDER BY seq"):
        rooms.setdefault(row["room"], []).append(dict(row))


@app.post("/rooms/<room>/messages")
def send(room):
    message = request.get_json()
    log = rooms.setdefault(room, [])
    for known in log:
        if known["id"] == message["id"]:
            return {"seq": known["seq"]}, 200
    log.append({"seq": len(log) + 1, **message})
    with database() as db:
        row = (room, len(log), message["id"], message["sender"], message["text"])
        db.execute("INSERT INTO messages VALUES (?, ?, ?, ?, ?)", row)
    return {"seq": len(log)}, 201


@app.get("/rooms/<room>/messages")
def receive(room):
    after = request.args.get("after", 0, type=int)
    log = rooms.get(room, [])
    return {"messages": log[after:], "cursor": len(log)}


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", 5001)))
