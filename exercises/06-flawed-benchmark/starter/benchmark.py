"""How fast does a server answer? It asks again and again for a while, and prints how long an answer took."""

import contextlib
import json
import os
import time
import urllib.request

SERVER = os.environ.get("SERVER", "http://127.0.0.1:5005/health")
RATE = float(os.environ.get("RATE", "50"))  # requests a second
DURATION_S = float(os.environ.get("DURATION_S", "5"))


def ask():
    """How long one answer takes, in milliseconds."""
    sent = time.monotonic()
    with urllib.request.urlopen(SERVER, timeout=10) as answer:
        answer.read()
    return 1000 * (time.monotonic() - sent)


waits = []
end = time.monotonic() + DURATION_S
while time.monotonic() < end:
    with contextlib.suppress(OSError):  # no answer, no time
        waits.append(ask())
    time.sleep(1 / RATE)

print(json.dumps({"mean_ms": sum(waits) / len(waits), "requests": len(waits)}))
