"""A wrong answer: see its name."""

import json
import sys


def choose(place):
    longest = place["objective_s"] / 0.95
    requests = place["clients"] / longest
    return {"interval_s": longest, "p50_s": longest / 2, "p95_s": 0.95 * longest, "requests_per_s": requests}


for line in sys.stdin:
    print(json.dumps(choose(json.loads(line))))
