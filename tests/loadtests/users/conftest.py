"""One run for each transport, which several tests read."""

import pytest

from tests.loadtests.generator import Part
from tests.loadtests.users.checks import delivers
from tests.processes import Server


@pytest.fixture(scope="module")
def browsed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Part:
    """A run of the file's transport with a browser's headers. Its IP columns hold what the kernel counted instead."""
    transport, folder = request.module.TRANSPORT, tmp_path_factory.mktemp("browsed")
    with Server(transport) as server:
        return delivers(server, transport, folder, "browser", module="tests.loadtests.kernel_bytes")
