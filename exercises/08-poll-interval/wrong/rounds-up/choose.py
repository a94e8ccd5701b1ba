"""A wrong answer: see its name."""

import json
import math
import sys

HOLD_S = 25  # after which a long poll that found nothing is asked again


def choose(place):
    longest = math.ceil(10 * place["objective_s"] / 0.95) / 10
    shortest = place["clients"] / place["budget_per_s"]
    if shortest > longest:
        return {"interval_s": None, "instead": instead(place)}
    requests = place["clients"] / longest
    return {"interval_s": longest, "p50_s": longest / 2, "p95_s": 0.95 * longest, "requests_per_s": requests}


def instead(place):
    """Long polling, where it asks seldom enough: once after each message, and once after each hold."""
    requests = place["clients"] * (place["messages_per_s"] + 1 / HOLD_S)
    return "long-polling" if requests <= place["budget_per_s"] else "sse"


for line in sys.stdin:
    print(json.dumps(choose(json.loads(line))))
