# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # What is claimed, and what the runs say
#
# Everybody repeats the same sentences about WebSockets. Here they are, each with a verdict. No verdict is written anywhere:
# each is computed from recorded runs by a rule that stands in `lab/claims`. So if the data were different, the verdict would
# be. In this notebook you make the data different, and see.
#
# `RUN = "reference"` judges by the recorded runs. Write `"latest"` to judge by your own; a claim that they leave open says
# which run it lacks.

# %%
RUN = "reference"

# %%
from lab import notebook
from lab.claims import entries, showing
from lab.claims.supposing import suppose

runs = showing.evidence(notebook.root(RUN))
print("Judged by:", ", ".join(runs.folders) or "nothing yet: make a run first")

# %% [markdown]
# ## What is claimed
#
# The claims with a C are from an introductory article, those with an L from the literature.
#
# **Predict.** Read them, and give each a verdict of your own: holds, holds *when*, or fails. Keep the list.

# %%
for claim in entries.CLAIMS:
    print(f"{claim.id:4} {claim.statement}")

# %% [markdown]
# ## The verdicts
#
# *Holds when* means: in some of the cases it is true, in others it is not, and the sentence says in which. *Undecided* means
# that the data do not tell, and it says why not. That is an answer too.

# %%
showing.verdicts(runs)

# %% [markdown]
# In how many did you agree? And where not: which *when* had you not thought of?
#
# ## How one is decided
#
# Take the claim that long polling is as good as WebSocket while the network is quick enough. Below stand who says it, what we
# take it to mean, and each case that was looked at.
#
# **Predict.** Which experiment decides it, and how many cases would you want to see?

# %%
showing.explained("L2", runs)

# %% [markdown]
# ## Flip it
#
# Suppose that long polling had taken twice as long in that experiment, and everything else had been as it was.
#
# **Predict.** What does the verdict become? And will any other claim change with it?

# %%
slower = suppose(runs, "knee", "latency_p50", 2.0, ["long-polling"])
showing.verdicts(slower, ["L2"])

# %% [markdown]
# Now one about polling: that it asks even when there is nothing new. Suppose that every poll had brought something.
#
# **Predict.** Several experiments are behind this claim. Is it enough to change one of them? Here are the verdict, and their
# names.

# %%
asking = entries.named("C4").experiments
print(", ".join(asking))
showing.verdicts(runs, ["C4"])

# %%
once = suppose(runs, "poll-interval", "empty_polls", 0.0)
showing.verdicts(once, ["C4"])

# %%
never = runs
for name in asking:
    never = suppose(never, name, "empty_polls", 0.0)
showing.verdicts(never, ["C4"])

# %% [markdown]
# ## Whose limit?
#
# To be *as good*, to be *harder*: how much is that? Some limits stand in the claim itself, some are taken from people who
# studied it, and some are our choice. Beneath each claim stands which, after *It holds if*. Where it is our choice, the rules
# are put to the test with other limits too, and where one of them would turn the verdict, the sentence says so.
#
# **Predict.** A claim has held. Would it still, had we asked for a tenth of what we asked for? In which of these three does the
# verdict hang on the limit?

# %%
showing.verdicts(runs, ["L1", "L2", "L5"])

# %% [markdown]
# That does not make the verdict wrong. It makes it a verdict *at that limit*, and you are free to have another.
#
# ## How sure, and for whom?
#
# A verdict is about these runs: this machine, these workloads, this code. It rests on intervals, not on single numbers: a case
# counts only where its whole interval lies on one side. What is not known for sure stays open. So the honest question to
# a verdict is never only *what*, but *when*, and *how do you know*.
#
# ## Try
#
# Predict first, each time; write the prediction down.
#
# 1. Measure one again, here: `.venv/bin/lab claims --fresh C2`. It says row by row what agrees within both intervals. Will the
#    verdict be the same?
# 2. By how much must you change the data to flip a verdict? Replace `2.0` in *Flip it* by smaller numbers. Where does it turn?
# 3. Flip another: `suppose(runs, "idle", "ip_bytes_hour", 100.0, ["websocket"])`, and show `["C5"]`. Why that experiment?
# 4. Read a rule: `hidden` in `lab/claims/entries/practice.py`. From how much more to look at would *you* say that a fault is
#    harder to find? Change `HARDER`, and run `.venv/bin/lab claims C11` again. What becomes of the verdict, and of *when*?
