"""The experiment: runs the comparison, computes what it shows and how sure that is, and tells it."""
