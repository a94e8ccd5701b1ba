# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Break-even
#
# Which one should you take? It depends on what you promise, to how many, at what price. So: first how many clients a server
# carries, then who keeps which promise, and where polling is the better answer.
#
# `RUN = "reference"` shows the recorded runs. Write `"latest"` to see your own newest ones; where you have none yet, the
# cell says which command makes one.

# %%
RUN = "reference"

# %%
import polars as pl

from lab import capacity, notebook, use_cases

search = notebook.find("capacity", RUN)
search

# %% [markdown]
# ## How many at most?
#
# We promised that 99 in 100 messages arrive in time, and added clients until the promise broke. The limit stands with each
# answer. Read it well: sometimes what gave in was not the server but whoever pretended to be the clients.
#
# **Predict.** Order the four. Which one cannot keep the promise even for one client?

# %%
for found in search.capacity:
    print(capacity.sentence(found))

# %%
search.figure("latency")

# %% [markdown]
# The short poller fails by the calendar, not for lack of power: half of its interval is the wait that it *wants*. Its server
# was hardly busy. How busy were they?

# %%
search.figure("load")

# %% [markdown]
# ## The poller's arithmetic
#
# In 2020 Van de Vyvere and others turned it round. A server answers so many requests a second. If everybody may wait `T`
# seconds, everybody needs one request in `T` seconds. So polling serves
#
# $$\text{clients} = \text{requests per second} \cdot T$$
#
# The longer people can wait, the more of them one server carries. A push does not get cheaper by waiting.
#
# **Predict.** How long must people be able to wait until polling carries more clients than a push? Seconds, minutes, hours?

# %%
dial = notebook.find("poll-interval", RUN)
asking = dial.frame("requests_per_client_minute", "server_load").with_columns(
    (pl.col("server_load") / dial.clients).alias("CPU for a client")
)
notebook.show(
    asking.select(
        "row",
        (1 / pl.col("CPU for a client")).alias("clients on one CPU, if all of it were theirs"),
        pl.col("requests_per_client_minute").alias("requests a minute"),
    ),
    dial,
)

# %% [markdown]
# On paper, that is: nobody should plan for a processor that is wholly busy. But it shows where the lines cross. Below, the
# server's load over the wait: as the pollers' dial is turned up, their load falls towards that of the others, and stops where
# it is the writing, not the asking, that costs.

# %%
dial.chart("The price of a shorter wait", x="latency_p50", y="server_load")

# %% [markdown]
# ## Promises
#
# Chat, ticker, game, editor, sports, notifications, help desk, a stream's chat. Each has a load with a source, and an
# objective: what people need of it.
#
# **Predict.** For each of the eight: does it need a WebSocket? Write eight times yes or no.

# %%
cases = notebook.find("use-cases", RUN)
cases.figure("decisions")

# %%
for said in use_cases.told(cases.summary) if cases.summary else []:
    print(said)

# %% [markdown]
# The last sentence says where polling wins. *Wins* means: it keeps the promise, and nothing that pushes keeps it for as few
# bytes, or as little of the processor.
#
# ## Try
#
# Predict first, each time; write the prediction down.
#
# 1. Promise less: `.venv/bin/lab experiment capacity --objective "p99 < 2s"`, then set `RUN = "latest"`. How many pollers now?
# 2. Measure a use case of your own: copy one of the files in `loadtests/scenarios`, change its rate and its objective, and
#    give it to `.venv/bin/lab compare`. Which way do you take?
# 3. In *The poller's arithmetic*, which interval do you need until short polling's row beats long polling's? Measure it:
#    `.venv/bin/lab compare --poll-intervals 30`.
