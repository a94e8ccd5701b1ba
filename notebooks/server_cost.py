# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # What does a message cost the server?
#
# The network is not the only one that works. The server reads each question, looks for news, writes each answer. Here we count
# its processor time, in microseconds for each message delivered.
#
# `RUN = "reference"` shows the recorded runs. Write `"latest"` to see your own newest ones; where you have none yet, the
# cell says which command makes one.

# %%
RUN = "reference"

# %%
import polars as pl

from lab import notebook
from lab.claims import showing as claims

rates = notebook.find("message-rate", RUN)
rates

# %% [markdown]
# ## Few messages, many messages
#
# The rooms are the same. What changes is how much is said in them.
#
# **Predict.** As rooms get busier, which costs for each message fall, and which stay? Whose falls most?

# %%
rates.figure("cpu")

# %% [markdown]
# In a quiet room a poller pays for all the questions that brought nothing, and there are few messages to share that among. In
# a busy room many messages share one question. How far has each line fallen, from the first level to the last?

# %%
costs = rates.frame("server_cpu").sort("level")
ends = costs.group_by("way", maintain_order=True).agg(
    pl.col("server_cpu").first().alias("quiet, µs"),
    pl.col("server_cpu").last().alias("busy, µs"),
)
fallen = pl.col("quiet, µs") / pl.col("busy, µs")
notebook.show(ends.with_columns(fallen.alias("quiet / busy")), rates)

# %% [markdown]
# A cost for each message is not yet a load. Multiply by how many messages are delivered in a second, and you have the share of
# a processor that is busy.

# %%
rates.chart("How busy the server is", y="server_load")

# %% [markdown]
# ## Everybody in one room
#
# The more people write in one room, the more each of them has to be told, and the number of deliveries grows with the square.
# In 2026 those who make Etherpad, a shared editor, reported that without polling the slow deliveries of a load test got slower.
# One of the reasons they thought of: a poll carries many messages in one answer. Later they found that single runs of theirs
# differ as much by themselves. So is there anything in it?
#
# **Predict.** At which number of writers does polling's cost for each message fall below that of a push? Or does it never?

# %%
writers = notebook.find("many-writers", RUN)
writers

# %%
writers.figure("cpu")

# %%
writers.figure("tail")

# %%
writers.table("server_cpu", "latency_p95", of="versus")

# %% [markdown]
# Where the bracket of a row lies wholly below one, that way was surely cheaper, or sooner, than WebSocket at that level. A dash
# stands where one of the two cannot be relied on. In the recorded run our instrument sent a little late: that spoils waits, and
# leaves the server's work as it was. The claim's verdict asks the same, and says of the waits what can still be said:

# %%
claims.explained("L6", claims.evidence(notebook.root(RUN)))

# %% [markdown]
# ## A connection for each question
#
# HTTP can keep a connection open for the next question. It has done so by default since its version 1.1; people still say
# that it closes after each answer.
#
# **Predict.** Switch it off. Which grows more, the bytes or the server's work?

# %%
keeping = notebook.find("keep-alive", RUN)
keeping

# %%
keeping.table("ip_bytes", "server_cpu", "connections_in_window")

# %%
keeping.table("ip_bytes", "server_cpu", of="growth")

# %% [markdown]
# ## Talking back
#
# Until now we looked at what the server says. What does it cost to say something *to* it? Those who poll or listen to a
# stream need a POST for each message; on a WebSocket it is one more frame.
#
# **Predict.** How many times cheaper is the frame, in bytes upward, and in the server's time?
#
# (Whoever polls sends polls too, and they count here. So the fair match for the frame is SSE, where nothing goes up but the
# POST. The last column of the table is how long a writer waits to be told that the message has arrived.)

# %%
upward = notebook.find("upstream", RUN)
upward

# %%
upward.figure("bytes")

# %%
upward.table("ip_bytes_up", "server_cpu", "ack_p50")

# %% [markdown]
# ## Try
#
# Predict first, each time; write the prediction down.
#
# 1. Measure your own server: `.venv/bin/lab experiment message-rate`, then set `RUN = "latest"`. Are your costs all the same
#    multiple of the recorded ones? What would that mean?
# 2. Replace `figure("cpu")` by `chart("CPU", y="server_cpu", x="cell", y_scale="linear")` in *Few messages*. What does a
#    linear axis hide, and what does it show?
# 3. Look at the bytes too: `writers.figure("bytes")`. Does who wins in processor time also win in bytes?
# 4. Compress: `.venv/bin/lab experiment compression`, then `notebook.find("compression", "latest").figure("cpu")`. What does
#    the server pay for lighter messages?
