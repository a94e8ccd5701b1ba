"""One word by each transport, really captured: each list begins with a handshake, and the word is in the file."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.demonstrations import capture, one_word
from lab.plan import TITLES

ASKED = {"short-polling": "GET ", "long-polling": "GET ", "sse": "GET ", "websocket": "101 Switching"}


def test_a_word_by_each_transport_is_listed_packet_by_packet(tmp_path: Path, tool: Callable[[str], str]) -> None:
    tool("tshark")
    assert one_word.main([str(tmp_path)]) == 0
    lists = {name: (tmp_path / f"{name}.txt").read_text(encoding="utf-8").splitlines()[1:] for name in TITLES}
    for name, lines in lists.items():
        assert "[SYN]" in lines[0] and any("[FIN, ACK]" in line for line in lines)
        assert any(ASKED[name] in line for line in lines)
        moments = [float(line.split()[0]) for line in lines]
        assert moments[0] == 0 and moments == sorted(moments)
    assert order(lists["short-polling"]) == ["GET", "200", "POST", "201", "GET", "200"]
    assert order(lists["long-polling"]) in (["GET", "POST", "200", "201"], ["GET", "POST", "201", "200"])
    assert (tmp_path / one_word.FILE).read_bytes().count(one_word.WORD.encode()) >= len(TITLES)


def order(lines: list[str]) -> list[str]:
    """The requests and answers, in the order in which they were on the wire."""
    return [found[1] or found[2] for line in lines if (found := re.search(r"(GET|POST) /|HTTP/1\.1 (\d+)", line))]


def test_where_nobody_may_capture_a_sentence_says_so(
    monkeypatch: pytest.MonkeyPatch, tool: Callable[[str], str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tool("tshark")
    monkeypatch.setitem(capture.LOOPBACK, "linux", "no-such-interface")
    assert one_word.main([str(tmp_path)]) == 2
    assert "tshark cannot capture here" in capsys.readouterr().err
