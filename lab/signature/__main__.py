"""`python -m lab.signature REFERENCE DIR`: the three signature figures, from recorded experiments, as SVG."""

import sys
from collections.abc import Callable
from pathlib import Path

from lab.errors import BadUse
from lab.signature import break_even, kaazing, knee
from lab.signature.source import read

FIGURES: dict[str, Callable[[Path], str]] = {
    "signature-knee": lambda where: knee.draw(read(where, knee.NAME)),
    "signature-kaazing": lambda where: kaazing.draw(read(where, kaazing.NAME)),
    "signature-break-even": lambda where: break_even.draw(*(read(where, name) for name in break_even.NAMES)),
}
BAD_USE = 2


def main(arguments: list[str]) -> int:
    """Write them all, or none: BAD_USE, with a sentence, where a run is missing."""
    if len(arguments) != 2:
        print("Name the folder of the recorded experiments, and the one to write the figures to.", file=sys.stderr)
        return BAD_USE
    reference, to = map(Path, arguments)
    try:
        drawn = {name: draw(reference) for name, draw in FIGURES.items()}
    except BadUse as error:
        print(error, file=sys.stderr)
        return BAD_USE
    to.mkdir(parents=True, exist_ok=True)
    for name, svg in drawn.items():
        (to / f"{name}.svg").write_text(svg, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
