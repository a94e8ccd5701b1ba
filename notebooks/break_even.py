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
import math

import polars as pl

from lab import capacity, notebook, use_cases
from lab.claims import showing as claims

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
# Short polling fails by the calendar, not for lack of power: the wait is what its interval says. How busy were the servers?

# %%
search.figure("load")

# %% [markdown]
# ## The poller's arithmetic
#
# Van de Vyvere and others turned it round, in 2020. A server answers so many requests a second. Who may wait `T` seconds needs
# one request in `T` seconds. So polling serves `requests a second * T` clients: the longer people can wait, the more of them
# one server carries. A push does not get cheaper by waiting. (Their push was SSE. By the same arithmetic polling carried as
# many as that from ten seconds on.)
#
# **Predict.** How long must people be able to wait until polling carries more clients than a push? Seconds, minutes, hours?

# %%
silence = notebook.find("idle", RUN)
silence

# %% [markdown]
# How many requests a second does a whole processor answer? In silence each poll brings nothing, so this is what asking
# alone costs: the polls of all clients in a second, divided by the share of a processor that they took.

# %%
polled = silence.frame("server_load", "requests_per_client_minute")
per_s = silence.clients * pl.col("requests_per_client_minute") / 60
polled = polled.drop_nulls("poll_interval_s").select(
    "row",
    per_s.alias("requests a second"),
    (per_s / pl.col("server_load")).alias("a whole CPU would answer"),
)
notebook.show(polled, silence)

# %% [markdown]
# The busier row tells more: whatever a server does besides is a smaller part of it. Now the wait at which that many requests
# serve as many clients as each of the others did in the search above. Where the search ended at what the instrument could do,
# there may be more clients, and the wait is *at least* that. It is the longest wait, the whole interval; half of the news waits for
# half of it, and that is the wait in the figure further down.

# %%
most = polled["a whole CPU would answer"].max() or math.inf
for found in search.capacity:
    more = "" if capacity.of_the_server(found.limit) else "at least "
    if found.clients:
        print(
            f"{found.series}: as many, from a wait of {more}{found.clients / most:.1f} s"
        )

# %% [markdown]
# That is arithmetic, and kind to polling: an answer that brings something costs more than one that does not. Is it true? The
# claim has a rule of its own. It compares what polling would serve by the arithmetic with what was measured.

# %%
claims.explained("L5", claims.evidence(notebook.root(RUN)))

# %% [markdown]
# And this is how the dial moves the server's load, in a chat where people really write.

# %%
dial = notebook.find("poll-interval", RUN)
dial

# %%
dial.chart("The price of a shorter wait", x="latency_p50", y="server_load")

# %% [markdown]
# All of it in one figure: how many clients one processor carries, by how long half of the news may take. Polling's line climbs
# with the wait, a push has none to climb. Where they cross is the break-even, and it moves with how much is said.
#
# **Predict.** The busier the rooms, the sooner polling wins, or the later?

# %%
rates = notebook.find("message-rate", RUN)
notebook.signature("break-even", search, rates, dial)

# %% [markdown]
# ## Promises
#
# Chat, ticker, game, editor, sports, notifications, help desk, a stream's chat. Each has a load with a source, and an
# objective: what people need of it. `loadtests/scenarios` says where both are from, and what of it is assumed.
#
# **Predict.** For each of the eight: does it need a WebSocket? Write eight times yes or no.

# %%
cases = notebook.find("use-cases", RUN)
cases

# %%
cases.figure("decisions")

# %%
if cases.summary:
    print("\n".join(use_cases.told(cases.summary)))

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
