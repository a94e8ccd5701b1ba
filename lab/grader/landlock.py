"""Landlock (landlock(7), Linux 5.13): a process says which files it will touch from now on, and cannot take it back."""

import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

CREATE, ADD, RESTRICT = 444, 445, 446  # system calls, the same on every architecture
VERSION, PATH_BENEATH, NO_NEW_PRIVS = 1, 1, 38
EXECUTE, WRITE, READ, READ_DIR, TRUNCATE, DEVICE = 1, 2, 4, 8, 1 << 14, 1 << 15
OF_A_FILE = EXECUTE | WRITE | READ | TRUNCATE | DEVICE
TO_READ = EXECUTE | READ | READ_DIR
RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}  # by version, how many rights to files it knows; 16 from 5 on
SCOPES = 3  # abstract sockets and signals stay within, from version 6 on


def version() -> int:
    """Which Landlock this system has, or 0."""
    return max(0, call(CREATE, None, 0, VERSION)) if sys.platform == "linux" else 0


def restrict(readable: Iterable[Path], writable: Iterable[Path]) -> bool:
    """From now on this process and its children read these, write those, and signal nobody else. False: not here."""
    found = version()
    if not found:
        return False
    every = (1 << RIGHTS.get(found, 16)) - 1
    asked = struct.pack("QQQ", every, 0, SCOPES if found >= 6 else 0)[: 8 if found < 4 else 16 if found < 6 else 24]
    rules = call(CREATE, asked, len(asked), 0)
    if rules < 0:
        return False
    for paths, rights in ((readable, TO_READ), (writable, every)):
        for path in paths:
            allow(rules, path, rights & every)
    libc().prctl(NO_NEW_PRIVS, 1, 0, 0, 0)
    done = call(RESTRICT, rules, 0) == 0
    os.close(rules)
    return done


def allow(rules: int, path: Path, rights: int) -> None:
    """What is not there need not be allowed."""
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    wanted = rights if path.is_dir() else rights & OF_A_FILE
    call(ADD, rules, PATH_BENEATH, struct.pack("=Qi", wanted, descriptor), 0)
    os.close(descriptor)


def call(number: int, *arguments: object) -> int:
    return int(libc().syscall(number, *arguments))


def libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
