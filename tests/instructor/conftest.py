"""One browser, with which the slides are read as the lessons are: whatever they ask of another host is an error."""

from tests.lessons.conftest import browser, reader  # noqa: F401  # fixtures
