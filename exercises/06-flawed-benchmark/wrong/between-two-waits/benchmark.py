"""A wrong answer: see its name."""

import contextlib
import json
import math
import os
import random
import threading
import time
import urllib.request

SERVER = os.environ["SERVER"]
RATE, WARMUP_S, DURATION_S = (float(os.environ[name]) for name in ("RATE", "WARMUP_S", "DURATION_S"))
RUNS, SEED = int(os.environ["RUNS"]), int(os.environ["SEED"])
WARM, COUNTED = round(RATE * WARMUP_S), round(RATE * DURATION_S)  # requests of a run
FAILED = math.inf


def schedule(number):
    """When the requests of a run are due, in seconds from its beginning, those of the warm-up first."""
    chance = random.Random(f"{SEED} {number}")
    warm_up = [chance.uniform(0, WARMUP_S) for _ in range(WARM)]
    counted = [WARMUP_S + chance.uniform(0, DURATION_S) for _ in range(COUNTED)]
    return sorted(warm_up) + sorted(counted)


def run(number):
    """The waits of the requests that count, in seconds. It is over when all are answered or have failed."""
    due = schedule(number)
    waits = [FAILED] * len(due)
    begun = time.monotonic()

    def ask(place):
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(SERVER, timeout=10) as answer:
                answer.read()
            waits[place] = time.monotonic() - begun - due[place]

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(len(due))]
    for moment, thread in zip(due, threads, strict=True):
        time.sleep(max(0.0, begun + moment - time.monotonic()))
        thread.start()
    for thread in threads:
        thread.join()
    return waits[WARM:]


def percentile(waits, percent):
    """The wait that so many in a hundred do not exceed, in milliseconds; None if that one never ended."""
    place = percent / 100 * (len(waits) - 1)
    low, high = sorted(waits)[math.floor(place)], sorted(waits)[math.ceil(place)]
    wait = low + (high - low) * (place % 1) if high < FAILED else high
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
