"""The live lab: the four transports side by side in a browser, and with a class.

Three processes. Browsers talk to the *line* (loadtests/link.py), which delays and cuts; behind it is the *server* of
all four. The third is this one, whose *stage* tells pages what is counted and takes their orders, by one WebSocket a
page. Robots, where a class has some, are a fourth.
"""
