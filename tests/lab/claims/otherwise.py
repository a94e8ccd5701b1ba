"""The experiments of the made-up world, each with what a test wants to be otherwise."""

from collections.abc import Callable, Mapping
from pathlib import Path

from lab.plan import Cell
from lab.stats import Estimate
from loadtests.records import TRANSPORTS
from tests.lab.claims import world
from tests.lab.claims.made_up import Of, about, seen, sweep, wide
from tests.lab.claims.world import RATES

Make = Callable[[Path], object]
POLLING = TRANSPORTS[:2]


def flat(**figures: float | Estimate) -> Of:
    """Every cell the same."""
    return lambda cell: figures


def times(of: Of, who: str, key: str, factor: float) -> Of:
    """One transport's quantity so many times what it was."""

    def changed(cell: Cell) -> dict[str, float | Estimate]:
        figures = dict(of(cell))
        if cell.transport == who:
            figures[key] = (about(figures[key]).value or 0.0) * factor
        return figures

    return changed


def unsure(of: Of) -> Of:
    return lambda cell: {key: wide(about(value).value or 0.0) for key, value in of(cell).items()}


def rtt(root: Path, of: Of = world.linked, levels: tuple[float, ...] = (0.0, 50.0, 400.0)) -> None:
    sweep(root, "rtt", of, levels)


def rate(root: Path, of: Of = world.rate, **more: object) -> None:
    sweep(root, "message-rate", of, RATES, intervals=(1.0, 3.0), **more)


def keep_alive(root: Path, of: Of = world.keep_alive) -> None:
    sweep(root, "keep-alive", of, ("on", "off"), POLLING)


def chat(root: Path, of: Of = world.chat) -> None:
    sweep(root, "irc-room", of, intervals=(1.0, 3.0))


def polls(root: Path, of: Of = world.interval) -> None:
    sweep(root, "poll-interval", of, intervals=(0.25, 1.0, 3.0, 10.0))


def both(*makes: Make) -> Make:
    return lambda root: [make(root) for make in makes]


def with_(make: Callable[..., object], *given: object, **more: object) -> Make:
    return lambda root: make(root, *given, **more)


def always(cell: Cell) -> dict[str, float]:
    """Whether kept open or not, a connection for each request."""
    return world.chat(cell) | {"connections_in_window": 60.0}


def never(cell: Cell) -> dict[str, float]:
    return world.chat(cell) | {"connections_in_window": 0.0}


def closing(figure: float, wait: float) -> Of:
    """What closing costs, in times the bytes and times the wait."""

    def of(cell: Cell) -> dict[str, float]:
        figures, off = world.chat(cell), cell.level == "off"
        return {key: value * (figure if off and "bytes" in key else wait if off and "latency" in key else 1)
                for key, value in figures.items()}  # fmt: skip

    return of


def alike(cell: Cell) -> dict[str, float]:
    """No transport is any better."""
    return world.chat(Cell("websocket"))


def upside_down(cell: Cell) -> dict[str, float]:
    """WebSocket is the dearest, in all and at every rate."""
    return {key: value * (10 if cell.transport == "websocket" else 1) for key, value in alike(cell).items()}


def cheap(cell: Cell) -> dict[str, float]:
    """WebSocket is the cheapest at every rate, and in silence."""
    own = cell.transport == "websocket"
    return world.chat(cell) | {"ip_bytes": 10.0 if own else 900.0, "server_cpu": 10.0 if own else 300.0,
                               "ip_bytes_hour": 3.0 if own else 90.0}  # fmt: skip


def idle(root: Path, of: Of = world.idle) -> None:
    sweep(root, "idle", of, intervals=(1.0, 10.0))


def many(root: Path, files: float = 2.0, levels: tuple[float, ...] = (1.0, 1_000.0, 10_000.0)) -> None:
    sweep(root, "clients", lambda cell: world.many(cell) | {"server_fds": files}, levels, clients=None)


def engines(root: Path, greenlets: float = 2.0, threads: float = 481.0) -> None:
    of = {"gevent": greenlets, "threads": threads}
    sweep(root, "engines", lambda cell: {"server_threads": of[str(cell.level)]}, tuple(of), clients=240)


def kaazing(root: Path, socket: float, ip: float) -> None:
    """So many bytes beside 10 of text, where WebSocket has 2."""
    ours = flat(
        payload_bytes=about(10.0, 0), socket_bytes=about(12.0, 0), ip_bytes=about(12.0, 0), socket_bytes_hour=43
    )
    theirs = flat(payload_bytes=about(10.0, 0), socket_bytes=10 + socket, ip_bytes=10 + ip, socket_bytes_hour=3_000)
    sweep(root, "kaazing", lambda cell: (ours if cell.transport == "websocket" else theirs)(cell), (250.0, 500.0))


def knee(root: Path, at: float, of: Of | None = None) -> None:
    """Beyond a round trip of `at` long polling takes 60 ms longer."""

    def found(cell: Cell) -> dict[str, float]:
        rtt = float(cell.level or 0)
        return {"latency_p50": about(1 + rtt + (60 if cell.transport == "long-polling" and rtt > at else 0), 0.01)}

    sweep(root, "knee", of or found, (0.0, 100.0, 200.0, 260.0), TRANSPORTS[1:])


def bursts(root: Path, mean: Mapping[float, float], worst: float) -> None:
    """Transits from the server to the client, by round trip."""

    def found(cell: Cell) -> dict[str, float]:
        way = float(cell.level or 0) / 2
        return {"latency_mean": way * (mean[float(cell.level or 0)] + 1), "latency_p99": way * (worst + 1)}

    sweep(root, "bursts", found, tuple(mean))


def pushing(factor: float, at: float = RATES[-1]) -> Of:
    """Push takes so many times the CPU of pull, from a rate on."""
    return lambda cell: {
        "server_cpu": 100.0 * (factor if not cell.poll_interval_s and float(cell.level or 0) >= at else 1)
    }


def load(requests: Mapping[float, float]) -> Of:
    """So many requests a second that a CPU answers, by the interval between polls; 60 clients."""

    def found(cell: Cell) -> dict[str, float]:
        every = cell.poll_interval_s or 1.0
        rate = 60 / every
        return {"requests_per_client_minute": rate, "server_load": rate / requests.get(every, 1_000.0)}

    return found


def writers(root: Path, polling: Mapping[float, float], of: Of | None = None) -> None:
    """The p95 and the CPU of polling in times those of WebSocket, by writers."""

    def found(cell: Cell) -> dict[str, float]:
        factor = 1.0 if cell.transport == "websocket" else polling[float(cell.level or 0)]
        return {"latency_p95": 20 * factor, "server_cpu": 90 * factor}

    sweep(root, "many-writers", of or found, tuple(polling), intervals=(0.2,))


def pages(root: Path, without_reload: Mapping[str, list[float]]) -> None:
    seen(
        root, "browser", {("seen without reload", name, "yes or no"): values for name, values in without_reload.items()}
    )


def reload_free(own: float, *others: float) -> dict[str, list[float]]:
    return {name: [value] * 3 for name, value in zip(TRANSPORTS, (*others, own), strict=True)}


def use_cases(root: Path, needing: int, of: int = 8, unsure_of: int = 0) -> None:
    """So many use cases in which WebSocket alone is in time, and so many at the end that nobody can be sure of."""
    names = list(world.USE_CASES)[:of]

    def found(cell: Cell) -> dict[str, float | Estimate]:
        n = names.index(str(cell.level))
        delay = 500.0 if n < needing and cell.transport != "websocket" else 5.0
        return {"latency_p95": wide(delay) if n >= of - unsure_of else delay, "ip_bytes_hour": 40.0, "server_cpu": 90.0}

    limits = {name: "p95 < 6ms" if n >= of - unsure_of else "p95 < 100ms" for n, name in enumerate(names)}
    sweep(root, "use-cases", found, tuple(names), objectives=limits)


def upstream(root: Path, of: Of = world.upstream) -> None:
    sweep(root, "upstream", of, (0.5, 8.0))


def carried(root: Path, websocket: int = 9_000, fails: int | None = 10_700, limit: str = "the server's CPU") -> None:
    world.capacity(root, websocket, fails, limit)
