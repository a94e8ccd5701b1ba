# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Who hears first, on *your* machine?
#
# The lesson shows a recorded run. This notebook asks the same questions of any run. Leave `RUN` as it is to look at the
# recorded one; set it to `"runs/latest"` for the one that `make compare` made for you.

# %%
RUN = "reference/irc-room"

# %%
from pathlib import Path

import polars as pl
from matplotlib import pyplot as plt

from lab import joins, manifest, palette, plots, summary, wording

folder = Path("../results") / RUN
found = summary.read(folder)
made = manifest.read(folder)
print(f"{found.runs} runs of {found.scenario!r}, made {made.created} with: {made.command}")
print(f"{found.publishes:,} messages were published, and {found.deliveries:,} delivered.")

# %% [markdown]
# ## Look at the rows before the figures
#
# A row that is not valid has a reason. Read it first: it says that something other than the transport set the figure.

# %%
pl.DataFrame(
    {
        "row": [row.title for row in found.cells],
        "valid": [wording.valid(row.verdict) for row in found.cells],
        "reasons": ["; ".join(row.verdict.reasons) for row in found.cells],
        "delivered": [row.counts["delivered"] for row in found.cells],
        "lost": [row.counts["lost"] for row in found.cells],
    }
)

# %% [markdown]
# ## The wait and the bytes
#
# Each point is one row. Left is sooner, down is lighter. The bars are 95 % intervals over the runs.

# %%
plots.wait_and_bytes(found)

# %% [markdown]
# ## What a median hides
#
# Half of the deliveries were sooner than the median. The other half were not, and the median says nothing of them. So
# look at all: at each delay, the share of deliveries that had arrived by then.

# %%
tables, notices = joins.read_tables(folder)
figure, axes = plt.subplots(figsize=(8, 4))
for record in [record for record in made.runs if record.block == 0 and record.cell in made.cells]:
    delays = sorted(joins.figures(record, tables).latencies_ms)
    look = palette.look(record.cell.transport)
    share = [(i + 1) / len(delays) for i in range(len(delays))]
    axes.plot(delays, share, color=look.color, linestyle=look.dash)
    middle = len(delays) // 3
    axes.annotate(record.cell.title, (delays[middle], share[middle]), xytext=(6, 0), textcoords="offset points")
axes.set_xscale("log")
axes.set_xlabel("delivery latency in ms (logarithmic axis)")
axes.set_ylabel("share of deliveries that had arrived")
axes.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# Short polling's curve climbs evenly up to its interval: a message falls at a random moment between two questions. The
# others climb at once. Where two of them lie on each other, no statistics will pull them apart.

# %% [markdown]
# ## How many questions were for nothing?
#
# If messages come to a room at random, `rate` a second, then a poll every `interval` seconds finds nothing with
# probability $e^{-\text{rate} \cdot \text{interval}}$. People do not write at random, so a real room has more silence.

# %%
for row in found.cells:
    if row.cell.poll_interval_s is not None:
        print(f"{row.title}: {wording.text(row['empty_polls'], 'share')} of the polls brought nothing")

# %% [markdown]
# ## Try
#
# 1. Set `RUN = "runs/latest"` and run everything again. Which numbers moved, and which stayed?
# 2. Measure with other intervals: `.venv/bin/lab compare --poll-intervals 0.5,10`. Predict the two medians first.
# 3. Change `record.block == 0` to another block. How different are two runs of the same thing?
