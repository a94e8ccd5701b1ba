"""A made-up world in which every experiment was measured: numbers such as a small machine shows."""

from collections.abc import Callable
from pathlib import Path

from lab.plan import Cell
from lab.stats import Estimate
from loadtests.records import TRANSPORTS
from tests.lab.claims.made_up import about, search, seen, sweep

RATES = (0.05, 1.0, 16.0)
USE_CASES = {
    "irc-room": "p95 < 500ms", "stock-ticker": "p95 < 1s", "game": "p95 < 50ms", "co-editing": "p95 < 200ms",
    "sports": "p95 < 3s", "notifications": "p95 < 10s", "dashboard": "p95 < 5s", "stream-chat": "p95 < 2s",
}  # fmt: skip
BYTES = {"short-polling": 3_000.0, "long-polling": 1_600.0, "sse": 700.0, "websocket": 400.0}
CPU = {"short-polling": 1_400.0, "long-polling": 500.0, "sse": 210.0, "websocket": 85.0}
WAIT = {"long-polling": 0.9, "sse": 0.7, "websocket": 0.3}


def wait(cell: Cell) -> float:
    """In ms, without a link."""
    return WAIT.get(cell.transport) or 500.0 * (cell.poll_interval_s or 1.0)


def chat(cell: Cell) -> dict[str, float]:
    """A room in which people talk."""
    size, delay = BYTES[cell.transport], wait(cell)
    return {"latency_p50": delay, "latency_p95": 2 * delay, "latency_p99": 2.2 * delay, "latency_mean": 1.1 * delay,
            "payload_bytes": 50.0, "socket_bytes": 0.8 * size, "ip_bytes": size, "server_cpu": CPU[cell.transport],
            "empty_polls": 0.7 if cell.transport == "short-polling" else 0.0, "socket_bytes_hour": 500.0 * size / 400,
            "server_load": 0.25, "requests_per_client_minute": 60.0, "connections_in_window": 0.0}  # fmt: skip


def linked(cell: Cell) -> dict[str, float]:
    rtt = float(cell.level or 0)
    return {key: value + (rtt if "latency" in key else 0) for key, value in chat(cell).items()}


def rate(cell: Cell) -> dict[str, float]:
    """The more is said, the more messages share an answer."""
    shared = max(1.0, float(cell.level or 0) * (cell.poll_interval_s or 0) / 2)
    figures = chat(cell) | {"ip_bytes": BYTES[cell.transport] / shared, "server_cpu": CPU[cell.transport] / shared}
    empty = max(0.0, 0.95 - float(cell.level or 0)) if cell.poll_interval_s else 0.2 if cell.level == RATES[0] else 0.0
    return figures | {"empty_polls": empty}


def keep_alive(cell: Cell) -> dict[str, float]:
    closes = cell.level == "off"
    figures = chat(cell) | {"connections_in_window": 60.0 if closes else 0.0}
    return {key: value * (1.5 if closes and "bytes" in key else 1) for key, value in figures.items()}


def interval(cell: Cell) -> dict[str, float]:
    every = cell.poll_interval_s or 1.0
    figures = {"requests_per_client_minute": 60 / every + 6, "server_load": 0.05 / every + 0.01}
    return chat(cell) | figures | {"empty_polls": max(0.0, 0.9 - every / 10) if cell.poll_interval_s else 0.0}


def idle(cell: Cell) -> dict[str, float | Estimate]:
    hour = {"short-polling": 3_700.0 / (cell.poll_interval_s or 1), "long-polling": 150.0, "sse": 25.0}
    return {"ip_bytes_hour": hour.get(cell.transport, 30.0), "empty_polls": about(1.0, 0)}


def upstream(cell: Cell) -> dict[str, float]:
    held = cell.transport == "websocket"
    return {"requests": 0.0 if held else 1.2, "socket_bytes_up": 80.0 if held else 700.0,
            "ip_bytes_up": 190.0 if held else 900.0, "server_cpu": 80.0 if held else 400.0}  # fmt: skip


def many(cell: Cell) -> dict[str, float]:
    n = 240.0 if isinstance(cell.level, str) else float(cell.level or 0)
    return {"server_fds": 2.0, "server_rss": 80 + 0.03 * n, "server_threads": 2.0}


def engine(cell: Cell) -> dict[str, float]:
    return many(cell) | {"server_threads": 2.0 if cell.level == "gevent" else 481.0}


def kaazing(cell: Cell) -> dict[str, float]:
    return chat(cell)


def knee(cell: Cell) -> dict[str, float]:
    rtt = float(cell.level or 0)
    late = rtt / 2 if cell.transport == "long-polling" and rtt > 250 else 0.0
    return {"latency_p50": 1 + rtt + late}


def bursts(cell: Cell) -> dict[str, float]:
    way = float(cell.level or 0) / 2
    far = 2 if way < 60 else 3
    return {"latency_mean": far * way + 1, "latency_p99": 4 * way + 1, "socket_bytes": 900.0}


def writers(cell: Cell) -> dict[str, float]:
    n = float(cell.level or 0)
    held = cell.transport == "websocket"
    return {"latency_p95": n / 4 if held else 20.0 + n / 20, "server_cpu": 90.0 if held else 300.0 / (1 + n / 100)}


def use_cases(root: Path, of: Callable[[Cell], dict[str, float]] = chat) -> None:
    sweep(root, "use-cases", of, tuple(USE_CASES), objectives=USE_CASES)


def spied(reads: bool, writes: bool, guarded: bool = False) -> dict[str, list[float]]:
    """What a stranger does at a server, of yes and no."""
    return {"a stranger reads": [float(reads)] * 3, "a stranger writes": [float(writes)] * 3}


def hijack(root: Path, open_to: tuple[str, ...] = ("websocket",), guard: bool = True) -> None:
    found = {}
    for transport in TRANSPORTS:
        for what, values in spied(transport in open_to, transport in open_to).items():
            found[what, f"minimal {transport}", "yes or no"] = values
            found[what, f"guarded {transport}", "yes or no"] = [0.0] * 3 if guard else values
    seen(root, "hijack", found)


TOOLS = ("browser tools", "tshark", "metrics", "timeline")


def debugging(root: Path, hard: tuple[str, ...] = ("websocket",), tools: tuple[str, ...] = TOOLS) -> None:
    """With all tools the fault is found; in the `hard` transports only after looking at more."""
    found = {}
    for tool in tools:
        for transport in TRANSPORTS:
            found["found", f"{tool}: {transport}", "yes or no"] = [1.0] * 3
            found["looked at", f"{tool}: {transport}", "items"] = [40.0 if transport in hard else 10.0] * 3
    seen(root, "debugging", found)


def counted(root: Path, name: str, sizes: dict[str, float]) -> None:
    """Header bytes by where, half of them each way."""
    seen(root, name, {(f"header bytes {way}", where, "B per transfer"): [size / 2] * 3
                      for where, size in sizes.items() for way in ("up", "down")})  # fmt: skip


def headers(root: Path, browser: float = 700.0, bare: float = 250.0, frame: float = 2.0) -> None:
    """`frame` is the header of one, on its way down."""
    polls = {f"{client}: {transport}": size for client, size in (("browser", browser), ("bare", bare))
             for transport in TRANSPORTS[:2]}  # fmt: skip
    counted(root, "headers", polls | {"browser: websocket": 2 * frame})


def proxies(root: Path, short: float = 120.0, long: float = 120.0) -> None:
    first = {f"HTTP/1.1: {name}": 700.0 for name in TRANSPORTS[:2]}
    second = {"HTTP/2: short-polling": short, "HTTP/2: long-polling": long}
    counted(root, "proxies", first | second | {"HTTP/1.1: sse": 6.0, "HTTP/2: sse": 9.0})


def browser(root: Path, others: float = 1.0, own: float = 1.0) -> None:
    found = {("seen without reload", name, "yes or no"): [own if name == "websocket" else others] * 3
             for name in TRANSPORTS}  # fmt: skip
    seen(root, "browser", found | {("delivery delay", name, "ms"): [5.0, 5.1, 4.9] for name in TRANSPORTS})


def capacity(root: Path, websocket: int = 9_000, fails: int | None = 10_700, limit: str = "the server's CPU") -> None:
    short = (0, 1, "the wait itself (941 ms, with the server's CPU at 0 %)")
    long, sse = (1_600, 1_900, "the server's CPU (99 % of one)"), (5_000, 5_900, "the server's CPU (99 % of one)")
    found = {"Short polling 1 s": short, "Long polling": long, "SSE": sse, "WebSocket": (websocket, fails, limit)}
    search(root, "capacity", found)


def whole(root: Path) -> Path:
    """Everything."""
    sweep(root, "irc-room", chat, intervals=(1.0, 3.0))
    sweep(root, "rtt", linked, (0.0, 50.0, 100.0, 400.0))
    sweep(root, "message-rate", rate, RATES, intervals=(1.0, 3.0))
    sweep(root, "keep-alive", keep_alive, ("on", "off"), TRANSPORTS[:2])
    sweep(root, "poll-interval", interval, intervals=(0.25, 1.0, 3.0, 10.0))
    sweep(root, "idle", idle, intervals=(1.0, 10.0))
    sweep(root, "upstream", upstream, (0.5, 2.0, 8.0))
    sweep(root, "clients", many, (1.0, 1_000.0, 10_000.0), intervals=(10.0,), clients=None)
    sweep(root, "engines", engine, ("gevent", "threads"), clients=240)
    sweep(root, "kaazing", kaazing, (250.0, 500.0))
    sweep(root, "knee", knee, (0.0, 100.0, 200.0, 240.0, 260.0, 400.0), TRANSPORTS[1:])
    sweep(root, "bursts", bursts, (0.0, 100.0, 200.0))
    sweep(root, "many-writers", writers, (5.0, 50.0, 200.0), intervals=(0.2,))
    for of in (use_cases, hijack, debugging, headers, proxies, browser, capacity):
        of(root)
    return root
