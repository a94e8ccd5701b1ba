"""The look comes from one file."""

import re

import pytest

from lab import palette
from lab.errors import BadUse
from loadtests.records import TRANSPORTS


def test_every_transport_has_a_colour_a_dash_and_a_marker_of_its_own():
    looks = [palette.look(transport) for transport in TRANSPORTS]
    assert len({look.color for look in looks}) == len({look.dash for look in looks}) == 4
    assert len({look.marker for look in looks}) == 4
    assert all(re.fullmatch("#[0-9A-Fa-f]{6}", look.color) for look in looks)


def test_a_palette_that_is_missing_is_a_sentence(tmp_path):
    with pytest.raises(BadUse, match="install the project anew"):
        palette.names(tmp_path / "palette.css")
