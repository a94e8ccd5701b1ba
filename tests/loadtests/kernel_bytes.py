"""`python -m loadtests.run` whose IP columns hold what the kernel counted of each connection's data instead."""

import sys

from loadtests import run, sockets


def kernel_bytes(info: sockets.TcpInfo, fin_received: bool, ipv6: bool) -> tuple[int, int]:
    """(up, down): what was sent, once; and what was received, without the one that a FIN counts as."""
    return info.bytes_sent - info.bytes_retransmitted, info.bytes_received - fin_received


sockets.ip_bytes = kernel_bytes

if __name__ == "__main__":
    sys.exit(run.main())
