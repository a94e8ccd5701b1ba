"""A server that compresses, and what is sent to it."""

from collections.abc import Callable

import pytest

from tests.processes import Server

ALONE = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
OFFER = {"Sec_WebSocket_Extensions": "permessage-deflate; client_max_window_bits"}  # a browser's
PROSE = "the same words again, and the same words once more " * 20


@pytest.fixture(scope="session")
def squeezing(engine: str, serving: Callable[..., Server]) -> Server:
    """A server of all four that compresses, whose heart beats every 0.2 s."""
    return serving(engine, "--compression", "--heartbeat", 0.2)
