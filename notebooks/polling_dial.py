# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The poller's dial
#
# A poller has one dial: how long to wait between two questions. Turn it down, and news comes sooner. Turn it up, and there
# are fewer questions. Is there a good place to leave it?
#
# `RUN = "reference"` shows the recorded runs. Write `"latest"` to see your own newest ones; where you have none yet, the
# cell says which command makes one.

# %%
RUN = "reference"

# %%
import math

import polars as pl

from lab import notebook

dial = notebook.find("poll-interval", RUN)
dial

# %% [markdown]
# ## Wait against bytes
#
# Each point is a row of the experiment: how long the median wait is, and what a message weighs on the network. Left is
# sooner, down is lighter.
#
# **Predict.** Draw short polling's points: where is the shortest interval, where the longest? Then place the three others.

# %%
dial.figure("wait-and-bytes")

# %% [markdown]
# The dial moves along a curve: you buy a shorter wait with bytes. How much does each interval cost and bring?

# %%
dial.table("latency_p50", "ip_bytes", "requests_per_client_minute", "empty_polls")

# %% [markdown]
# **Predict.** If a message falls at a random moment between two polls, which share of the interval is the median wait? And
# the wait that 95 in 100 do not exceed?

# %%
waits = dial.frame("latency_p50", "latency_p95").drop_nulls("poll_interval_s")
interval_ms = 1000 * pl.col("poll_interval_s")
notebook.show(
    waits.select(
        "row",
        (pl.col("latency_p50") / interval_ms).alias("p50 / interval"),
        (pl.col("latency_p95") / interval_ms).alias("p95 / interval"),
    ),
    dial,
)

# %% [markdown]
# ## How many questions are for nothing?
#
# Suppose that messages come to a room at random, `rate` a second. Then a poll every `interval` seconds finds nothing with the
# probability `exp(-rate * interval)`.
#
# **Predict.** As many messages as polls: which share of the polls comes back empty? None, since each has its message?

# %%
rates = notebook.find("message-rate", RUN)
rates

# %%
polls = rates.frame("empty_polls").drop_nulls("poll_interval_s")
formula = (-pl.col("level") * pl.col("poll_interval_s")).exp()
notebook.show(
    polls.select(
        "row",
        formula.round(3).alias("by the formula"),
        pl.col("empty_polls").alias("measured"),
        pl.col("empty_polls_low").alias("from"),
        pl.col("empty_polls_high").alias("to"),
    ),
    rates,
)

# %%
rates.chart("Polls that bring nothing", y="empty_polls", y_scale="linear")

# %% [markdown]
# ## People are not random
#
# In the recorded chat people talk in bursts, and then nobody says a word. Let us feed the formula with the average rate of
# all its rooms.
#
# **Predict.** Will there be more empty polls than the formula says, or fewer?

# %%
chat = dial.frame("empty_polls", "offered_rate").drop_nulls("poll_interval_s")
for row in chat.iter_rows(named=True):
    rate = row["offered_rate"] / dial.rooms
    expected = math.exp(-rate * row["poll_interval_s"])
    print(
        f"{row['row']}: {expected:.0%} by the formula, {row['empty_polls']:.0%} measured"
    )

# %% [markdown]
# A quiet room is asked in vain, again and again, and what is said in a busy one comes in handfuls to few polls. The average
# rate hides both.
#
# ## The server's side of it
#
# A question costs the server something, also when the answer is nothing.

# %%
dial.figure("wait-and-cpu")

# %% [markdown]
# ## When polling wins
#
# Look again at both figures, at the long end of the dial. If nobody minds the wait, is there a way of delivery that the
# longest interval beats? Compare its row with each of the others.

# %%
dial.table("ip_bytes", "server_cpu", of="versus")

# %% [markdown]
# ## Try
#
# Predict first, each time; write the prediction down.
#
# 1. Turn the dial where nobody turned it: `.venv/bin/lab compare --poll-intervals 0.5,5`, and read the table. Which p50, which
#    share of empty polls?
# 2. Measure your own dial: `.venv/bin/lab experiment poll-interval`, then set `RUN = "latest"`. What moves on your machine,
#    the waits, the bytes, or the server's work?
# 3. Replace `dial.figure("wait-and-cpu")` by `dial.chart("Wait and requests", x="latency_p50",
#    y="requests_per_client_minute")`. Where are the ways that hardly ask?
