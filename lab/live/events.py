"""What just happened, in plain words."""

from collections.abc import Mapping

from lab.live.frames import Control, Do, Transport
from lab.live.news import Count
from lab.plan import TITLES

HOW_SET: Mapping[Control, str] = {
    "poll_s": "Short polling asks every {0:g} s now. A message waits half of that on average.",
    "rtt_ms": "The line takes {0:g} ms now, there and back.",
    "jitter_ms": "Each way takes up to {0:g} ms more now, at random. Nothing overtakes: what comes later waits.",
    "robot_per_s": "The robot says {0:g} messages a second now, at random moments.",
    "robot_bytes": "The robot's messages have {0:g} bytes now.",
}
HOW_UNSET: Mapping[Control, str] = {
    "rtt_ms": "The line takes no time now.",
    "jitter_ms": "The line is steady now.",
    "robot_per_s": "The robot is silent.",
}
CUT_ALL = "The line was cut. Each client comes back and asks from where it was."
CUT = "{0} was cut. Its client comes back and asks from where it was."
FROZEN = "{0}'s client reads nothing now. What is for it waits, first in buffers on the way, then in the server."
POLL_FROZEN = "{0}'s client reads nothing now. It waits for an answer, and asks no more: nothing queues for it."
THAWED = "{0}'s client reads again, and catches up."
KILLED = "The server was killed, in the middle of whatever it did. No client can reach it."
DIED = "The server ended by itself. It is being started again."
BACK = "The server is back after {0:.1f} s, with its log. Each client asks from where it was: nothing is lost."
GIVEN_UP = (
    "The server gave up on a client by {0} that does not read. It comes back with its cursor, and misses nothing."
)
RESET = "A client by {0} was told that the log goes on elsewhere. Its page shows the gap."
HELD = ("sse", "websocket")  # to whom the server sends without being asked


def of_set(control: Control, value: float) -> str:
    sentence = HOW_UNSET.get(control, HOW_SET[control]) if value == 0 else HOW_SET[control]
    return sentence.format(value)


def of_deed(said: Do) -> str:
    """Of what the line was told to do."""
    name = TITLES[said.transport] if said.transport else ""
    match said.action:
        case "cut":
            return CUT.format(name) if name else CUT_ALL
        case "freeze":
            return (FROZEN if said.transport in HELD else POLL_FROZEN).format(name)
        case "thaw":
            return THAWED.format(name)
        case _:
            return KILLED


def of_change(before: Mapping[Transport, Count], after: Mapping[Transport, Count]) -> list[str]:
    """What the counters say that nobody has ordered."""
    told = []
    for transport, now in after.items():
        then = before.get(transport, Count())
        if now.cuts > then.cuts:
            told.append(GIVEN_UP.format(TITLES[transport]))
        if now.resets > then.resets:
            told.append(RESET.format(TITLES[transport]))
    return told
