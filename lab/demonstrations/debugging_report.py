"""What the report says of the search for the fault."""

from lab.demonstrations.cells import answer, count, listed, spoken
from lab.demonstrations.detectors import LATE
from lab.demonstrations.notes import Shown, Table
from lab.demonstrations.stand import BEFORE, CALM, HELD, RATE
from lab.observations import Observations
from lab.plan import TITLES

TITLE = "Where does a fault show?"
TOOLS = {  # each with what it shows one by one, and in words
    "request list": ("The browser's list: requests", "the browser's list of requests"),
    "browser tools": ("The browser's tools: answers, events, frames", "the browser's tools"),
    "tshark": ("tshark: packets", "tshark"),
    "metrics": ("/metrics: samples", "/metrics"),
    "timeline": ("The lab's timeline: deliveries", "the lab's timeline"),
}
FACTS = {"held": HELD, "calm": CALM, "before": BEFORE, "late": LATE, "rate": RATE}  # seconds, and messages a second
NOTE = "Below each, how many of them had to be looked at until it was found; all there were, where it was not."


def show(found: Observations) -> Shown:
    searched = [
        (title, [(answer(found, "found", f"{tool}: {name}"), count(found, "looked at", f"{tool}: {name}"))
                 for name in TITLES])
        for tool, (title, _) in TOOLS.items()
    ]  # fmt: skip
    alarms = [
        (title, [(answer(found, "false alarm", f"{tool}: {name}"), "") for name in TITLES])
        for tool, (title, _) in TOOLS.items()
    ]
    columns = list(TITLES.values())
    tables = [Table("Was it found?", columns, searched, NOTE), Table("Was there an alarm without it?", columns, alarms)]
    return Shown(sentence(found), tables, facts=FACTS)


def sentence(found: Observations) -> str:
    """Which tools show it for every transport, and which do not."""
    missed = {
        words: {name: said for name in TITLES if (said := answer(found, "found", f"{tool}: {name}")) != "yes"}
        for tool, (_, words) in TOOLS.items()
    }
    parts = [f"It was found for every transport with {listed([words for words in missed if not missed[words]])}"]
    for words, names in missed.items():
        never = all(said == "no" for said in names.values())
        if names:
            transports = listed([spoken(name) for name in names])
            parts.append(f"with {words} it was {'not' if never else 'not always'} found for {transports}")
    return "; ".join(parts) + "."
