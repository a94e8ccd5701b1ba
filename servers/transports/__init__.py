"""One chat, delivered four ways: each transport is one file, a Flask blueprint, and can be read at a glance.

Read them as pairs: `diff short_polling.py long_polling.py`, then long polling and SSE, then SSE and WebSocket.
"""

from flask import Blueprint

from servers.transports import long_polling, short_polling, sse, websocket

TRANSPORTS: dict[str, Blueprint] = {
    "short-polling": short_polling.blueprint,
    "long-polling": long_polling.blueprint,
    "sse": sse.blueprint,
    "websocket": websocket.blueprint,
}
