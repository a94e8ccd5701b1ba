"""Ports to listen on, and the address by which others on the network reach this machine."""

import errno
import ipaddress
import os
import socket
from random import SystemRandom

from lab.errors import BadUse

LOOPBACK = "127.0.0.1"
UNASKED = range(20_000, 32_000)  # below those that Linux, macOS and Windows give out to whoever asks for any
TRIES = 200
CHANCE = SystemRandom()  # whose state no process has from another
NOBODY = "192.0.2.1"  # for documentation (RFC 5737); a UDP socket that is led there sends nothing


def pair(host: str, port: int) -> int:
    """A port that is free and so is the one above it: `port`, or any where that is 0. BadUse names the one taken."""
    if port:
        for wanted in (port, port + 1):
            if trouble := taken(host, wanted):
                raise BadUse(f"cannot listen on {host} port {wanted}: {trouble}. Choose another with --port")
        return port
    for found in CHANCE.sample(UNASKED, TRIES):
        if not (taken(host, found) or taken(host, found + 1)):
            return found
    raise BadUse(f"cannot listen on {host}: none of {TRIES} ports is free. Name one with --port")


def lasting() -> int:
    """A port on loopback for a server that is started later, or again: meanwhile nobody gets it by chance."""
    return next((port for port in CHANCE.sample(UNASKED, TRIES) if not taken(LOOPBACK, port)), 0)


def taken(host: str, port: int) -> str:
    """Why nobody can listen there; nothing if one can."""
    try:
        with socket.socket() as sock:
            if os.name == "posix":  # where a port whose last connections are closing is free all the same
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((host, port))
            sock.listen()
    except OverflowError:
        return "there is no such port"
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            raise BadUse(f"this machine has no address {host}. Name another with --address") from None
        return os.strerror(error.errno or 0)
    return ""


def read_address(text: str) -> str:
    """An address as it was typed. BadUse when others could not type it too."""
    try:
        address = ipaddress.IPv4Address(text)
    except ValueError:
        raise BadUse(f"--address {text} is not an IPv4 address, such as 192.168.1.20.") from None
    if address.is_unspecified or address.is_multicast:
        raise BadUse(f"--address {text} is no address that others can type: name the one that this machine has.")
    return str(address)


def of_this_machine() -> str:
    """The address by which others on its network reach this machine; loopback where there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect((NOBODY, 9))
            address: str = sock.getsockname()[0]
        except OSError:
            address = LOOPBACK
    return next(iter(own_addresses()), LOOPBACK) if address == LOOPBACK else address


def own_addresses() -> list[str]:
    """The IPv4 addresses that a network without a way out gave to this machine."""
    import psutil

    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    found = [
        ipaddress.IPv4Address(one.address)
        for name, addresses in psutil.net_if_addrs().items() if name in up
        for one in addresses if one.family == socket.AF_INET
    ]  # fmt: skip
    return [str(address) for address in found if not (address.is_loopback or address.is_link_local)]
