"""The floor in Python: an epoll loop that receives and counts frames, and does nothing else.

    python -m tests.load_bench.floor PORT CONNECTIONS

It prints the number of frames when the server closes.
"""

import select
import socket
import sys

REQUEST = (
    b"GET /rooms/floor/socket?after=0 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


def main(port: int, connections: int) -> None:
    poll = select.epoll()
    sockets = {}
    for _ in range(connections):
        sock = socket.create_connection(("127.0.0.1", port))
        sock.sendall(REQUEST)
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += sock.recv(1)
        sockets[sock.fileno()] = sock
        poll.register(sock, select.EPOLLIN)
    frames = 0
    while sockets:
        for fd, _ in poll.poll():
            data = sockets[fd].recv(65536)
            if not data:
                poll.unregister(fd)
                del sockets[fd]
            frames += count(data)
    print(frames)


def count(data: bytes) -> int:
    """How many frames there are; the server writes each whole, and so it comes whole."""
    frames = start = 0
    while start < len(data):
        length = data[start + 1]
        start += 4 + int.from_bytes(data[start + 2 : start + 4], "big") if length == 126 else 2 + length
        frames += 1
    return frames


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
