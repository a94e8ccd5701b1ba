"""A certificate authority for one run: it signs one certificate, for this machine, and is forgotten.

The program `openssl` makes it. Nothing is put where a browser or the system would trust it: who is to trust it is told
its file. The keys stay in the folder that is given, which is the caller's to remove.
"""

import subprocess
from pathlib import Path

import msgspec

from lab import doctor
from lab.errors import BadUse

OPENSSL = "openssl"
CONFIG = Path(__file__).with_name("authority.cnf")
DAYS = "2"  # longer than any run, and soon of no use to anybody
MISSING = "There is no openssl here, which TLS needs: install it (on Debian and Ubuntu: sudo apt-get install openssl)."
CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")  # what most sites have; a key takes no time


class Authority(msgspec.Struct, frozen=True):
    """The files: the authority's certificate, which clients trust; the server's certificate, and its key."""

    ca: Path
    certificate: Path
    key: Path


def make(where: Path) -> Authority:
    """Make both in a folder. BadUse when openssl is not here, or cannot."""
    made = Authority(where / "ca.pem", where / "server.pem", where / "server.key")
    ca_key, request = where / "ca.key", where / "server.csr"
    subject = ("-subj", "/CN=Polls Apart, for one run")
    openssl("req", "-x509", *CURVE, "-config", CONFIG, "-extensions", "authority", *subject, "-days", DAYS,
            "-keyout", ca_key, "-out", made.ca)  # fmt: skip
    openssl("req", "-new", *CURVE, "-config", CONFIG, "-subj", "/CN=localhost", "-keyout", made.key, "-out", request)
    openssl("x509", "-req", "-in", request, "-CA", made.ca, "-CAkey", ca_key, "-set_serial", "1", "-days", DAYS,
            "-extfile", CONFIG, "-extensions", "server", "-out", made.certificate)  # fmt: skip
    ca_key.unlink()  # it has signed all that it ever will
    return made


def find() -> str:
    """The program. BadUse when there is none."""
    if (program := doctor.which(OPENSSL)) is None:
        raise BadUse(MISSING)
    return program


def openssl(*arguments: object) -> None:
    done = subprocess.run([find(), *map(str, arguments)], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise BadUse(f"openssl could not make a certificate: {done.stderr.strip().splitlines()[-1]}.")
