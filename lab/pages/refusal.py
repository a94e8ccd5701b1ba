"""What stops the build."""

import click

from lab.errors import BadUse


class BadPage(BadUse, click.ClickException):
    """One sentence, which MkDocs prints after the page's name, and no traceback."""
