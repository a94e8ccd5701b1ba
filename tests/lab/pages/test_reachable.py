"""lab/pages/reachable.py: tables that a keyboard reaches, and no empty head that a screen reader would announce."""

BOX = '<div class="scroll" tabindex="0" role="group"'


def test_a_table_of_a_page_scrolls_in_a_box_that_a_keyboard_reaches(convert):
    page = convert("| way | asks |\n| --- | --- |\n| SSE | once |\n\nAfter.")
    assert page.startswith(f'{BOX} aria-label="Table"><table>') and "</table></div>" in page
    assert page.count("<div") == 1 and page.endswith("<p>After.</p>")


def test_a_table_that_has_its_box_keeps_it(convert):
    box = BOX.replace("group", "region")
    page = convert(f'{box} aria-label="Verdicts">\n<table><tr><td>1</td></tr></table>\n</div>')
    assert page.count("<div") == 1 and f'{BOX} aria-label="Verdicts">' in page


def test_no_head_is_empty(convert):
    page = convert("| | asks |\n| --- | --- |\n| SSE | once |")
    assert "<td></td>" in page and "<th>asks</th>" in page and "<th></th>" not in page
    raw = convert('<table><tr><th scope="col"></th><th scope="col">asks</th></tr></table>')
    assert "<tr><td></td><th" in raw
