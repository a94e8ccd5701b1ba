"""`lab experiment faults`: do all four transports keep their word while servers are killed and connections cut?

A plan of faults, drawn from a seed (plan.py), is carried out (execution.py) on servers with different stores
(stand.py), and on the connections to them (breaker.py, fate.py), while faithful clients (loadtests/faithful) write and
read. What they were told is a history (history.py), which is judged (checker.py, results.py) and shown (timeline.py).
"""
