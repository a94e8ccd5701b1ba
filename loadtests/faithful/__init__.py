"""Clients that lose nothing, whatever becomes of their connections, and that write down all that they are told.

    python -m loadtests.faithful http://127.0.0.1:5005 --out history.parquet

Participants of every transport send under ids of their own, and send again whatever was not acknowledged; they receive
by cursor, and come back with it after every cut. What each of them asks and is told goes into a history, in order and
unfiltered: what it shows of lost, repeated or reordered messages is for a checker to say.
"""
