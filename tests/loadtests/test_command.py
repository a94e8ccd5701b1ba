"""The generator's command line, word by word."""

import sys

import pytest

from loadtests import command

GOOD = ["loadtests.run", "http://127.0.0.1:5005", "--transport", "sse", "--out", "out"]


def read(monkeypatch: pytest.MonkeyPatch, *words: str) -> dict[str, object]:
    monkeypatch.setattr(sys, "argv", [*GOOD, *words])
    return vars(command.read_command(None))


def test_what_is_left_out_is_left_to_the_scenario(monkeypatch: pytest.MonkeyPatch) -> None:
    options = read(monkeypatch)
    assert (options["poll_interval"], options["duration"], options["set"], options["cpu"]) == (None, None, [], [])


def test_changes_are_numbers_where_they_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    words = [
        "--set",
        "workload.bytes=200",
        "--set",
        "headers=bare",
        "--set",
        "warmup_s=0.5",
        "--set",
        "description=a=b",
    ]
    changes = [("workload.bytes", 200), ("headers", "bare"), ("warmup_s", 0.5), ("description", "a=b")]
    assert read(monkeypatch, *words)["set"] == changes


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--set", "workload.bytes"),
        ("--set", "=3"),
        ("--cpu", "1,x"),
        ("--workers", "0"),
        ("--workers", "65"),
        ("--master-port", "0"),
        ("--master-port", "65536"),
        ("--duration", "0"),
        ("--duration", "inf"),
        ("--poll-interval", "3601"),
        ("--rtt-ms", "nan"),
    ],
)
def test_a_value_out_of_bounds_is_named(monkeypatch: pytest.MonkeyPatch, option: str, value: str) -> None:
    with pytest.raises(command.BadUse, match=rf"argument {option}: '{value}' is not .*--help"):
        read(monkeypatch, option, value)


@pytest.mark.parametrize("url", ["127.0.0.1:5005", "https://a", "http://", "http://a:0", "http://a:99999", "http://[a"])
def test_an_address_that_is_none_is_named(url: str) -> None:
    with pytest.raises(command.argparse.ArgumentTypeError, match="is not an address"):
        command.web_address(url)
