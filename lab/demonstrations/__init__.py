"""Experiments that are no load tests: each is looked at a few times, and what was seen is written down.

browser      the same page by all four transports, and one that reloads itself
hijack       what a foreign page can read and write through somebody's browser
debugging    one fault, looked for with four tools
headers      the bytes that each transfer costs beside what it carries
proxies      what nginx does to each transport, and what HTTP/2 saves
"""
