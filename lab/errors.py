"""What ends a command early."""


class BadUse(Exception):
    """One sentence that names what is wrong and how to mend it; the command exits with 2."""
