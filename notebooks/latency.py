# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # How long does a message take, and for whom?
#
# You press Enter. When do the others see it? One number cannot answer that. This notebook looks at *all* deliveries, then
# moves the server farther and farther away.
#
# `RUN = "reference"` shows the recorded runs. Write `"latest"` to see your own newest ones; where you have none yet, the
# cell says which command makes one.

# %%
RUN = "reference"

# %%
import polars as pl

from lab import notebook

rooms = notebook.find("irc-room", RUN)
rooms

# %% [markdown]
# ## The wait in three numbers
#
# *Delivery latency* runs from the moment at which a message was meant to be written to the moment at which a receiver had
# it. Half of the deliveries are sooner than p50, the median; 95 in 100 are sooner than p95; 99 in 100 are sooner than p99.
#
# Behind each number stands an interval, in brackets: how much the runs differed. Were all of it measured again and again,
# 95 in 100 such intervals would hold the true value. Two rows whose intervals overlap may well be equal.
#
# **Predict.** One of the rows below polls every second. Write down its p50 and its p99. Then write down those of
# WebSocket, on one machine, without any distance.

# %%
rooms.table("latency_p50", "latency_p95", "latency_p99")

# %%
rooms.figure("delivery-latency")

# %% [markdown]
# ## What a median hides
#
# Two rows can share a median and feel quite different. So we draw every delivery: at each delay, the share that had arrived
# by then. Each thin line is one run, so where the lines of one colour lie on each other, the runs agree.
#
# **Predict.** Before you look, sketch short polling's line. Does it jump, or does it climb?

# %%
rooms.distribution()

# %% [markdown]
# Short polling climbs all the way to its interval: a message comes at a random moment between two polls, so each wait from
# nothing to the whole interval is as likely as any other. (Towards the right a logarithmic axis squeezes, so the even climb
# looks bent.) If that is so, the median is half of the interval, and p95 is 95 hundredths of it. Is it?

# %%
waits = rooms.frame("latency_p50", "latency_p95", "latency_p99")
interval_ms = 1000 * pl.col("poll_interval_s")
notebook.show(
    waits.drop_nulls("poll_interval_s").select(
        "row",
        (pl.col("latency_p50") / interval_ms).alias("p50 / interval"),
        (pl.col("latency_p95") / interval_ms).alias("p95 / interval"),
    ),
    rooms,
)

# %% [markdown]
# ## Farther away
#
# On one machine a message hardly travels. So we put a link between the clients and the server, and make it longer.

# %%
distance = notebook.find("rtt", RUN)
distance

# %% [markdown]
# A message goes up to the server once, and down to a receiver once: together, one round trip.
#
# In this figure and in those that follow, the thin lines are no measurement. They are what a model in formulas expects
# (`lab/model`), and beneath stands how far off it is.
#
# **Predict.** For each millisecond of round trip, how many milliseconds does each transport's median grow? Is there one
# whose median hardly cares?

# %%
distance.figure("latency")

# %%
medians = distance.frame("latency_p50").drop_nulls("latency_p50").sort("level")
ends = medians.group_by("way", maintain_order=True).agg(
    pl.col("latency_p50").last().alias("far") - pl.col("latency_p50").first(),
    pl.col("level").last().alias("distance") - pl.col("level").first(),
)
slope = (pl.col("far") / pl.col("distance")).alias("ms for each ms")
notebook.show(ends.select("way", slope), distance)

# %% [markdown]
# Do all pay much the same for distance, by the median? Now look at the *tail*, the slowest deliveries.
#
# **Predict.** Whose slow deliveries grow faster than the distance? Why?

# %%
distance.figure("tail")

# %%
farthest = medians["level"].max()
pushed = ["long-polling", "sse", "websocket"]
distance.distribution(farthest, pushed)

# %% [markdown]
# Long polling's line has a step and then a slope. In the step are messages that found their poll waiting. In the slope are those
# that came in the *gap*: the answer was on its way down, or the next poll on its way up, and nobody was there to take them.
# They wait for what is left of a round trip. The longer the trip, the longer the gap, and the more messages fall into it.
#
# SSE's line bends too, though nobody asks there. Its *writers* do: they POST, and on one connection the next POST goes out
# when the last one has been answered. Who says two things within a round trip keeps the second waiting. (Our clients post on
# one connection each; a browser opens up to six, so its second POST need not wait, but pays for a handshake.) On a WebSocket
# the second simply follows the first. Is it so? Then whoever says something only once in a long while should see no bend. In
# the next run everybody writes in a steady beat, and seldom enough.
#
# ## The knee
#
# Suppose that news comes in a steady beat. As long as the next poll is back before the next beat, nothing falls into the
# gap, and long polling is as good as a push. In 2012 Pimentel and Nickerson measured the readings of a wind sensor, and are
# quoted so.

# %%
knee = notebook.find("knee", RUN)
knee

# %% [markdown]
# **Predict.** The beat stands beneath the figure's axis. At which round trip will long polling's points leave the others? And
# SSE's?

# %%
knee.figure("latency")

# %% [markdown]
# The same as a multiple of WebSocket's median. (At no distance at all both take so little that a ratio makes much of it.)

# %%
knee.table("latency_p50", of="versus", transports=["long-polling"])

# %%
if knee.rows:
    beat_ms = 1000 / knee.workload["rate_per_s"]
    print(f"A message every {beat_ms:g} ms; half of that is {beat_ms / 2:g} ms.")

# %% [markdown]
# The claim is put in terms of one way: long polling is as good while the delay is below half of the beat. So here is the same
# once more over the delay of one way, with that bend marked, and the model's lines.

# %%
notebook.signature("knee", knee)

# %% [markdown]
# And the tail, where we wanted to know whether SSE's bends:

# %%
knee.figure("tail")

# %% [markdown]
# Past the knee long polling cannot keep up with the beat one by one. What does it do instead? Look at its requests.

# %%
knee.figure("requests")

# %% [markdown]
# Several messages share one answer: fewer requests for each message, and a longer wait. That is *coalescing*, and you will
# meet it again where polling wins.
#
# ## Try
#
# Predict first, each time; write the prediction down.
#
# 1. Measure your own machine: `.venv/bin/lab compare`, then set `RUN = "latest"`. Which numbers move, and which stay?
# 2. Measure your own distance: `.venv/bin/lab experiment rtt`. Does your slope differ from the recorded one? Why should it?
# 3. Write `rooms.distribution(transports=["sse", "websocket"])`. Is one surely sooner than the other, in every run?
# 4. Replace `knee.figure("latency")` by `knee.chart("What a message weighs", y="ip_bytes", x_scale="linear")`. Beyond the
#    knee, does long polling get heavier or lighter?
