"""`lab live --class`: the lesson of twenty minutes, in which the class is the load."""
