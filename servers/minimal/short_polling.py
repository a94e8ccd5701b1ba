"""Short polling in one file."""

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
    after = int(request.args.get("after", 0))
    log = rooms.setdefault(room, [])
    return {"messages": log[after:], "cursor": len(log)}


if __name__ == "__main__":
    app.run(port=5001)
