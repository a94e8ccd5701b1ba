"""Numbers as people read them."""

import math


def number(value: float) -> str:
    """Three significant digits, without exponent, with thousands marked: 0.0123, 4.50, 78.9, 512, 20,300."""
    if value == 0:
        return "0"
    digits = 2 - math.floor(math.log10(float(f"{abs(value):.2e}")))  # rounded first: 9.996 has one digit more
    return f"{round(value, digits):,.{max(0, digits)}f}"


def percent(share: float) -> str:
    return "0 %" if share == 0 else "100 %" if share == 1 else f"{100 * share:.3g} %"
