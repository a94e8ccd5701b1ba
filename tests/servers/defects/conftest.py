"""Every probe of this folder is put to both servers."""

from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from tests.servers.defects.places import Place


@pytest.fixture(params=["minimal", "mended"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    with ExitStack() as stack:
        yield Place(request.param == "minimal", lambda server: stack.enter_context(closing(server)))
