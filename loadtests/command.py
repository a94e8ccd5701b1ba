"""The generator's command line. It is read before anything heavy is imported, so that bad use is told at once."""

import argparse
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import msgspec

from loadtests.records import TRANSPORTS
from loadtests.scenario import DEFAULT, Scalar, known

MASTER_PORT = 5557  # Locust's own
MOST_WORKERS = 64


class BadUse(Exception):
    """Why there can be no run, in one sentence."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence."""

    def error(self, message: str) -> NoReturn:
        raise BadUse(f"{message} (--help lists what there is).")


def read_command(about: str | None) -> argparse.Namespace:
    """The command line, each value checked."""
    parser = Parser("loadtests.run", description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("url", type=web_address, help="where the transport's server is, such as http://127.0.0.1:5005")
    trusted = "whom to trust where the address is https: a certificate (whom the system trusts)"
    add("--ca", type=certificate, metavar="FILE", help=trusted)
    add("--http", choices=["1.1", "2"], default="1.1", help="its version; 2 is spoken as a browser does (%(default)s)")
    add("--transport", required=True, choices=TRANSPORTS)
    add("--poll-interval", type=seconds, help="seconds between polls (the scenario's first)")
    add("--scenario", default=DEFAULT, help=f"{', '.join(known())}, or a .toml file (%(default)s)")
    add("--set", type=change, action="append", default=[], metavar="FIELD=VALUE",
        help="another value for a field of the scenario, such as workload.bytes=200; as often as needed")  # fmt: skip
    add("--seed", type=int, default=1, help="of the schedule and the poll phases (%(default)s)")
    add("--run", type=int, default=0, help="the run's number, its first column in every table (%(default)s)")
    add("--out", required=True, help="the folder that the run is written to")
    add("--server-pid", type=int, action="append", default=[], help="measure this process and its children too; "
        "and another, as that of a proxy before it, where it is given again: all are summed")  # fmt: skip
    add("--duration", type=seconds, help="seconds to measure (the scenario's)")
    add(
        "--rtt-ms",
        type=milliseconds,
        default=0.0,
        help="the round trip of the link before the server, at its longest: time-outs grow with it",
    )
    add("--closed-loop", action="store_true", help="wait for each answer, and count from when a message was sent: "
        "the common mistake that hides every stall, for comparison")  # fmt: skip
    add("--cpu", type=cpus, default=[], help="run on this CPU alone, or on these: 1,2; each worker takes one of them")
    add("--workers", type=count, default=1, help="generator processes that share the users (%(default)s)")
    add("--master", action="store_true", help="wait for the workers to come from elsewhere, and start none")
    add_master(parser)
    return parser.parse_args()


def read_worker_command(about: str | None) -> argparse.Namespace:
    """The command line of a worker, which is told everything else by its master."""
    parser = Parser("loadtests.worker", description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cpu", type=cpus, default=[], help="run on this CPU alone")
    parser.add_argument("--stay", action="store_true", help="when a run is over, wait for the next")
    add_master(parser)
    return parser.parse_args()


def add_master(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--master-host", default="127.0.0.1", help="the master's own address (%(default)s)")
    parser.add_argument("--master-port", type=port, default=MASTER_PORT, help="(%(default)s)")


def web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return value
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{value!r} is not an address such as http://127.0.0.1:5005")


def certificate(value: str) -> str:
    """What is in the file, which is not there any more when a run is looked at."""
    try:
        found = Path(value).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        found = ""
    if "-----BEGIN CERTIFICATE-----" in found:
        return found
    raise argparse.ArgumentTypeError(f"{value!r} is not a file with a certificate in PEM")


def cpus(value: str) -> list[int]:
    if all(part.isdecimal() for part in value.split(",")):
        return [int(part) for part in value.split(",")]
    raise argparse.ArgumentTypeError(f"{value!r} is not a CPU, or several such as 1,2")


def count(value: str) -> int:
    if value.isdecimal() and 1 <= int(value) <= MOST_WORKERS:
        return int(value)
    raise argparse.ArgumentTypeError(f"{value!r} is not a number of workers from 1 to {MOST_WORKERS}")


def port(value: str) -> int:
    if value.isdecimal() and 1 <= int(value) <= 65535:
        return int(value)
    raise argparse.ArgumentTypeError(f"{value!r} is not a port from 1 to 65535")


def change(value: str) -> tuple[str, Scalar]:
    field, equals, text = value.partition("=")
    if not field or not equals:
        raise argparse.ArgumentTypeError(f"{value!r} is not FIELD=VALUE, such as workload.rate_per_s=5")
    try:
        return field, msgspec.json.decode(text, type=bool | int | float)
    except msgspec.MsgspecError:
        return field, text


def milliseconds(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = -1
    if 0 <= number <= 3_600_000:
        return number
    raise argparse.ArgumentTypeError(f"{value!r} is not a time from 0 to 3600000 milliseconds")


def seconds(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = 0
    if 0.05 <= number <= 3_600:
        return number
    raise argparse.ArgumentTypeError(f"{value!r} is not a time from 0.05 to 3600 seconds")
