"""lab/showing.py: what a cell shows, as a page and as text."""

from lab import showing


def test_what_people_wrote_stays_text():
    shown = showing.table(["<b>", "x"], [["<script>", "1"]], ["a & b"])
    assert "<script>" not in shown.html and "&lt;script&gt;" in shown.html
    assert "a &amp; b" in shown.html


def test_the_text_has_all_that_the_page_has():
    assert repr(showing.table(["", "x"], [["a", "1"]], ["From b."])) == " | x\na | 1\nFrom b."
    assert repr(showing.figure("<svg/>", "Waits", ["From b."])) == "Figure: Waits.\nFrom b."
    assert repr(showing.listing("rtt", ["3 runs"], ["From b."])) == "rtt\n3 runs\nFrom b."


def test_a_figure_is_an_image_whose_ids_are_its_own():
    shown = showing.figure('<svg id="axes"/>', "Waits", [])
    assert 'alt="Waits"' in shown.html and 'id="axes"' not in shown.html
