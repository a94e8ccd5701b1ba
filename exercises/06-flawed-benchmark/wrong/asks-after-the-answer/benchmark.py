"""A wrong answer: see its name."""

import contextlib
import json
import math
import os
import time
import urllib.request

SERVER = os.environ["SERVER"]
RATE, WARMUP_S, DURATION_S = (float(os.environ[name]) for name in ("RATE", "WARMUP_S", "DURATION_S"))
RUNS = int(os.environ["RUNS"])
COUNTED = round(RATE * DURATION_S)  # requests of a run
FAILED = math.inf


def run(number):
    """The waits of the requests that count, in seconds."""
    waits = []
    begun = time.monotonic()
    while (now := time.monotonic()) < begun + WARMUP_S + DURATION_S:
        wait = FAILED
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(SERVER, timeout=10) as answer:
                answer.read()
            wait = time.monotonic() - now
        if now >= begun + WARMUP_S:
            waits.append(wait)
        time.sleep(1 / RATE)
    return waits


def percentile(waits, percent):
    """The wait that so many in a hundred do not exceed, in milliseconds; None if that one never ended."""
    wait = sorted(waits)[math.ceil(percent / 100 * len(waits)) - 1]
    return None if wait == FAILED else 1000 * wait


runs = [run(number) for number in range(RUNS)]
waits = [wait for each in runs for wait in each]
medians = [percentile(each, 50) for each in runs]
print(
    json.dumps(
        {
            **{f"p{percent}": percentile(waits, percent) for percent in (50, 95, 99)},
            "runs": medians,
            "interval": [min(medians), max(medians)],
            "intended": RUNS * COUNTED,
            "sent": len(waits),
            "answered": sum(wait != FAILED for wait in waits),
        }
    )
)
