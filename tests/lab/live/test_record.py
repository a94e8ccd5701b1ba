"""A lesson from start to end, and the run folder that it leaves."""

import json
import re
import signal
from pathlib import Path

import polars as pl
import pytest

from lab.live.frames import TRANSPORTS
from lab.live.lesson import record
from tests.lab.live.lab import ClassLab

NAME, WORD = "Rumpelstiltskin", "nobody-may-keep-this"
REPORT = re.compile(r"The report of the lesson: (\S+)")


@pytest.fixture(scope="session")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ClassLab]:
    """The folder of a lesson in which all was done, and what was printed."""
    out = tmp_path_factory.mktemp("runs")
    with ClassLab("--names", "--robots", 2, "--out", out) as lab, lab.projector() as projector:
        token = lab.token(NAME)
        bearer = {"Authorization": f"Bearer {token}"}
        draft = {"id": "one", "sender": NAME, "text": WORD}
        assert lab.request("POST", "/sse/rooms/class/messages", draft, bearer).status == 201
        with lab.member(NAME) as member:
            member.say(type="vote", choice="websocket")
            projector.hears("class", lambda now: now["votes"].get("websocket"))
            projector.say(type="phase", phase="long")
            member.hears("place", lambda place: place["phase"] == "long")
            member.say(type="echo", transport="long-polling", ms=12.5)
            projector.hears("class", lambda now: now["echo"]["long-polling"]["n"] >= 2)
            projector.say(type="set", control="rtt_ms", value=50)
            projector.happens("50 ms now")
            projector.say(type="do", action="cut", transport=None)
            projector.say(type="phase", phase="ticket")
            member.say(type="ticket", answers=["b", "c", "a", "b"])
            projector.hears("class", lambda now: now["ticket"]["handed"])
            projector.say(type="end")
            assert member.hears("place", lambda place: place["phase"] == "over")["question"] is None
        ended = projector.hears("ended")
        assert Path(ended["report"]).parent == Path(ended["folder"])
        projector.say(type="phase", phase="poll")
        assert "over" in projector.hears("sorry")["title"]
    return Path(ended["folder"]), lab


def test_the_folder_is_whole(lesson: tuple[Path, ClassLab]) -> None:
    folder, _ = lesson
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d{6}Z-class", folder.name)
    names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert names == {"class.json", "echoes.parquet", "counters.parquet", "summary.json", "report.html",
                     "figures/send-to-see.svg"}  # fmt: skip
    told = record.read(folder)
    assert told.devices == 1 and told.robots == 2 and told.votes["websocket"] >= 1
    assert [phase for _, phase in told.begun] == ["vote", "long", "ticket", "over"]
    assert told.command.startswith("lab live --no-browser --class") and told.machine["cpus"] and told.version
    assert any("The line was cut" in event.text for event in told.happened)


def test_the_tables_hold_every_echo_and_the_counters_twice_a_second(lesson: tuple[Path, ClassLab]) -> None:
    folder, _ = lesson
    echoes, counters = (pl.read_parquet(folder / name) for name in ("echoes.parquet", "counters.parquet"))
    assert echoes.filter(~pl.col("robot")).select("phase", "transport", "ms").rows() == [("long", "long-polling", 12.5)]
    assert echoes.filter(pl.col("robot")).height >= 1
    assert set(counters["transport"]) == set(TRANSPORTS)
    for _, looks in counters.group_by("transport"):
        assert looks.sort("at_s")["requests"].is_sorted() and looks.sort("at_s")["socket_up"].is_sorted()
    summary = json.loads((folder / "summary.json").read_text())
    row = next(row for row in summary["rows"] if (row["phase"], row["transport"]) == ("long", "long-polling"))
    assert row["echoes"] == echoes.filter(pl.col("phase") == "long", pl.col("transport") == "long-polling").height
    assert summary["ticket"]["handed"] >= 1


def test_nothing_personal_is_in_any_file(lesson: tuple[Path, ClassLab]) -> None:
    folder, lab = lesson
    for path in folder.rglob("*"):
        if path.suffix == ".parquet":
            text = str(pl.read_parquet(path).to_dict(as_series=False))
        elif path.is_file():
            text = path.read_text(encoding="utf-8")
        else:
            continue
        for personal in (NAME, WORD, lab.code, lab.key):
            assert personal not in text, path


def test_the_report_is_made_again_to_the_byte(lesson: tuple[Path, ClassLab], lab) -> None:
    folder, _ = lesson
    made = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for path in ("report.html", "summary.json", "figures/send-to-see.svg"):
        (folder / path).unlink()
    assert lab("report", folder).code == 0
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == made
    page = (folder / "report.html").read_text()
    assert "1 device and 2 robots" in page
    assert "http://" not in re.sub(r"http://(www\.w3\.org|purl\.org)", "", page)


def test_what_was_printed_says_where_it_is(lesson: tuple[Path, ClassLab]) -> None:
    folder, lab = lesson
    assert lab.says(REPORT)[1] == str(folder / "report.html")


def test_a_class_that_is_interrupted_leaves_its_folder_too(tmp_path: Path) -> None:
    with ClassLab("--out", tmp_path) as lab:
        with lab.member("calm otter") as member:
            assert member.hears("place")
        lab.process.send_signal(signal.SIGINT)
        assert lab.process.wait(60) == 0
        folder = Path(lab.says(REPORT)[1]).parent
    assert record.read(folder).devices == 1
    assert "Nobody said anything" in (folder / "report.html").read_text()
