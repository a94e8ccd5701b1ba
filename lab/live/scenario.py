"""The controls as a scenario: a file that `lab compare` runs."""

from collections.abc import Mapping

from lab.live.frames import Control

MEASURED = 30.0  # seconds of each run
POLLS = 5  # that a run should have at least, where the interval is long
PEOPLE = 4  # in the room: the page's panes, each by its own transport


def command(values: Mapping[Control, float], name: str) -> str:
    """What measures it through the same line."""
    parts = [f".venv/bin/lab compare {name}.toml"]
    if values["rtt_ms"] or values["jitter_ms"]:
        parts.append(f"--rtt {values['rtt_ms']:g}")
    if values["jitter_ms"]:
        parts.append(f"--jitter {values['jitter_ms']:g}")
    return " ".join(parts)


def toml(values: Mapping[Control, float], name: str = "live") -> str:
    """A room like the page's, with the robot as its only writer; who is silent writes nothing in the file either."""
    if values["robot_per_s"]:
        says = f"The robot says {values['robot_per_s']:g} messages of {values['robot_bytes']:.0f} bytes a second."
        workload = ['kind = "poisson"', "rooms = 1", f"rate_per_s = {decimal(values['robot_per_s'])}",
                    f"bytes = {values['robot_bytes']:.0f}"]  # fmt: skip
    else:
        says, workload = "Nobody says anything.", ['kind = "silence"', "rooms = 1"]
    lines = [
        "# Copied from the live lab. Save it as " + f"{name}.toml, and measure it with",
        f"#   {command(values, name)}",
        "# What was cut, frozen or restarted by hand is not in it: see lab experiment faults.",
        "",
        f'name = "{name}"',
        f'description = "One room of the live lab. {says}"',
        f"participants = {PEOPLE}",
        "senders = 1",
        f"duration_s = {decimal(max(MEASURED, POLLS * values['poll_s']))}",
        f"poll_intervals = [{decimal(values['poll_s'])}]",
        "",
        "[workload]",
        *workload,
    ]
    return "\n".join(lines) + "\n"


def decimal(value: float) -> str:
    """As TOML has floats, without an exponent."""
    return f"{value:.6f}".rstrip("0") + ("0" if value == int(value) else "")
