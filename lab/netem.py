"""A cable with real packets that takes its time: two network namespaces, a veth pair between them, netem on both ends.

`near` is the generator's namespace and `far` the server's. Each end delays what it sends, by half the round trip.
Needs Linux, root, the programs ip, tc and ethtool, and a kernel with netem; `missing` says which of them is not there.
"""

import atexit
import os
import secrets
import shutil
import subprocess
import sys

from lab.children import own_group
from lab.errors import BadUse
from lab.link import Link

NEAR_ADDRESS, FAR_ADDRESS = "10.77.0.1", "10.77.0.2"  # of every cable: each has namespaces of its own
PACKAGES = {"ip": "iproute2", "tc": "iproute2", "ethtool": "ethtool"}
QUEUE = 100_000  # packets on their way: netem's own 1,000 would drop the rest of a burst
PATIENCE = 20.0  # seconds for a command that takes milliseconds


class Cable:
    """One cable, for one run. `near` and `far` begin a command that is to run at that end.

    It is removed by `remove`, or when this process ends; the names are of this cable alone.
    """

    def __init__(self, link: Link) -> None:
        tag = f"polls-apart-{os.getpid()}-{secrets.token_hex(3)}"
        self.names = (f"{tag}-near", f"{tag}-far")
        self.near, self.far = ([program("ip"), "netns", "exec", name] for name in self.names)
        atexit.register(self.remove)
        try:
            self.lay(link)
        except subprocess.CalledProcessError as error:
            self.remove()
            raise BadUse(f"The link's cable could not be laid ({said(error)}): take --link proxy.") from None
        except BaseException:
            self.remove()
            raise

    def lay(self, link: Link) -> None:
        near, far = self.names
        for name in self.names:
            run("ip", "netns", "add", name)
            run("ip", "-n", name, "link", "set", "lo", "up")
        run("ip", "link", "add", "veth", "netns", near, "type", "veth", "peer", "name", "veth", "netns", far)
        for name, address in ((near, NEAR_ADDRESS), (far, FAR_ADDRESS)):
            run("ip", "-n", name, "address", "add", f"{address}/24", "dev", "veth")
            # or packets of 64 KiB would cross it, and be lost or delayed as one
            run("ip", "netns", "exec", name, "ethtool", "-K", "veth", "tso", "off", "gso", "off", "gro", "off")
            run("ip", "-n", name, "link", "set", "veth", "up")
            if nature := discipline(link):
                run("tc", "-n", name, "qdisc", "add", "dev", "veth", "root", "netem", *nature)

    def remove(self) -> None:
        for name in self.names:
            subprocess.run([program("ip"), "netns", "del", name], stderr=subprocess.DEVNULL, **own_group())
        atexit.unregister(self.remove)


def discipline(link: Link) -> list[str]:
    """What netem is told at each end; nothing for a cable that is only a cable.

    netem's jitter goes both ways from its delay, and ours only adds, so its delay is ours and half the jitter.
    """
    words = []
    if link.rtt_ms or link.jitter_ms:
        words += ["delay", f"{link.rtt_ms / 2 + link.jitter_ms / 2:g}ms"]
    if link.jitter_ms:
        words += [f"{link.jitter_ms / 2:g}ms"]
    if link.loss:
        words += ["loss", f"{100 * link.loss:g}%"]
    if link.kbit_s:
        words += ["rate", f"{link.kbit_s:g}kbit"]
    return [*words, "limit", str(QUEUE)] if words else []


def check(link: Link) -> None:
    """BadUse, with what does instead, where the link cannot be had."""
    if link.kind != "netem":
        return
    if link.cut_at_s or link.cut_every_s:
        raise BadUse("--link netem cannot cut connections: take --link proxy.")
    if why := missing():
        raise BadUse(f"--link netem cannot be had here: {why}. Take --link proxy, which delays in a process instead.")


def missing() -> str:
    """What this machine lacks for a cable; nothing where it can have one."""
    if sys.platform != "linux":
        return "network namespaces are Linux's"
    if os.geteuid() != 0:
        return "it takes root"
    for name, package in PACKAGES.items():
        if not program(name):
            return f"the program {name} is not installed (package {package})"
    name = f"polls-apart-{os.getpid()}-{secrets.token_hex(3)}-try"
    try:
        run("ip", "netns", "add", name)
    except subprocess.CalledProcessError as error:
        return f"network namespaces cannot be made ({said(error)})"
    try:
        run("tc", "-n", name, "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms")
    except subprocess.CalledProcessError as error:
        return f"this kernel has no netem, the module sch_netem ({said(error)})"
    finally:
        run("ip", "netns", "del", name)
    return ""


def program(name: str) -> str:
    """Where a program is, also where only root's PATH has it; nothing where it is not."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin{os.pathsep}/sbin") or ""


def run(name: str, *arguments: str) -> None:
    """To its end, also when the terminal's Ctrl-C comes meanwhile. Raises subprocess.CalledProcessError."""
    subprocess.run(
        [program(name), *arguments], check=True, capture_output=True, text=True, timeout=PATIENCE, **own_group()
    )


def said(error: subprocess.CalledProcessError) -> str:
    return " ".join(str(error.stderr).split()).rstrip(".")
