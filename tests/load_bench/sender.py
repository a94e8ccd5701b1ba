"""A server that costs next to nothing: it shakes hands as ours does, and writes each frame to each socket.

    python -m tests.load_bench.sender

Its first line is its port. It obeys what comes on stdin, and says `done` after each:

    accept 200          take so many connections: the next group (0, 1, 2 …)
    send 0 25 0.025     send a group so many messages, one every so many seconds
"""

import base64
import hashlib
import re
import socket
import sys
import time
from datetime import UTC, datetime

from loadtests.processes import raise_descriptor_limit

MANY = 12_000  # open files
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3
PUSHED = '{"type":"message","seq":%d,"id":"%036d","sender":"user-0","text":"we meet there at nine","at":"%s"}'


def main() -> None:
    raise_descriptor_limit(MANY)
    groups: list[list[socket.socket]] = []
    sent: dict[int, int] = {}  # messages so far, by group
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        print(listener.getsockname()[1], flush=True)
        for line in sys.stdin:
            match line.split():
                case ["accept", count]:
                    groups.append([accept(listener) for _ in range(int(count))])
                case ["send", group, count, every_s]:
                    for _ in range(int(count)):
                        began = time.monotonic()
                        seq = sent[int(group)] = sent.get(int(group), 0) + 1
                        send(groups[int(group)], seq)
                        time.sleep(max(0.0, began + float(every_s) - time.monotonic()))
            print("done", flush=True)


def accept(listener: socket.socket) -> socket.socket:
    """One connection, its handshake done and `ready` said."""
    connection, _ = listener.accept()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(65536)
    key = re.search(rb"(?i)sec-websocket-key: *(\S+)", head)
    assert key
    answer = base64.b64encode(hashlib.sha1(key[1] + GUID).digest())
    connection.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + answer + b"\r\n\r\n" + frame('{"type":"ready","epoch":"bench","cursor":0}')
    )
    return connection


def send(group: list[socket.socket], seq: int) -> None:
    """One message to all of a group, with the time at which it goes out."""
    data = frame(PUSHED % (seq, seq, datetime.now(UTC).isoformat()))
    for connection in group:
        connection.send(data)


def frame(text: str) -> bytes:
    data = text.encode()
    length = bytes([len(data)]) if len(data) < 126 else b"\x7e" + len(data).to_bytes(2, "big")
    return b"\x81" + length + data


if __name__ == "__main__":
    main()
