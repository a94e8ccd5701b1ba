"""A wrong answer: see its name."""

import os
import sqlite3
from contextlib import closing
from threading import Lock

from flask import Flask, request

app = Flask(__name__)
lock = Lock()


def database():
    db = sqlite3.connect(os.environ.get("DATABASE", "chat.db"), isolation_level=None, timeout=30)
    db.row_factory = sqlite3.Row  # rows that know their columns
    return closing(db)


with database() as db:
    db.execute(
        "CREATE TABLE IF NOT EXISTS messages (room, seq INTEGER, id, sender, text,"
        " PRIMARY KEY (room, seq), UNIQUE (room, id))"
    )


@app.post("/rooms/<room>/messages")
def send(room):
    message = request.get_json()
    with lock, database() as db:
        known = db.execute("SELECT seq FROM messages WHERE room = ? AND id = ?", (room, message["id"])).fetchone()
        if known:
            return {"seq": known["seq"]}, 200
        (last,) = db.execute("SELECT coalesce(max(seq), 0) FROM messages WHERE room = ?", (room,)).fetchone()
        row = (room, last + 1, message["id"], message["sender"], message["text"])
        db.execute("INSERT INTO messages VALUES (?, ?, ?, ?, ?)", row)
    return {"seq": last + 1}, 201


@app.get("/rooms/<room>/messages")
def receive(room):
    after = request.args.get("after", 0, type=int)
    with database() as db:
        rows = db.execute(
            "SELECT seq, id, sender, text FROM messages WHERE room = ? AND seq > ? ORDER BY seq", (room, after)
        ).fetchall()
    return {"messages": [dict(row) for row in rows], "cursor": rows[-1]["seq"] if rows else after}


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", 5001)))
