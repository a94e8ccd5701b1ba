"""What headers cost: really counted once, of a browser's transfers and of a bare client's."""

from collections.abc import Callable

import pytest

from lab.demonstrations import headers
from lab.demonstrations.headers import WHERE
from lab.observations import Observations
from lab.plan import TITLES

pytestmark = pytest.mark.browser
VERSIONS = 12  # bytes by which headers may differ from one Chromium, or one version of it, to the next


@pytest.mark.prove
def test_a_request_costs_hundreds_of_bytes_and_a_frame_a_few(
    demonstrate: Callable[[str], Observations], tool: Callable[[str], str]
) -> None:
    tool("chromium")
    found = demonstrate("headers")

    def bytes_of(client: str, where: str, way: str = "") -> float:
        value = found.of(f"header bytes{way}", f"{client}: {where}").value
        assert value is not None, (client, where)
        return value

    for client in ("browser", "bare"):
        for where in WHERE:
            assert bytes_of(client, where) == bytes_of(client, where, " up") + bytes_of(client, where, " down")
        assert bytes_of(client, "websocket", " up") in (6, 8)  # RFC 6455 section 5.2: 2 or 4, and 4 for the mask
        assert bytes_of(client, "websocket", " down") in (2, 4)
        assert bytes_of(client, "sse", " up") == 0
        assert bytes_of(client, "sse") < bytes_of(client, "post")
        for stream in ("sse", "websocket"):
            assert (found.of("opening bytes up", f"{client}: {stream}").value or 0) > bytes_of(client, stream, " up")
    for where in WHERE:
        assert bytes_of("browser", where) >= bytes_of("bare", where)
    for name in TITLES:
        assert abs(found.of("more than the recorded headers", f"browser: {name}").value or 0) <= VERSIONS
    assert f"costs {bytes_of('browser', 'sse'):.0f}, and a WebSocket frame" in headers.show(found).sentence
