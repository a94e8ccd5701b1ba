"""A page's words as the site's Markdown makes them, without the site."""

from collections.abc import Callable

import pytest
from markdown import Markdown

from lab import pages

EXTENSIONS = ["admonition", "tables", "md_in_html", "pymdownx.superfences", "pymdownx.details"]


@pytest.fixture
def convert() -> Callable[[str], str]:
    """`convert(text)` is its HTML."""
    return lambda text: Markdown(extensions=[*EXTENSIONS, pages.makeExtension()]).convert(text)
