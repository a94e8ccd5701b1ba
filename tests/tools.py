"""What the tests need beside Python, and what stays untested without it.

Run before the tests: names what is missing and how to get it. With CI=true what is missing is installed by apt, as
root, and anything still missing fails.
"""

import os
import shutil
import subprocess
import sys

TOOLS = {  # program: (Debian package, what stays untested without it)
    "chromium": ("chromium", "the chat page in a browser"),
    "curl": ("curl", "the servers with a client that is not ours"),
    "ethtool": ("ethtool", "our bytes against those on a network interface"),
    "ip": ("iproute2", "our bytes against those on a network interface"),
    "nginx": ("nginx-light", "what is different behind a proxy"),
    "node": ("nodejs", "an exercise answered in another language"),
    "openssl": ("openssl", "TLS"),
    "redis-server": ("redis-server", "the store in Redis, and more than one worker"),
    "systemd-analyze": ("systemd", "the service's file"),
    "tshark": ("tshark", "a fault looked for in captured packets"),
    "unshare": ("util-linux", "hosts whose clocks differ"),
}


def missing() -> dict[str, tuple[str, str]]:
    """The tools that are not on this machine."""
    return {tool: what for tool, what in TOOLS.items() if not find(tool)}


def find(tool: str) -> str | None:
    """Where a tool is, also where only root's PATH has it."""
    return shutil.which(tool, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def main() -> int:
    """Install under CI, then say what is missing. Returns 1 when that is a failure."""
    in_ci = os.environ.get("CI") == "true"
    packages = sorted({package for package, _ in missing().values()})
    if packages and in_ci and os.geteuid() == 0:
        quiet = {"env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, "stdout": subprocess.DEVNULL}
        subprocess.run(["apt-get", "-qq", "update"], **quiet)
        subprocess.run(["apt-get", "-qq", "install", "--no-install-recommends", "-y", *packages], **quiet)
    for tool, (package, untested) in missing().items():
        print(f"Untested here: {untested} (no {tool}). To get it on Debian or Ubuntu: sudo apt-get install {package}")
    return 1 if missing() and in_ci else 0


if __name__ == "__main__":
    sys.exit(main())
