"""No page types a measured number: it comes from a recorded run by a directive, or is said in words.

What is designed, or said by somebody else, may be typed, as long as it is what the code has.
"""

import re

import pytest

from lab.live.lesson import plan
from lab.signature import kaazing
from lab.stats import CONFIDENCE
from servers import connections, outbox
from servers.settings import HEAD, KEEP_ALIVE, Settings
from tests.lessons.course import PAGES

UNITS = {
    "s": {"ns": 1e-9, "µs": 1e-6, "us": 1e-6, "ms": 1e-3, "s": 1, "second": 1, "seconds": 1, "milliseconds": 1e-3},
    "B": {"B": 1, "byte": 1, "bytes": 1, "kB": 1e3, "KB": 1e3, "KiB": 2**10, "MB": 1e6, "MiB": 2**20, "GB": 1e9,
          "GiB": 2**30},
    "%": {"%": 1},
    "times": {"times": 1},
    "/s": {"requests/s": 1, "messages/s": 1},
}  # fmt: skip
NAMES = {name: (kind, scale) for kind, names in UNITS.items() for name, scale in names.items()}
TYPED = re.compile(rf"(?<![\w.,])(\d[\d,.]*)[ \N{{NO-BREAK SPACE}}-]?({'|'.join(NAMES)})(?![\w/])")
SET = Settings()
DESIGNED = {
    ("s", SET.hold), ("s", SET.heartbeat), ("s", SET.retry), ("s", SET.read_time), ("s", SET.auth_time),
    ("s", KEEP_ALIVE), ("s", outbox.BEHIND * SET.heartbeat), ("s", connections.QUIET * SET.heartbeat),
    *(("s", step.rtt_ms / 1_000) for step in plan.read().phases),  # of the live lesson
    ("B", SET.body_limit), ("B", outbox.LIMIT), ("B", HEAD), ("%", 100 * CONFIDENCE),
}  # fmt: skip
QUOTED = {
    ("B", kaazing.THEIRS["short-polling"]), ("B", kaazing.THEIRS["websocket"]), ("times", kaazing.RATIO),
    ("B", 20),  # the header of an IP packet without options (RFC 791), and of a TCP segment (RFC 9293)
}  # fmt: skip


def typed(prose):
    """Each number that has a unit, as it stands, and as a quantity of its kind."""
    for found in TYPED.finditer(prose):
        kind, scale = NAMES[found[2]]
        yield found[0], (kind, scale * float(found[1].rstrip(".,").replace(",", "")))


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_page_types_no_measured_number(page):
    assert [words for words, quantity in typed(page.prose) if quantity not in DESIGNED | QUOTED] == []


@pytest.mark.parametrize(
    "text",
    ["It took 0.92 ms.", "some 1,520 bytes", "three times 485 ms", "Ben waited 2.5 seconds", "11 KiB each",
     "3.86 times", "a 30-second wait", "96 % of the polls", "1,100 requests/s"],
)  # fmt: skip
def test_a_measured_number_is_seen(text):
    assert [quantity for _, quantity in typed(text) if quantity not in DESIGNED | QUOTED]


@pytest.mark.parametrize(
    "text",
    ["It asks once a second, three times.", "held for 25 s", "RFC 6455", "64 KiB", "lesson 3", "port 5001", "2010"],
)
def test_a_number_in_words_or_of_the_design_may_stand(text):
    assert not [quantity for _, quantity in typed(text) if quantity not in DESIGNED | QUOTED]
