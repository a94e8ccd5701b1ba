"""The headers that a client sends, read from headers.toml: a browser's, or the fewest that the protocol needs."""

import tomllib
from pathlib import Path

Header = tuple[str, str]
SETS: dict[str, dict[str, list[list[str]]]] = tomllib.loads(
    Path(__file__).with_name("headers.toml").read_text(encoding="utf-8")
)


def prepare(name: str, host: str, origin: str, keep_alive: bool = True) -> dict[str, list[Header]]:
    """One of the sets (browser or bare) for one server; what changes from request to request is still in braces."""
    constant = {"{host}": host, "{origin}": origin}
    found = {
        kind: [(header, replace(value, constant)) for header, value in pairs] for kind, pairs in SETS[name].items()
    }
    return found if keep_alive else {kind: closing(fields) for kind, fields in found.items()}


def closing(fields: list[Header]) -> list[Header]:
    """The same, asking the server to close after its answer; a WebSocket's or a stream's connection stays."""
    if any(header in ("Upgrade", "Accept") and value in ("websocket", "text/event-stream") for header, value in fields):
        return fields
    return [*((header, value) for header, value in fields if header != "Connection"), ("Connection", "close")]


def fill(template: list[Header], **values: str) -> list[Header]:
    """The headers of one request; a header whose value is not given, or empty, is left out."""
    return [
        (header, value if value[0] != "{" else values[value[1:-1]])
        for header, value in template
        if value[0] != "{" or values.get(value[1:-1])
    ]


def replace(value: str, constant: dict[str, str]) -> str:
    for name, text in constant.items():
        value = value.replace(name, text)
    return value
