"""A plan carried out: all parts side by side in one event loop, each until there was enough of everything."""

import asyncio
import contextlib
import json
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

from msgspec import Struct

from lab.children import RunFailed, last_words, own_group
from lab.faults.breaker import Breaker
from lab.faults.fate import fate_of
from lab.faults.plan import KILLS, Fault, Length, Part, faults_of
from lab.faults.stand import Stand

WRITTEN = 50.0  # seconds beyond those to settle, at most, in which clients write their history
HISTORY = "history.parquet"


class Done(Struct, frozen=True):
    """A fault as it was done: when, by the monotonic clock, and when it was over."""

    at_ns: int
    over_ns: int
    kind: str
    round: int


class PartRecord(Struct, frozen=True):
    """What was done to a part, and what it came to. `note` says why it came to nothing, or was not measured."""

    part: Part
    faults: list[Done]
    counts: dict[str, int]  # connections cut, acknowledgements eaten, clients stalled, kills of each kind
    note: str = ""
    measured: bool = True


class Totals:
    """How much there was so far, over all parts; `enough` once that is what was wanted, or the time is up."""

    def __init__(self, length: Length, say: Callable[[str], None]) -> None:
        self.length, self.say = length, say
        self.clients: dict[str, dict[str, int]] = {}
        self.readers: dict[str, int] = {}
        self.kills = 0
        self.begun = time.monotonic()

    def of(self, op: str) -> int:
        return sum(counts.get(op, 0) for counts in self.clients.values())

    @property
    def reconnects(self) -> int:
        return max(0, self.of("connect") - sum(self.readers.values()))

    @property
    def enough(self) -> bool:
        wanted, so_far = self.length, (self.of("observe"), self.kills, self.reconnects)
        reached = all(has >= needs for has, needs in zip(so_far, (wanted.deliveries, wanted.kills, wanted.reconnects),
                                                         strict=True))  # fmt: skip
        return reached or time.monotonic() - self.begun > wanted.longest_s

    def tell(self) -> None:
        self.say(
            f"{self.of('observe'):,} of {self.length.deliveries:,} deliveries, {self.kills} kills, "
            f"{self.reconnects:,} reconnects"
        )


class Run:
    """One part, from start to end."""

    def __init__(self, part: Part, length: Length, seed: int, where: Path, totals: Totals) -> None:
        self.part, self.length, self.seed, self.where, self.totals = part, length, seed, where, totals
        self.breaker = Breaker(lambda number: fate_of(seed, part.name, number))
        self.done: list[Done] = []

    async def make(self) -> PartRecord:
        """Whatever happens, nothing that it started goes on."""
        self.where.mkdir()
        note = ""
        with tempfile.TemporaryDirectory(prefix="pa-", ignore_cleanup_errors=True) as data:
            stand = Stand(self.part, Path(data), self.where)
            clients: asyncio.subprocess.Process | None = None
            try:
                await asyncio.to_thread(stand.start)
                self.reach(stand)
                clients = await self.start_clients(await self.breaker.start())
                listening = asyncio.create_task(self.listen(clients))
                await self.disturb(stand, clients)
                await self.settle(clients, listening)
            except RunFailed as error:
                note = str(error)
            finally:
                if clients and clients.returncode is None:
                    with contextlib.suppress(ProcessLookupError):
                        clients.kill()
                self.breaker.close()
                await asyncio.to_thread(stand.stop)
        kills = {kind: sum(done.kind == kind for done in self.done) for kind in {done.kind for done in self.done}}
        counts = dict(self.breaker.counts) | {kind: kills[kind] for kind in sorted(kills) if kind != "stall"}
        return PartRecord(self.part, self.done, counts, note)

    def reach(self, stand: Stand) -> None:
        """Lead clients to where the server is now."""
        host, _, port = stand.url.removeprefix("http://").rpartition(":")
        self.breaker.server = host, int(port)

    async def start_clients(self, url: str) -> asyncio.subprocess.Process:
        length = self.length
        options = {"rooms": length.rooms, "readers": length.readers, "rate": length.rate, "seed": self.seed}
        options["settle"] = length.settle_s
        command = ["-m", "loadtests.faithful", url, "--out", str(self.where / HISTORY)]
        command += [word for name, value in options.items() for word in (f"--{name}", str(value))]
        with (self.where / "clients.log").open("wb") as errors:
            return await asyncio.create_subprocess_exec(
                sys.executable, *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                stderr=errors, **own_group(),
            )  # fmt: skip

    async def listen(self, clients: asyncio.subprocess.Process) -> None:
        """Hear how far the clients are, to their end."""
        assert clients.stdout is not None
        async for line in clients.stdout:
            said = json.loads(line)
            self.totals.readers[self.part.name] = said.pop("readers")
            self.totals.clients[self.part.name] = said
            self.totals.tell()

    async def disturb(self, stand: Stand, clients: asyncio.subprocess.Process) -> None:
        """Round after round of faults."""
        for number in count():
            for fault in faults_of(self.part, self.seed, number, self.length.pace_s):
                if number and self.totals.enough:
                    return
                if clients.returncode is not None:
                    raise RunFailed(f"the clients ended: {last_words(self.where / 'clients.log')}")
                await asyncio.sleep(fault.after_s)
                await self.do(fault, stand, number)

    async def do(self, fault: Fault, stand: Stand, number: int) -> None:
        """One fault; returns when it is over."""
        at = time.monotonic_ns()
        match fault.kind:
            case "stall":
                if not await self.breaker.stall(fault.which, fault.lasts_s):
                    return  # there was nobody
            case "kill server":
                self.breaker.server = None
                await asyncio.to_thread(stand.kill_server)
                await asyncio.to_thread(stand.start_server)
                self.reach(stand)
            case "kill worker":
                await asyncio.to_thread(stand.kill_worker, fault.which)
                await asyncio.to_thread(stand.serves)
            case "kill redis":
                await asyncio.to_thread(stand.kill_redis)
                await asyncio.sleep(fault.lasts_s)
                await asyncio.to_thread(stand.start_redis)
        self.totals.kills += fault.kind in KILLS
        self.done.append(Done(at, time.monotonic_ns(), fault.kind, number))

    async def settle(self, clients: asyncio.subprocess.Process, listening: asyncio.Task[None]) -> None:
        """No more faults: let the clients come to the end of the log, and write down what they were told."""
        self.breaker.be_calm()
        assert clients.stdin is not None
        clients.stdin.close()
        try:
            await asyncio.wait_for(clients.wait(), self.length.settle_s + WRITTEN)
        except TimeoutError:
            raise RunFailed("the clients did not come to an end") from None
        await listening
        if clients.returncode:
            raise RunFailed(f"the clients gave up: {last_words(self.where / 'clients.log')}")


async def carry_out(
    parts: list[Part], length: Length, seed: int, where: Path, say: Callable[[str], None]
) -> list[PartRecord]:
    """All parts at once. Cancelled, it ends all that it started."""
    totals = Totals(length, say)
    runs = [Run(part, length, seed, where / part.name, totals) for part in parts]
    return list(await asyncio.gather(*(run.make() for run in runs)))
