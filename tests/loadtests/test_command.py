"""The generator's command line, word by word."""

import sys
from pathlib import Path

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


@pytest.mark.parametrize("url", ["127.0.0.1:5005", "ftp://a", "http://", "http://a:0", "http://a:99999", "http://[a"])
def test_an_address_that_is_none_is_named(url: str) -> None:
    with pytest.raises(command.argparse.ArgumentTypeError, match="is not an address"):
        command.web_address(url)


def test_whom_to_trust_is_read_at_once_and_must_be_a_certificate(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "ca.pem"
    path.write_text("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")
    assert read(monkeypatch, "--ca", str(path))["ca"] == path.read_text()
    path.write_bytes(b"\x30\x82\xff")
    for wrong in (path, tmp_path / "missing.pem"):
        with pytest.raises(command.BadUse, match=r"is not a file with a certificate in PEM"):
            read(monkeypatch, "--ca", str(wrong))


def test_there_may_be_more_than_one_process_to_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, "--server-pid", "7", "--server-pid", "8")["server_pid"] == [7, 8]
