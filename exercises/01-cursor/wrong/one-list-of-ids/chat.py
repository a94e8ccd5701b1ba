"""A wrong answer: see its name."""

import os

from flask import Flask, request

app = Flask(__name__)
rooms = {}  # the messages of each room, oldest first
ids = {}  # the seq of each id


@app.post("/rooms/<room>/messages")
def send(room):
    message = request.get_json()
    log = rooms.setdefault(room, [])
    if message["id"] in ids:
        return {"seq": ids[message["id"]]}, 200
    log.append({"seq": len(log) + 1, **message})
    ids[message["id"]] = len(log)
    return {"seq": len(log)}, 201


@app.get("/rooms/<room>/messages")
def receive(room):
    after = request.args.get("after", 0, type=int)
    log = rooms.get(room, [])
    etag = f'"{len(log)}"'
    if request.headers.get("If-None-Match") == etag:
        return "", 304, {"ETag": etag}
    return {"messages": log[after:], "cursor": len(log)}, 200, {"ETag": etag}


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", 5001)))
