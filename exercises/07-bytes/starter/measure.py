"""Ben listens, somebody writes to him once, and all that crosses Ben's connection is kept and counted.

    measure.py short-polling Ada 'dinner?' 2      he asks twice, and finds the message the second time
    measure.py websocket Ada 'dinner?'            he opens a socket, and waits

It needs a server, `lab serve all`. On stdout it prints the conversation, a line of JSON, as count.py reads it; on
stderr what it counted.
"""

import json
import re
import secrets
import socket
import struct
import sys
import time
import urllib.request

PORT = 5005
SEGMENT = 1460  # bytes in a packet at most, as on an Ethernet; within a computer they may be much larger
PAUSE = 0.06  # seconds between two things; a kernel may keep an acknowledgement back for 0.04
CLOSED = 7  # the state of a connection that is over, in Linux


class Ben:
    """Ben's connection: what was `said` on it, and how many bytes his program wrote and read."""

    def __init__(self, port):
        self.host = f"127.0.0.1:{port}"
        self.said, self.counted, self.unread = [], 0, b""
        self.sock = socket.socket()
        self.sock.settimeout(5)
        if sys.platform == "linux":
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT)
        self.sock.connect(("127.0.0.1", port))

    def asks(self, path, headers=""):
        text = f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\n{headers}\r\n"
        self.sock.sendall(text.encode())
        self.counted += len(text.encode())
        self.said.append({"who": "Ben", "writes": text})

    def reads(self, size):
        """So many bytes of what the server writes."""
        while len(self.unread) < size:
            self.read_more()
        data, self.unread = self.unread[:size], self.unread[size:]
        return data.decode()

    def read_more(self):
        piece = self.sock.recv(65_536)
        if not piece:
            raise ConnectionError("The server closed the connection.")
        self.counted += len(piece)
        self.unread += piece

    def reads_a_head(self):
        """Of an answer: all up to the empty line."""
        while b"\r\n\r\n" not in self.unread:
            self.read_more()
        head = self.reads(self.unread.index(b"\r\n\r\n") + 4)
        self.said.append({"who": "server", "writes": head})
        return head

    def reads_a_body(self, head):
        body = self.reads(int(re.search(r"Content-Length: (\d+)", head)[1]))
        self.said.append({"who": "server", "writes": body})

    def reads_a_frame(self):
        """Two bytes, of which the second is the length; 126 says that the length is in the next two."""
        while len(self.unread) < 2:
            self.read_more()
        size, self.unread = self.unread[1], self.unread[2:]
        if size == 126:
            while len(self.unread) < 2:
                self.read_more()
            size, self.unread = int.from_bytes(self.unread[:2], "big"), self.unread[2:]
        self.said.append({"who": "server", "frame": self.reads(size)})

    def closes(self):
        """Close, and return what the kernel counted: bytes with all headers, or None where it does not say."""
        self.sock.shutdown(socket.SHUT_WR)
        while piece := self.sock.recv(65_536):
            self.counted += len(piece)
        found = ip_bytes(self.sock)
        self.sock.close()
        return found


def ip_bytes(sock):
    """From Linux's TCP_INFO: the data, and for each packet 40 bytes of IP and TCP, or 52 with time stamps."""
    if sys.platform != "linux":
        return None
    while (info := sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 512))[0] != CLOSED:
        time.sleep(0.005)  # until the server has acknowledged that Ben closed
    if len(info) < 216:  # a kernel before 4.19
        return None
    stamps = info[5] & 1
    (received,) = struct.unpack_from("=Q", info, 128)
    packets_out, packets_in = struct.unpack_from("=II", info, 136)
    (sent,) = struct.unpack_from("=Q", info, 200)
    header, opening = (52, 8) if stamps else (40, 12)  # so many more in the first packet of each side
    data = sent + received - 1  # the server's closing counts as a byte received
    return data + header * (packets_out + packets_in) + 2 * opening


def writes_to_ben(port, room, name, text):
    """On a connection of their own, which is not counted."""
    message = json.dumps({"id": secrets.token_hex(8), "sender": name, "text": text}).encode()
    where = f"http://127.0.0.1:{port}/short-polling/rooms/{room}/messages"
    urllib.request.urlopen(urllib.request.Request(where, message, {"Content-Type": "application/json"})).close()


def converse(transport, name, text, polls=2, port=PORT):
    """The conversation, and what was counted."""
    ben, room = Ben(port), f"room-{secrets.token_hex(3)}"
    if transport == "short-polling":
        for n in range(polls):
            if n == polls - 1:
                writes_to_ben(port, room, name, text)
            ben.asks(f"/short-polling/rooms/{room}/messages?after=0")
            ben.reads_a_body(ben.reads_a_head())
            time.sleep(PAUSE)
    else:
        key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        ben.asks(f"/websocket/rooms/{room}/socket?after=0", f"Connection: Upgrade\r\nUpgrade: websocket\r\n{key}")
        ben.reads_a_head()
        ben.reads_a_frame()
        time.sleep(PAUSE)
        writes_to_ben(port, room, name, text)
        ben.reads_a_frame()
        time.sleep(PAUSE)
    ip = ben.closes()
    return {"text": text, "said": ben.said}, {"payload": len(text.encode()), "socket": ben.counted, "ip": ip}


if __name__ == "__main__":
    transport, name, text, *polls = sys.argv[1:]
    talk, counted = converse(transport, name, text, *map(int, polls))
    print(json.dumps(talk), flush=True)
    print("measured:", json.dumps(counted), file=sys.stderr)
