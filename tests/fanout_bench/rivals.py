"""Other servers of the same chat: `naive`, the loop that everybody writes, and `broadcast`, that of `websockets`.

Each says its port on stdout, takes send frames, and passes them on to all in the room.
"""

import asyncio
import json
import socket
import sys
from collections import defaultdict

from websockets.asyncio.server import ServerConnection, broadcast, serve

BACKLOG = 4096  # who may wait to be let in: with the usual hundred, ten thousand take a minute to come
QUIET = 3600  # seconds that who only listens may say nothing


def naive() -> None:
    """servers/minimal/websocket.py, on the engine that ours runs on."""
    from servers.engines import gevent, heads

    heads.KEEP_ALIVE = QUIET

    def make_app() -> object:
        from servers.minimal.websocket import app
        from servers.settings import Settings

        app.settings, app.meter = Settings(), None  # what the engine asks for: its limits, and who counts
        return app

    listener = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    print(listener.getsockname()[1], flush=True)
    gevent.serve(listener, make_app)


async def websockets() -> None:
    """A log per room, and `broadcast` to all who are in it; no compression and no pings, as with the others."""
    rooms: dict[str, set[ServerConnection]] = defaultdict(set)
    logs: dict[str, list[dict[str, object]]] = defaultdict(list)

    async def converse(connection: ServerConnection) -> None:
        room = connection.request.path
        rooms[room].add(connection)
        async for frame in connection:
            logs[room].append({"seq": len(logs[room]) + 1, **json.loads(frame)})
            broadcast(rooms[room], json.dumps({**logs[room][-1], "type": "message"}))

    async with serve(converse, "127.0.0.1", 0, compression=None, ping_interval=None, backlog=BACKLOG) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    if sys.argv[1] == "naive":
        naive()
    else:
        asyncio.run(websockets())
