"""A real nginx before a real server, as the lab puts it there."""

import ssl
from contextlib import ExitStack
from pathlib import Path

from lab.behind import Nginx
from tests.processes import Server, Site


class Front(Site):
    """The good site is reached by TLS, the obvious one without. What it stands before may be given by its address."""

    def __init__(self, server: Server | str, site: str, folder: Path, **options: object) -> None:
        self.log = folder / "nginx.log"
        self.nginx = Nginx(server if isinstance(server, str) else server.url, self.log, site, **options)
        self.url = self.nginx.plain
        if isinstance(server, Server):
            self.process, self.terminate = server.process, server.terminate
        if site == "good":
            self.url, self.tls = self.nginx.tls, ssl.create_default_context(cafile=self.nginx.ca)

    def __enter__(self) -> "Front":
        return self

    def __exit__(self, *failure: object) -> None:
        """Nothing that it served may have gone wrong in it."""
        with ExitStack() as stack:
            stack.callback(self.nginx.stop)
            said = self.log.read_text()
            assert not any(word in said for word in ("[emerg]", "[alert]", "[crit]")), said
