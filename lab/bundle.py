"""The learners' bundle: what git tracks, but for what gives answers away.

    python -m lab.bundle build/polls-apart-learner.zip

The solutions are public all the same: this keeps them out of sight, and out of a search.
"""

import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from lab.answers import BAD_USE
from lab.errors import BadUse
from lab.grader.key import PACKED, PLAIN, packed

ROOT = Path(__file__).parents[1]
FOLDER = "polls-apart"  # in the archive
LEFT_OUT = ("instructor/*", "exercises/*/wrong/*", "tests/exercises/*", "tests/instructor/*")
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a ZIP can hold: the same files give the same archive


def main(to: str) -> None:
    count = build(Path(to))
    print(f"{count} files: unpack {to}, and in its folder {FOLDER}: make compare, or .venv/bin/lab exercise list")


def build(to: Path) -> int:
    """Write the archive, and say how many files it has. A link becomes what it leads to: not every system has links."""
    names = files()
    to.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(to, "w", ZIP_DEFLATED) as archive:
        for name in names:
            file, content = ROOT / name, (ROOT / name).read_bytes()
            if file.name == PLAIN:
                name, content = name.replace(PLAIN, PACKED), packed(content)
            entry = ZipInfo(f"{FOLDER}/{name}", EPOCH)
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = file.stat().st_mode << 16
            archive.writestr(entry, content)
    return len(names)


def files() -> list[str]:
    """What a learner gets, as paths from the root."""
    listing = ["git", "-C", str(ROOT), "ls-files", "-z"]
    try:
        listed = subprocess.run(listing, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        raise BadUse("The bundle is made of what git tracks, and here is no clone: clone the repository.") from None
    tracked = [name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    return [name for name in tracked if not any(fnmatch(name, pattern) for pattern in LEFT_OUT)]


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except BadUse as error:
        print(f"bundle: {error}", file=sys.stderr)
        sys.exit(BAD_USE)
