# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Thousands of connections
#
# Short polling is a question, an answer, and silence. The three others keep something pending for every client, all the time: a
# question without its answer, a stream, a socket. What does that take, and when does it hurt?
#
# `RUN = "reference"` shows the recorded runs. Write `"latest"` to see your own newest ones; where you have none yet, the
# cell says which command makes one.

# %%
RUN = "reference"

# %%
import polars as pl

from lab import notebook

crowd = notebook.find("clients", RUN)
crowd

# %% [markdown]
# ## One client, and then a crowd
#
# **Predict.** How much memory does a server need for one client? And how much more for each one after that: kilobytes, or
# megabytes?

# %%
crowd.figure("memory")

# %% [markdown]
# The beginning is the server itself: Python and its libraries. What a *client* takes is the slope: what the memory grew by,
# divided by the clients that came.

# %%
sizes = crowd.frame("server_rss").drop_nulls("server_rss").sort("level")
grown = sizes.group_by("way", maintain_order=True).agg(
    (pl.col("server_rss").last() - pl.col("server_rss").first()).alias("more MB"),
    (pl.col("level").last() - pl.col("level").first()).alias("more clients"),
)
each = 1000 * pl.col("more MB") / pl.col("more clients")
notebook.show(grown.with_columns(each.alias("kB for each")), crowd)

# %% [markdown]
# ## Files and threads
#
# For the operating system each connection is an open file. A process may have only so many of them, until somebody raises
# the limit. That is why a server stops at a strangely round number of clients.
#
# **Predict.** How many open files does each client cost? Do pollers need one too, between their questions?

# %%
crowd.table("server_fds", "server_threads", "server_rss")

# %% [markdown]
# ## A thread for each, or one for all
#
# The classic way is a thread for each connection. The other is an event loop, here *gevent*: one thread looks after all
# connections, and switches when one of them has to wait.
#
# **Predict.** With threads, how many are there for the clients below? Is the wait longer, the memory more, the work harder?

# %%
engines = notebook.find("engines", RUN)
engines

# %%
if engines.rows:
    print(f"{engines.clients} clients, at every level.")
engines.table("server_threads", "server_rss", "server_cpu", "latency_p95")

# %% [markdown]
# More than one thread for each client? Whoever polls or listens to a stream posts on a second connection, which has a thread
# too; and the library that speaks WebSocket reads in a thread of its own.

# %%
engines.figure("cpu")

# %%
engines.figure("latency")

# %% [markdown]
# ## Those who only wait
#
# Most clients of most services hear nothing most of the time. What does the server do for them?
#
# **Predict.** Order the rows by how busy an idle crowd keeps the server.

# %%
silence = notebook.find("idle", RUN)
silence

# %%
silence.figure("cpu")

# %%
silence.table("server_load", "requests_per_client_minute", "ip_bytes_hour")

# %% [markdown]
# ## What a crowd does to the wait
#
# **Predict.** By which way of delivery will the median wait grow with the crowd?

# %%
crowd.figure("latency")

# %%
crowd.figure("load")

# %% [markdown]
# ## When polling wins
#
# Whoever polls seldom holds nothing but a connection that does nothing, and a server can close that at any time and lose no
# message. Compare the processor's load at the highest level: is it the pollers or the listeners who keep the server busy?
#
# ## Try
#
# Predict first, each time; write the prediction down.
#
# 1. What can your machine carry? `.venv/bin/lab doctor` tells how many files a process may open. Then
#    `.venv/bin/lab experiment clients`, and set `RUN = "latest"`.
# 2. Cut them all off: `.venv/bin/lab experiment reconnect-storm`, then
#    `notebook.find("reconnect-storm", "latest").figure("back")`. Who is back first, and why is it not a race that anybody
#    should win?
# 3. Divide: add `"server_load"` to the columns of the table in *Files and threads*. What would a million such
#    clients need?
# 4. One who does not read: `.venv/bin/lab experiment slow-client`, and its figure `memory`. Do the others notice?
