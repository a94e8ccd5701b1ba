"""A connection without a library, which sends whatever it is given."""

import io
import socket
from itertools import takewhile

from tests.processes import PATIENCE, Site


class Raw:
    """A connection without a library."""

    def __init__(self, server: Site) -> None:
        self.sock = socket.create_connection(server.address, PATIENCE)
        self.incoming: io.BufferedReader = self.sock.makefile("rb")

    def send(self, data: str | bytes) -> None:
        self.sock.sendall(data.encode("latin-1") if isinstance(data, str) else data)

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        """The status, the fields and the body of an answer."""
        status = int(self.incoming.readline().split()[1])
        lines = takewhile(b"\r\n".__ne__, self.incoming)
        fields = dict(line.decode().strip().lower().split(": ", 1) for line in lines)
        return status, fields, self.incoming.read(int(fields.get("content-length", 0)))

    def ended(self) -> bool:
        """Whether the server has closed; waits until it has."""
        try:
            return self.incoming.read() == b""
        except ConnectionResetError:
            return True

    def __enter__(self) -> "Raw":
        return self

    def __exit__(self, *failure: object) -> None:
        self.incoming.close()
        self.sock.close()
