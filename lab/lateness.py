"""How late the generator was: in sending, and in reading what had come.

Of sending, the lateness of each message is known. Of reading it is not, but 50 times a second the generator's loop is
looked at. To know what came of it, each delivery is made as late once more as the loop was at that moment: what the p99
then grows by is about what it grew by in truth. That is simulation extrapolation, to the first order (J. Cook and
L. Stefanski, Simulation-Extrapolation Estimation in Parametric Measurement Error Models, JASA 89, 1994). The p99 of the
loop's lateness says less: it is mostly that of moments in which nothing was to be read.
"""

import polars as pl

from lab.stats import percentile

Q = 0.99


def send_lag(publishes: pl.DataFrame, requests: pl.DataFrame) -> pl.Series:
    """sent - max(intended, the sender's connection free), in ns, of all that was sent.

    A sender who posts waits for the answer to the post before, which is the server's doing and not the generator's.
    """
    sent = publishes.filter(pl.col("sent_ns").is_not_null()).sort("sent_ns")
    posts = requests.filter((pl.col("kind") == "send") & pl.col("ended_ns").is_not_null())
    free = posts.select(pl.col("user").alias("sender"), pl.col("ended_ns").alias("free_ns")).sort("free_ns")
    joined = sent.join_asof(
        free, left_on="sent_ns", right_on="free_ns", by="sender", strategy="backward", check_sortedness=False
    )
    return joined.select(pl.col("sent_ns") - pl.max_horizontal("intended_ns", "free_ns"))["sent_ns"]


def share_of_loop(deliveries: pl.DataFrame, samples: pl.DataFrame) -> float | None:
    """The share by which the p99 would grow, were the loop as late once more; None where nothing is known of either.

    `samples` has `at_ns` and `lag_ns`. Of what arrived: a run that lost much has an infinite p99, which would excuse
    any lateness.
    """
    arrived = deliveries.filter(pl.col("received_ns").is_not_null()).sort("received_ns")
    lags = samples.group_by("at_ns").agg(pl.col("lag_ns").max()).sort("at_ns")
    if arrived.is_empty() or lags.is_empty():
        return None
    paired = arrived.join_asof(lags, left_on="received_ns", right_on="at_ns", strategy="nearest")
    took = paired["received_ns"] - paired["intended_ns"]
    again = percentile((took + paired["lag_ns"]).to_numpy(), Q)
    return again / max(1.0, percentile(took.to_numpy(), Q)) - 1
