"""The link as a setting: what it is called, what it allows, and how the command line asks for it."""

import json
import statistics
import subprocess
import sys

import pytest

from lab.errors import BadUse
from lab.link import LIMITS, Link, read_link

RTT_MS = 50.0


def test_its_words_say_all_that_it_does():
    assert Link("proxy", 100).words == "a link of 100 ms round trip"
    assert Link("proxy", 0).words == "a link of 0 ms round trip"
    rough = Link("proxy", 1_000, 5, kbit_s=2_000, loss=0.01, cut_at_s=(1.0,))
    assert rough.words == (
        "a link of 1,000 ms round trip, up to 5 ms of jitter each way, 2,000 kbit/s, 1 % of the segments lost, "
        "connections cut"
    )


def test_the_longest_round_trip_counts_jitter_and_losses_both_ways():
    assert Link().longest_ms == 0
    assert Link("proxy", 100, jitter_ms=5).longest_ms == 110
    assert Link("proxy", 100, loss=0.01).longest_ms == 100 + 2 * 300


@pytest.mark.parametrize(
    ("asked", "link"),
    [
        ((None, None, 0.0), Link()),
        ((None, 100.0, 0.0), Link("proxy", 100.0)),
        ((None, 0.0, 0.0), Link("proxy")),
        ((None, None, 5.0), Link("proxy", 0.0, 5.0)),
        (("proxy", None, 0.0), Link("proxy")),
        (("netem", 50.0, 1.0), Link("netem", 50.0, 1.0)),
    ],
)
def test_a_round_trip_asks_for_a_proxy_unless_said_otherwise(asked, link):
    assert read_link(*asked) == link


def test_a_link_that_does_not_exist_is_named():
    with pytest.raises(BadUse, match="no link 'string': choose from proxy, netem"):
        read_link("string", 1.0, 0.0)


@pytest.mark.parametrize("kind", ["none", "proxy", "netem"])
def test_every_kind_states_its_limits(kind):
    assert LIMITS[kind].endswith(".")


@pytest.mark.prove
def test_a_known_round_trip_of_50_ms_is_recovered_to_1_ms(tmp_path):
    """What a link must add to a delivery, on connections that are open: a round trip, whatever the transport.

    Half of it takes the publish to the server. SSE and WebSocket: the other half takes the message to the receiver.
    Long polling: the same while a poll is held, and up to a round trip more when the next poll is still on its way.
    Short polling: poll and publish come to the server equally later, so the same poll fetches it; its answer takes the
    other half, and with the first half of its own way a round trip. Shown by the two that wait for nothing else.
    """
    blocks = [(p50s(tmp_path, block), p50s(tmp_path, block, "--rtt", RTT_MS)) for block in range(3)]
    for transport in ("sse", "websocket"):
        added = [through[transport] - without[transport] for without, through in blocks]
        print(f"{transport}: {', '.join(f'{ms:.2f}' for ms in added)} ms", file=sys.__stderr__)
        assert abs(statistics.mean(added) - RTT_MS) < 1.0


def p50s(out, block, *rtt):
    """The median delivery latency of both, in ms, with the block's own messages."""
    command = [sys.executable, "-m", "lab", "compare", "--quick", "--transports", "sse,websocket", "--json"]
    command += ["--seed", block, "--out", out, *rtt]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return {
        row["cell"]["transport"]: row["figures"]["latency_p50"]["value"] for row in json.loads(done.stdout)["cells"]
    }
