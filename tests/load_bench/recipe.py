"""The usual recipe for WebSocket with Locust, as its users write it: websocket-client, a greenlet to each socket.

locust -f tests/load_bench/recipe.py --headless --users 200 --spawn-rate 200 --host ws://127.0.0.1:5000
"""

import json
from datetime import UTC, datetime

import websocket
from locust import User, task


class Listener(User):
    """Connects, then reports each message that it hears, with the time it took."""

    def on_start(self) -> None:
        self.ws = websocket.create_connection(f"{self.host}/rooms/recipe/socket?after=0")

    def on_stop(self) -> None:
        self.ws.close()

    @task
    def listen(self) -> None:
        while True:
            text = self.ws.recv()
            message = json.loads(text)
            if message["type"] == "message":
                taken = datetime.now(UTC) - datetime.fromisoformat(message["at"])
                self.environment.events.request.fire(
                    request_type="WS",
                    name="message",
                    response_time=taken.total_seconds() * 1000,
                    response_length=len(text),
                    exception=None,
                    context={},
                )
