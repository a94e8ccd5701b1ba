"""What everybody says of WebSockets, and what recorded runs say of it.

A claim is data: a statement, who says it, and rules that put it to the test (entries/). A rule looks up recorded
figures (evidence.py, figures.py) and gives a trial: cases, each of them true, false, or left open (cases.py, rules.py,
sightings.py). A verdict is computed from the cases (judging.py), and so is the condition under which a claim holds
(conditions.py) and the sentence that reports it (sentences.py). No verdict is written anywhere.
"""
