"""A link's command line (loadtests/link.py)."""

import argparse
import contextlib

from loadtests.command import Parser, web_address

RTO_AT_LEAST = 200.0  # ms on top of the round trip: Linux's own least (TCP_RTO_MIN)


def read_command(about: str | None) -> argparse.Namespace:
    """Each value checked; BadUse where one makes no sense."""
    parser = Parser("loadtests.link", description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("url", type=web_address, help="where the server is, such as http://127.0.0.1:5000")
    add("--rtt-ms", type=number, default=0.0, help="the round trip in ms; each way takes half (%(default)s)")
    add("--jitter-ms", type=number, default=0.0, help="up to so much more, at random, each way (%(default)s)")
    add("--kbit-s", type=number, default=0.0, help="what each way carries in kbit/s; 0: no limit (%(default)s)")
    add("--loss", type=share, default=0.0, help="the share of segments lost, such as 0.01 (%(default)s)")
    add("--rto-ms", type=number, help=f"how long a loss takes (the round trip and {RTO_AT_LEAST:g} ms)")
    add("--cut-at", type=number, nargs="+", default=[], metavar="S", help="cut all connections after S seconds")
    add("--cut-every", type=number, default=0.0, metavar="S", help="cut one at random, each S seconds on average")
    add("--cut-by", choices=("reset", "close"), default="reset", help="how (%(default)s)")
    add("--await-signal", action="store_true", help="count the seconds to the cuts from SIGUSR1 on")
    add("--orders", action="store_true", help="change and cut it by JSON lines on stdin, whose end ends it")
    add("--seed", type=int, default=1, help="of jitter, losses and cuts (%(default)s)")
    add("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
    add("--port", type=int, default=0, help="where to listen; 0 picks a free one")
    add("--cpu", type=int, help="run on this CPU alone")
    return parser.parse_args()


def number(value: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 <= float(value) <= 1e9:
            return float(value)
    raise argparse.ArgumentTypeError(f"{value!r} is not a number from 0 on")


def share(value: str) -> float:
    if (found := number(value)) < 1:
        return found
    raise argparse.ArgumentTypeError(f"{value!r} is not a share from 0 to below 1")
