"""Made-up names, read from servers/web/live/names.js, by which a member's page chooses its own; and the join code."""

import re
import secrets
from functools import cache
from pathlib import Path

JS = Path(__file__).parents[3] / "servers" / "web" / "live" / "names.js"
NUMBERS = range(10, 100)


@cache
def words() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """How somebody is, and what animal."""
    how, who = re.findall(r"^const [A-Z]+ = \[(.*?)\];", JS.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return tuple(re.findall(r'"([a-z]+)"', how)), tuple(re.findall(r'"([a-z]+)"', who))


def made_up() -> str:
    """Such as `quiet otter`."""
    return " ".join(map(secrets.choice, words()))


def is_made_up(name: str) -> bool:
    how, _, who = name.partition(" ")
    return how in words()[0] and who in words()[1]


def join_code() -> str:
    """Easy to read aloud and to type on a phone, and one of some hundred thousand."""
    return f"{made_up().replace(' ', '-')}-{secrets.choice(NUMBERS)}"
