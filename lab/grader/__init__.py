"""The grader: it starts a learner's program, drives it over the wire, and says what a good teacher would say.

An exercise (exercise.py) is a folder with a README, a starter and a check. A check (see any exercises/*/check.py) is a
module of functions, each of which asks one thing of the program through a stand (stand.py): real clients (clients.py,
streams.py, sockets.py), and programs that are started (program.py, output.py, family.py) within limits (confined.py,
landlock.py, tasks.py), in slow motion if need be (slowly.py). What happened is a story (story.py), and what came of it
a report (marking.py, told.py). It is no sandbox: it keeps accidents in, not attackers.
"""

from lab.grader.faults import Unsure, Wrong

__all__ = ["Unsure", "Wrong"]
