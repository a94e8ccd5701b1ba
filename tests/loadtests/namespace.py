"""Set up the `veth` of the network namespace that this runs in: `python namespace.py timestamps|no-timestamps`."""

import array
import socket
import struct
import sys
from pathlib import Path

SIOCETHTOOL = 0x8946
OFFLOADS = {"tso": 0x1F, "gso": 0x24, "gro": 0x2C}  # linux/ethtool.h: ETHTOOL_STSO, _SGSO, _SGRO


def switch_offload_off() -> None:
    """What `ethtool -K veth tso off gso off gro off` does, without ethtool."""
    import fcntl

    for command in OFFLOADS.values():
        value = array.array("I", [command, 0])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
            fcntl.ioctl(handle, SIOCETHTOOL, struct.pack("16sP", b"veth", value.buffer_info()[0]))


if __name__ == "__main__":
    switch_offload_off()
    Path("/proc/sys/net/ipv6/conf/all/disable_ipv6").write_text("1")
    Path("/proc/sys/net/ipv4/tcp_early_retrans").write_text("0")  # no tail loss probes: see test_ip_bytes.py
    Path("/proc/sys/net/ipv4/tcp_timestamps").write_text("1" if sys.argv[1] == "timestamps" else "0")
