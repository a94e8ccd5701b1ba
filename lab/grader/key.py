"""The answers that a check compares with: key.toml here, and in the learners' bundle the same out of plain sight.

It is no secret: whoever wants to can unpack it. But it meets no eye by accident, and no search.
"""

import base64
import tomllib
import zlib
from pathlib import Path
from typing import Any

PLAIN, PACKED = "key.toml", "key.packed"


def packed(plain: bytes) -> bytes:
    """What a bundle has in the place of key.toml."""
    return base64.b64encode(zlib.compress(plain)) + b"\n"


def key(exercise: Path) -> dict[str, Any]:
    """Of an exercise's folder, whichever of the two is there."""
    file = exercise / PACKED
    text = zlib.decompress(base64.b64decode(file.read_bytes())) if file.exists() else (exercise / PLAIN).read_bytes()
    return tomllib.loads(text.decode("utf-8"))
