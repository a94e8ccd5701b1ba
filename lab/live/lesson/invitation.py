"""How one joins: an address, a join code, and both in a QR code; and what helps where nobody comes."""

from dataclasses import dataclass
from functools import cached_property
from io import StringIO

import segno

from lab.live import news

MARGIN = 4  # modules of quiet around a QR code (ISO/IEC 18004)
PATIENCE = 30.0  # seconds without a device, until it is said what may be wrong

FIREWALL = "on Linux by sudo ufw allow {0}:{1}/tcp, elsewhere by allowing Python when asked."
NOBODY = """
No device has come in {seconds:.0f} s. Open {address} on a phone in the same Wi-Fi. If it does not open:
 - The network may keep its devices apart (client isolation, usual for guests). Use a phone's hotspot for all.
 - This machine's firewall may be in the way. Let in TCP ports {port} and {stage}: {firewall}
 - The phone may be in another network, or use mobile data. Switch that off.
 - This machine may have several addresses, and {host} be the wrong one. Start again with --address.
"""
ALONE = """This machine has no address that others could reach: nobody can join but robots, and browsers on it.
Connect it to a network (a phone's hotspot will do) and start again; or name the address with --address."""


@dataclass(frozen=True)
class Invitation:
    """Where the line listens, and the join code. The code stands behind the #, which no server is told."""

    host: str
    port: int
    code: str

    @property
    def address(self) -> str:
        return f"http://{self.host}:{self.port}/"

    @property
    def url(self) -> str:
        return f"{self.address}#{self.code}"

    @cached_property
    def qr(self) -> segno.QRCode:
        return segno.make_qr(self.url, error="m")

    def in_terminal(self) -> str:
        """The QR code in letters that are half as high as a line."""
        drawn = StringIO()
        self.qr.terminal(drawn, border=MARGIN // 2, compact=True)
        return drawn.getvalue()

    def shown(self) -> news.Invitation:
        """With the dark squares as one path, a row's neighbours together."""
        rows = [bytes(row) for row in self.qr.matrix]
        path = "".join(
            f"M{start + MARGIN} {y + MARGIN}h{end - start}v1h-{end - start}z"
            for y, row in enumerate(rows) for start, end in runs(row)
        )  # fmt: skip
        return news.Invitation(self.address, self.code, {"size": len(rows) + 2 * MARGIN, "path": path})

    def help(self, seconds: float) -> str:
        """What may be wrong where no device comes."""
        return NOBODY.format(seconds=seconds, address=self.address, port=self.port, stage=self.port + 1, host=self.host,
                             firewall=FIREWALL.format(self.port, self.port + 1))  # fmt: skip


def runs(row: bytes) -> list[tuple[int, int]]:
    """Where dark squares begin and end."""
    edges = [x for x in range(len(row) + 1) if (row[x] if x < len(row) else 0) != (row[x - 1] if x else 0)]
    return list(zip(edges[::2], edges[1::2], strict=True))
