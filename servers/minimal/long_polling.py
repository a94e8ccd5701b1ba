"""Long polling in one file."""

from threading import Condition

from flask import Flask, request

app = Flask(__name__)
rooms = {}  # the messages of each room, oldest first
news = Condition()


@app.post("/rooms/<room>/messages")
def send(room):
    log = rooms.setdefault(room, [])
    log.append({"seq": len(log) + 1, **request.get_json()})
    with news:
        news.notify_all()
    return {"seq": len(log)}, 201


@app.get("/rooms/<room>/messages")
def receive(room):
    with news:
        arrived = news.wait(timeout=25)
    log = rooms.setdefault(room, [])
    return {"messages": log[-1:] if arrived else [], "cursor": len(log)}


if __name__ == "__main__":
    app.run(port=5002)
