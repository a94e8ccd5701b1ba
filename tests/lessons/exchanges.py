"""What a page shows of the wire: a fence for each request and each answer, and the same said to a real server."""

import re
import socket
from itertools import takewhile
from typing import NamedTuple

from tests.processes import PATIENCE

FREE = {"date", "server", "host"}  # header fields whose value is the machine's


class Message(NamedTuple):
    """A request or an answer. Of some fields only that they are there."""

    first: str
    fields: dict[str, str]
    body: str


def fences(page: str) -> list[str]:
    """The messages that a page shows, in order."""
    return re.findall(r"^```http.*?\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def parts(message: str) -> Message:
    head, _, body = message.replace("\r\n", "\n").partition("\n\n")
    first, *lines = head.strip().split("\n")
    fields = dict(line.split(": ", 1) for line in lines)
    return Message(first, {k: "" if k.lower() in FREE else v for k, v in fields.items()}, body.strip())


def say(port: int, request: str, enough: str = "") -> str:
    """The answer to a request: what is enough of it, if it has no end, and its head alone if it has no body."""
    head, _, body = request.partition("\n\n")
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as sock, sock.makefile("rb") as answer:
        sock.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body.strip().encode())
        said = [line.decode() for line in takewhile(b"\r\n".__ne__, answer)]
        length = next((int(line.split()[1]) for line in said if line.lower().startswith("content-length:")), 0)
        said += ["\r\n", answer.read(length).decode()]
        if "text/event-stream" in "".join(said):
            while enough not in "".join(said):
                said.append(answer.readline().decode())
        return "".join(said)
