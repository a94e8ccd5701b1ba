"""What runs the app: a greenlet for each connection (`gevent`) or a thread for each (`threads`).

Both are workers of gunicorn over the same parser and the same keep-alive loop, so that a comparison of the two compares
greenlets with threads and nothing else. Where gunicorn does not run, gevent's own server takes the place of the first.
"""
