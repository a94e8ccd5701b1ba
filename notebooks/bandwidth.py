# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # What does a message weigh?
#
# A message of a few words is some tens of bytes. What crosses the network is many times that. Who adds the rest, and does it
# matter which way of delivery you choose?
#
# `RUN = "reference"` shows the recorded runs. Write `"latest"` to see your own newest ones; where you have none yet, the
# cell says which command makes one.

# %%
RUN = "reference"

# %%
import polars as pl

from lab import notebook
from lab.claims import showing as claims
from lab.signature.kaazing import THEIRS

rooms = notebook.find("irc-room", RUN)
rooms

# %% [markdown]
# ## Three layers
#
# We count the same message three times. *Payload*: the text that somebody typed. *Socket*: all that the program wrote and
# read, with HTTP headers, JSON and frames. *IP*: what the network carried, with the headers of every packet, handshakes and
# acknowledgements. All are divided by the messages delivered, both ways together.
#
# **Predict.** How many times heavier than its text does a message get, on the network, by WebSocket? And by a poll every
# second, in a room where people are often silent?

# %%
rooms.figure("bytes-per-message")

# %%
rooms.table("payload_bytes", "socket_bytes", "ip_bytes")

# %%
weights = rooms.frame("payload_bytes", "socket_bytes", "ip_bytes")
notebook.show(
    weights.select(
        "row",
        (pl.col("socket_bytes") / pl.col("payload_bytes")).alias("socket / payload"),
        (pl.col("ip_bytes") / pl.col("payload_bytes")).alias("IP / payload"),
    ),
    rooms,
)

# %% [markdown]
# Which way do they go? *Up* is from the client to the server.
#
# **Predict.** Who says more than it hears?

# %%
rooms.table("ip_bytes_up", "ip_bytes_down")

# %% [markdown]
# ## Whose headers?
#
# *High Performance Browser Networking*, a book that many learn from, says how many bytes of headers each transfer carries. We
# counted: those of a browser, and those of a bare client that says only what it must.
#
# **Predict.** Which of the two did the book mean? And which one is a load test, when nobody thinks of it?

# %%
claims.explained("L7", claims.evidence(notebook.root(RUN)))

# %% [markdown]
# ## Silence
#
# Now nobody says a word, for all of the run.
#
# **Predict.** Which ways of delivery send nothing at all? Order the rows by what an hour of silence costs each client.

# %%
silence = notebook.find("idle", RUN)
silence

# %%
silence.figure("bytes")

# %% [markdown]
# None is free. A poll asks, a held poll times out and is asked anew, and an open stream or socket must now and then show
# that it is alive: that is a *heartbeat*. Without one, nobody would notice a dead connection, and some proxy on the way
# would close a quiet one.
#
# ## A famous ratio
#
# In 2010 the company Kaazing, which sold WebSocket servers, compared headers on paper: so many bytes for a poll, so many for
# a frame. The ratio is still quoted. It counts no text, no JSON around the text, no packets.

# %%
poll, frame = THEIRS["short-polling"], THEIRS["websocket"]
print(f"On paper: {poll:g} bytes against {frame:g}, so {poll / frame:.1f} to 1.")

# %% [markdown]
# We repeated it with a message a second for each client, as they had it, and measured.
#
# **Predict.** What is left of the ratio at the socket, where JSON and text count too? And as packets?

# %%
kaazing = notebook.find("kaazing", RUN)
kaazing

# %%
kaazing.table("socket_bytes", "ip_bytes", of="versus")

# %%
notebook.signature("kaazing", kaazing)

# %% [markdown]
# Where did the factor go? Headers are only a part. Take the text away from the socket's bytes, and what is left is wrapping;
# take the socket's bytes from those on the network, and what is left is packets.

# %%
layers = kaazing.frame("payload_bytes", "socket_bytes", "ip_bytes")
notebook.show(
    layers.select(
        "row",
        pl.col("payload_bytes").alias("text, B"),
        (pl.col("socket_bytes") - pl.col("payload_bytes")).alias("wrapping, B"),
        (pl.col("ip_bytes") - pl.col("socket_bytes")).alias("packets, B"),
    ),
    kaazing,
)

# %% [markdown]
# What was said of the headers is not far off. A frame's has two bytes, and four where the message is longer than 125, as ours
# are with all that is in them: an id, a sender, a number and a time beside the text. And then it travels in a packet with a
# header of its own, which is acknowledged by another. A poll has all of that too, and what both have shrinks the ratio.
#
# ## When polling wins
#
# A poll fetches all that has come since the last one. If there is much of it, many messages share one wrapping.
#
# **Predict.** Which row falls steepest as rooms get busier? Will a poller ever be lighter than a stream of events?

# %%
rates = notebook.find("message-rate", RUN)
rates

# %%
rates.figure("bytes")

# %%
busy = rates.frame("ip_bytes").filter(pl.col("level") == pl.col("level").max())
columns = ["row", "ip_bytes", "ip_bytes_low", "ip_bytes_high"]
notebook.show(busy.sort("ip_bytes").select(columns), rates)

# %% [markdown]
# ## Try
#
# Predict first, each time; write the prediction down.
#
# 1. Measure your own machine: `.venv/bin/lab compare`, then set `RUN = "latest"`. Bytes hardly depend on the machine: which of
#    yours differ from the recorded ones?
# 2. Write more: `.venv/bin/lab experiment message-size`, then `notebook.find("message-size", "latest").figure("bytes")`. From
#    which length on does the text weigh more than its wrapping?
# 3. Compress: `.venv/bin/lab experiment compression`, and look at its figures `bytes` and `cpu`. Is it worth its price?
# 4. In *Silence*, replace `figure("bytes")` by `table("ip_bytes_hour", "server_load")`. What does the server do in all that
#    silence?
