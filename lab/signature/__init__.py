"""The course's three signature figures, each drawn from recorded runs alone.

`python -m lab.signature results/reference DIR` writes them.
"""
