"""Numbers as people read them."""

import pytest

from lab.numbers import number, percent


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.01234, "0.0123"), (4.5, "4.50"), (9.996, "10.0"), (78.94, "78.9"), (512.4, "512"), (999.6, "1,000"),
     (20_349, "20,300"), (-3.14159, "-3.14")],
)  # fmt: skip
def test_a_number_has_three_significant_digits(value, text):
    assert number(value) == text


@pytest.mark.parametrize(("share", "text"), [(0, "0 %"), (1, "100 %"), (0.9342, "93.4 %"), (0.02, "2 %")])
def test_a_share_is_a_percentage(share, text):
    assert percent(share) == text
