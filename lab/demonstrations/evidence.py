"""Evidence of faults, for somebody to find: `python -m lab.demonstrations.evidence DIR`.

DIR/evidence gets a folder for each scene that was played (scenes.py), with the packets of Ben's connections in
capture.txt and what the server counted in metrics.txt. DIR/key.toml says which fault each has, and what shows it.
exercises/12-find-the-fault has been made so.
"""

import asyncio
import random
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from lab.children import RunFailed
from lab.demonstrations.capture import output, program, written
from lab.demonstrations.cast import Cast
from lab.demonstrations.one_word import SETTLED, what
from lab.demonstrations.processes import server
from lab.demonstrations.scenes import IDLE, SCENES, Scene
from lab.demonstrations.sites import fronted
from lab.errors import BadUse

SEED, TIMES = 12, 2  # of each scene so many, and in an order by chance
COLUMNS = ("frame.time_epoch", "tcp.stream", "tcp.srcport", "tcp.dstport", "ip.len", "tcp.flags", "_ws.col.Info",
           "tcp.payload", "websocket.mask", "websocket.payload.text")  # fmt: skip
WIDTH = 100  # characters of what a packet carries
NOTES = re.compile(r"\[TCP (?!segment|PDU)[^]]+\]")
FLAGS = {2: "SYN", 1: "FIN", 4: "RST", 16: "ACK"}
CLOSE = re.compile(r"88[0-7][0-9a-f](03[ef][0-9a-f])")  # of a frame from a server (RFC 6455 section 5.5.1), in hex
UNREADABLE = "\N{REPLACEMENT CHARACTER}"
GIVEN_UP = re.compile(r"\[TCP (ZeroWindow|Window Full|Keep-Alive)|\[close 1013|^\[FIN\] ")
ASIDE = ("POST ", "GET /metrics")  # of Ada, and of whoever looks
LEFT_OUT = re.compile(r"_created|_bucket|_info")  # of the metrics: they say nothing here
HEADING = f"{'frame':>5}  {'ms':>7}  {'':15}  {'bytes':>6}"


class Row(NamedTuple):
    """A packet of Ben's or of the proxy's: its number among them, when it was, whose, its bytes, and what it is."""

    frame: int
    ms: float
    source: str
    destination: str
    size: int
    text: str
    said: bool  # whether it carries anything

    def __str__(self) -> str:
        way = f"{self.source} → {self.destination}"
        text = self.text if len(self.text) <= WIDTH else f"{self.text[:WIDTH]} …"
        return f"{self.frame:5}  {self.ms:7.1f}  {way:15}  {self.size:6}  {text}"


def put_aside(rows: Sequence[Row]) -> list[int]:
    """Events that the server gave to the proxy, and the proxy to nobody."""
    if any(row.source == "proxy" and row.destination == "Ben" and "data:" in row.text for row in rows):
        return []
    return [row.frame for row in rows if (row.source, row.destination) == ("server", "proxy") and "data:" in row.text]


def without_room(rows: Sequence[Row]) -> list[int]:
    """Ben's window is shut, the server asks in vain; or it gives him up, in the middle of what it was saying."""
    gone = next((row.frame for row in rows if row.source == "Ben" and "FIN" in row.text), len(rows) + 1)
    return [row.frame for row in rows if row.frame < gone and GIVEN_UP.search(row.text)]


def again(rows: Sequence[Row]) -> list[int]:
    """Ben asks from the beginning though he has had the first message; and he has it again."""
    had = next((row.frame for row in rows if row.source == "server" and '"seq":1,' in row.text), len(rows))
    asks = {"server": '"seq":1,', "Ben": "after=0 "}
    return [row.frame for row in rows if row.frame > had and asks.get(row.source, "\n") in row.text]


def another_connection(rows: Sequence[Row]) -> list[int]:
    """One that Ben opens after his first; and the end of each but the last."""
    opened = [row.frame for row in rows if row.text in ("[SYN]", "[SYN, ACK]")][2:]
    ended = [row.frame for row in rows if "FIN" in row.text and row.frame < max(opened, default=0)]
    return sorted(opened + ended)


def after_silence(rows: Sequence[Row]) -> list[int]:
    """The proxy hangs up, when for as long as it waits nothing was said."""
    found, quiet_since = list[int](), 0.0
    for row in rows:
        if row.source == "proxy" and "FIN" in row.text and row.ms - quiet_since > 0.9 * IDLE * 1_000:
            found.append(row.frame)
        quiet_since = row.ms if row.said else quiet_since
    return found


def nowhere(rows: Sequence[Row]) -> list[int]:
    """Nothing is wrong."""
    return []


SHOWS: dict[str, tuple[Callable[[Sequence[Row]], list[int]], tuple[str, ...]]] = {
    "buffering": (put_aside, ()),
    "stalled-reader": (
        without_room, ("polls_apart_cuts_total", "polls_apart_dropped_bytes_total", "polls_apart_closes_total"),
    ),
    "lost-cursor": (again, ("polls_apart_empty_polls_total",)),
    "no-keep-alive": (another_connection, ()),
    "no-heartbeat": (after_silence, ()),
}  # fmt: skip
"""Of each fault, which frames show it, and the metrics that do where they are not 0."""


async def play(scene: Scene, rng: random.Random) -> tuple[list[Row], str]:
    """The packets of a scene, and the server's metrics at its end."""
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(server("all", *scene.options))
        front = url
        if scene.site:
            front = (await stack.enter_async_context(fronted(url, scene.site, scene.idle, scene.lines))).plain
        names = {port(front): "proxy", port(url): "server"}
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "evidence.pcapng"
            async with written(file, list(names)):
                cast = Cast(url, front, rng)
                await scene.play(cast)
                await asyncio.sleep(SETTLED)
            rows = await listed(file, names)
    lines = [line for line in cast.metrics.splitlines() if line.startswith("polls_apart") and not LEFT_OUT.search(line)]
    return rows, "\n".join([*lines, ""])


def port(url: str) -> int:
    return urlsplit(url).port or 0


async def listed(file: Path, names: dict[int, str]) -> list[Row]:
    """The packets of a capture, without the connections by which Ada wrote and somebody looked."""
    fields = [word for name in COLUMNS for word in ("-e", name)]
    as_http = [word for number in names for word in ("-d", f"tcp.port=={number},http")]
    told = (await output(program(), "-r", str(file), *as_http, "-T", "fields", *fields)).decode().splitlines()
    lines = [line.split("\t") for line in told]
    texts = [text_of(*line[5:]) for line in lines]
    aside = {line[1] for line, text in zip(lines, texts, strict=True) if text.startswith(ASIDE)}
    kept = [(line, text) for line, text in zip(lines, texts, strict=True) if line[1] not in aside]
    beyond = "proxy" if len(names) > 1 else "Ben"  # whose a port is that the server does not listen on
    rows = list[Row]()
    for (at, _, source, destination, size, *_, payload, _, _), text in kept:
        ends = [names.get(int(end), "") for end in (source, destination)]
        other = beyond if "server" in ends else "Ben"
        ms = (float(at) - float(kept[0][0][0])) * 1e3
        rows.append(Row(len(rows) + 1, ms, ends[0] or other, ends[1] or other, int(size), text, bool(payload)))
    return rows


def text_of(flags: str, said: str, payload: str, masked: str, frame: str) -> str:
    """What a packet is: what tshark notes of it, its flags where they matter, what it carries, as in one_word.py."""
    names = [name for bit, name in FLAGS.items() if int(flags, 16) & bit]
    shown = names if not payload else [name for name in names if name == "FIN"]
    marks = [*NOTES.findall(said), *([f"[{', '.join(shown)}]"] if shown else [])]
    if close := CLOSE.search(payload):
        marks.append(f"[close {int(close[1], 16)}]")
    text = " ".join([*marks, what(said, payload, masked, frame) if payload else ""]).rstrip()
    return "".join(letter if letter.isprintable() and letter != UNREADABLE else "·" for letter in text)


async def record(where: Path) -> None:
    """Play all, and write what there is to be seen of each; RunFailed where a fault does not show."""
    rng = random.Random(SEED)
    scenes = rng.sample([*SCENES] * TIMES, len(SCENES) * TIMES)
    evidence, key = where / "evidence", ["# Made with the evidence: what is wrong in each case, and what shows it."]
    shutil.rmtree(evidence, ignore_errors=True)
    for number, scene in enumerate(scenes, start=1):
        rows, metrics = await play(scene, rng)
        shows, counted = SHOWS.get(scene.fault, (nowhere, ()))
        frames = shows(rows)
        if scene.fault in SHOWS and not frames:
            raise RunFailed(f"the fault {scene.fault} does not show in case {number:02}")
        counting = [name for name in counted if re.search(rf"^{name}.* [1-9]", metrics, re.MULTILINE)]
        folder = evidence / f"{number:02}"
        folder.mkdir(parents=True)
        (folder / "capture.txt").write_text("\n".join([HEADING, *map(str, rows), ""]), encoding="utf-8")
        (folder / "metrics.txt").write_text(metrics, encoding="utf-8")
        quoted = ", ".join(f'"{name}"' for name in counting)
        key += ["", f"[case-{number:02}]", f'fault = "{scene.fault}"', f"frames = {frames}", f"metrics = [{quoted}]"]
    (where / "key.toml").write_text("\n".join([*key, ""]), encoding="utf-8")


def main(arguments: list[str]) -> int:
    """2, with a sentence, where something is missing, or a fault did not show."""
    if len(arguments) != 1:
        print("Name the folder to write to.", file=sys.stderr)
        return 2
    try:
        asyncio.run(record(Path(arguments[0])))
    except (BadUse, RunFailed, TimeoutError) as error:
        print(str(error) or "The server did not say what it should.", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
