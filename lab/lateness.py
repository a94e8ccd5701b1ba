"""How late the generator was, and how much of the p99 that it measured is its own doing.

The question is not whether it was late but what came of it. So the lateness is added once more, and what the p99 then
grows by is about what it grew by in truth: simulation extrapolation, to the first order (J. Cook and L. Stefanski,
Simulation-Extrapolation Estimation in Parametric Measurement Error Models, JASA 89, 1994). Of sending, the lateness of
each message is known. Of reading it is not, but the generator's loop is looked at 100 times a second, and a draw from
what was seen is added to each delivery. To take lateness off instead would excuse a generator that was late at both
ends: what is left at one end hides what was taken off at the other.
"""

import math

import numpy as np
import polars as pl

from lab.stats import Floats, percentile

SEED = 19_941_228  # of the drawing, so that a rebuilt report says the same
Q = 0.99


def send_lag(publishes: pl.DataFrame, requests: pl.DataFrame) -> pl.DataFrame:
    """`room`, `id` and `lag_ns`: sent - max(intended, the sender's connection free), of all that was sent.

    A sender who posts waits for the answer to the post before, which is the server's doing and not the generator's.
    """
    sent = publishes.filter(pl.col("sent_ns").is_not_null()).sort("sent_ns")
    posts = requests.filter((pl.col("kind") == "send") & pl.col("ended_ns").is_not_null())
    free = posts.select(pl.col("user").alias("sender"), pl.col("ended_ns").alias("free_ns")).sort("free_ns")
    joined = sent.join_asof(
        free, left_on="sent_ns", right_on="free_ns", by="sender", strategy="backward", check_sortedness=False
    )
    return joined.select(
        "room", "id", (pl.col("sent_ns") - pl.max_horizontal("intended_ns", "free_ns")).alias("lag_ns")
    )


def share_of_sending(deliveries: pl.DataFrame, lags: pl.DataFrame) -> float | None:
    """The share by which the p99 would grow, were each message sent as late once more; None without deliveries.

    Of what arrived: a run that lost much has an infinite p99, which would excuse any lateness.
    """
    arrived = deliveries.filter(pl.col("received_ns").is_not_null()).join(lags, on=["room", "id"], how="left")
    if arrived.is_empty():
        return None
    took = arrived["received_ns"] - arrived["intended_ns"]
    return p99((took + arrived["lag_ns"].fill_null(0)).to_numpy()) / max(1.0, p99(took.to_numpy())) - 1


def share_of_loop(latencies_ms: Floats, lags_ms: Floats) -> float | None:
    """The share by which the p99 would grow, were the loop late once more; None where nothing is known of either."""
    arrived = latencies_ms[latencies_ms < math.inf]
    if not len(arrived) or not len(lags_ms):
        return None
    again = arrived + np.random.default_rng(SEED).choice(lags_ms, len(arrived))
    return p99(again) / max(1e-6, p99(arrived)) - 1


def p99(samples: Floats) -> float:
    return percentile(samples, Q)
