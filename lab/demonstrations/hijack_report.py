"""What the report says of the strangers' attempts."""

from lab.demonstrations.cells import answer, count, listed, spoken
from lab.demonstrations.notes import Shown, Table
from lab.observations import Observations
from lab.plan import TITLES
from lab.wording import DASH

TITLE = "What can a stranger's page do?"
MINIMAL, GUARDED = "minimal", "guarded"
OWN, STRANGER, REBOUND = "its own page", "a stranger", "a rebound name"
ACTS = ("read", "write")
WHO = {OWN: "the chat's own page", STRANGER: "another site", "a neighbour": "another port", REBOUND: "a rebound name"}
"""Who tries, and where the page is from, in words."""
NOTES = {
    "read": "Below each, what the server answered. Kept back: the browser did not show the answer to the page.",
    "write": "Below each, what the server answered. Where there are two numbers, the browser first asked whether that "
    "page may send JSON, kept the answer back and sent none. The second is to plain text, for which no browser asks.",
}
COOKIES = {
    "polls_apart_session": "the session's cookie",  # SameSite=Strict
    "plain": "a plain cookie",  # which says nothing of sites
    "open": "a cookie for all sites",  # SameSite=None
}


def show(found: Observations) -> Shown:
    tables = [
        Table(f"Did it {act}?", list(WHO.values()), [
            (f"{TITLES[name]}, {guard}", [verdict(found, who, act, f"{guard} {name}") for who in WHO])
            for guard in (MINIMAL, GUARDED) for name in TITLES], NOTES[act])
        for act in ACTS
    ]  # fmt: skip
    return Shown(sentence(found), [*tables, cookies(found)])


def verdict(found: Observations, who: str, act: str, where: str) -> tuple[str, str]:
    """Whether it did, and what the server had answered."""
    said = answer(found, f"{who} {act}s", where)
    status = count(found, f"answer when {who} tries to {act}", where)
    first = count(found, f"answer when {who} asks whether it may {act}", where)
    if said == "no" and status.startswith("2"):
        return said, f"{status}, kept back"
    return said, status if first in (DASH, status) else f"{first}, kept back; {status}"


def cookies(found: Observations) -> Table:
    """Which of the victim's went along. The browser decides that, so the server makes no difference."""
    rows = [
        (title, [(answer(found, f"{who} sends {cookie}", f"{MINIMAL} websocket"), "") for cookie in COOKIES.values()])
        for who, title in WHO.items()
    ]
    return Table("Which cookies went along with a WebSocket?", list(COOKIES.values()), rows)


def through(found: Observations, who: str, guard: str) -> list[str]:
    """The transports by which somebody read or wrote."""
    return [spoken(name) for name in TITLES if any(found.of(f"{who} {act}s", f"{guard} {name}").value for act in ACTS)]


def sentence(found: Observations) -> str:
    """Who got through, and where."""
    minimal, rebound = (listed(through(found, who, MINIMAL)) for who in (STRANGER, REBOUND))
    guarded = [name for who in WHO if who != OWN for name in through(found, who, GUARDED)]
    refused = f"let strangers in by {listed(guarded)}" if guarded else "refused every stranger, by every transport"
    return (
        f"To the minimal servers a page of another site got through by {minimal}, and one whose name had been made to "
        f"lead there by {rebound}. The guarded server {refused}."
    )
