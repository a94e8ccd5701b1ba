"""What exercise 7 asks: the bytes of two real conversations, at three layers."""

import runpy
from functools import cache
from typing import Any, NamedTuple

from lab.grader import Wrong
from lab.grader.stand import Stand

OFF = 0.1  # of the IP bytes: a kernel acknowledges now and then once more or once less
HEADER, OPENING, CLOSING = 52, 172, 208  # bytes of a packet's head, and of the packets that open and close
FRAME = 126  # bytes of a frame's data from which on its head has 4 bytes, and not 2
FRAMES = {"frame-head-too-long": FRAME - 1, "frame-limit": FRAME}  # at the limit, and the mistake that shows there
POLLS, SOCKET = "by short polling", "by WebSocket"


class Talk(NamedTuple):
    """A conversation, and what was counted of it."""

    talk: dict[str, Any]
    counted: dict[str, Any]

    @property
    def said(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = self.talk["said"]
        return found


@cache
def talks(stand: Stand) -> dict[str, Talk]:
    """The student's own two conversations, had with a server of ours by the measure.py that they got."""
    converse = runpy.run_path(str(stand.exercise.starter / "measure.py"))["converse"]
    port, own = stand.server("all").port, stand.drawn()[0]
    converse("short-polling", "Ada", "hello", port=port)  # a server's first answer is slow, and so acknowledged apart
    return {
        POLLS: Talk(*converse("short-polling", own["name"], own["text"], own["polls"], port=port)),
        SOCKET: Talk(*converse("websocket", own["name"], own["text"], port=port)),
    }


def counted(stand: Stand, layer: str) -> dict[str, int]:
    """What the program makes of both, at a layer."""
    had = talks(stand)
    found = {}
    for how, answer in zip(had, stand.filtered([talk.talk for talk in had.values()]), strict=True):
        if not isinstance(answer.get(layer), int | float):
            raise Wrong("not-json", f"{layer}: a number of bytes, {how}", f"{answer!r}")
        found[how] = answer[layer]
    return found


def size(one: dict[str, str], heads: bool = True) -> int:
    """Bytes at the socket, with or without a frame's own."""
    data = len((one.get("writes") or one["frame"]).encode())
    return data + (2 if data < FRAME else 4) if heads and "frame" in one else data


def compare(how: str, layer: str, seen: float, right: int, mistakes: dict[str, int], otherwise: str) -> None:
    """Wrong unless it is right, and for the mistake that comes to the same number."""
    if seen != right:
        cause = next((cause for cause, number in mistakes.items() if number == seen), otherwise)
        raise Wrong(cause, f"{layer}, {how}: {right} bytes", f"{seen:g}")


def counts_the_text(stand: Stand) -> None:
    """Payload is the text in UTF-8, and nothing else."""
    for how, seen in counted(stand, "payload").items():
        found = talks(stand)[how]
        mistakes = {"characters-for-bytes": len(found.talk["text"])}
        compare(how, "payload", seen, found.counted["payload"], mistakes, "more-than-the-text")


def counts_what_a_poller_writes_and_reads(stand: Stand) -> None:
    """Socket is all that Ben's program wrote and read, by short polling."""
    found = talks(stand)[POLLS]
    ways = {who: sum(size(one) for one in found.said if one["who"] == who) for who in ("Ben", "server")}
    bodies = [one for one in found.said if not one["writes"].startswith(("GET ", "HTTP/"))]
    mistakes = {
        "characters-for-bytes": sum(len(one["writes"]) for one in found.said),
        "heads-left-out": sum(map(size, bodies)),
    }
    seen = counted(stand, "socket")[POLLS]
    if seen in (ways["Ben"], ways["server"], sum(len(one["writes"]) for one in found.said if one["who"] == "server")):
        raise Wrong("one-way", f"socket, {POLLS}: {found.counted['socket']} bytes", f"{seen:g}")
    compare(POLLS, "socket", seen, found.counted["socket"], mistakes, "socket-miscounted")


def counts_what_a_websocket_writes_and_reads(stand: Stand) -> None:
    """Socket has the frames' own bytes, by WebSocket."""
    found = talks(stand)[SOCKET]
    mistakes = {
        "frame-heads-left-out": sum(size(one, heads=False) for one in found.said),
        "one-way": sum(size(one) for one in found.said if one["who"] == "server"),
        "frame-head-too-short": sum(size(one, heads=False) + 2 * ("frame" in one) for one in found.said),
    }
    compare(SOCKET, "socket", counted(stand, "socket")[SOCKET], found.counted["socket"], mistakes, "socket-miscounted")


def counts_frames_at_the_limit(stand: Stand) -> None:
    """A frame whose data have 125 bytes has a head of 2, and one of 126 has a head of 4."""
    said = [{"who": "server", "frame": "é" + "." * (data - 2)} for data in FRAMES.values()]
    answers = stand.filtered([{"text": "é", "said": [one]} for one in said])
    for (cause, data), one, answer in zip(FRAMES.items(), said, answers, strict=True):
        how = f"of a conversation with one frame, whose data have {data} bytes"
        stand.expect(answer.get("socket"), size(one), cause, f"socket, {how}")


def counts_packets(stand: Stand) -> None:
    """IP is what the network carried: each packet's label, acknowledgements, opening and closing (on Linux)."""
    for how, seen in counted(stand, "ip").items():
        found = talks(stand)[how]
        right = found.counted["ip"]
        if right is None:
            return
        written = found.counted["socket"]
        labelled = written + HEADER * len(found.said)
        acknowledged = labelled + HEADER * sum(one["who"] == "server" for one in found.said)
        mistakes = {
            "labels-left-out": [written, written + OPENING, written + OPENING + CLOSING],
            "opening-left-out": [acknowledged, acknowledged + CLOSING, labelled],
            "acknowledgements-left-out": [labelled + OPENING + CLOSING, labelled + OPENING],
            "closing-left-out": [acknowledged + OPENING],
        }
        if abs(seen / right - 1) > OFF:
            causes = [cause for cause, numbers in mistakes.items() if seen in numbers]
            raise Wrong(causes[0] if causes else "packets-miscounted", f"ip, {how}: about {right} bytes", f"{seen:g}")
