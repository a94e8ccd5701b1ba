"""lab/pages/cards.py: a table whose rows become cards knows of each cell what it is."""

TABLE = "| way | asks | costs *a lot* |\n| --- | --- | --- |\n| SSE | once | **no** |\n| polling | often | 2 |"


def test_each_row_has_its_first_cell_for_a_head_and_the_others_bear_their_columns(convert):
    page = convert(f'<div class="recorded cards" markdown>\n\n{TABLE}\n\n</div>')
    assert page.count('<th scope="row">') == 2 and '<th scope="row">SSE</th>' in page
    assert '<td data-head="asks">once</td>' in page and '<td data-head="costs a lot"><strong>no</strong></td>' in page
    assert page.count("data-head=") == 4 and page.count("<tr>") == 3 and "<thead>" in page


def test_a_link_in_a_cell_stays_one(convert):
    page = convert('<div class="cards" markdown>\n\n| a | b |\n| --- | --- |\n| 1 | [x](y.md) |\n\n</div>')
    assert '<td data-head="b"><a href="y.md">x</a></td>' in page


def test_other_tables_stay_as_they_are(convert):
    page = convert(f'<div class="cards" markdown>\n\n{TABLE}\n\n</div>\n\nAfter.\n\n{TABLE}')
    after = page.partition("<p>After.</p>")[2]
    assert "<td>SSE</td>" in after and "data-head" not in after


def test_a_table_in_html_may_be_one_too(convert):
    table = '<table><thead><tr><th class="name"></th><th>ms</th></tr></thead><tbody><tr><td class="name">SSE</td>'
    table += '<td class="number">1</td></tr></tbody></table>'
    page = convert(f'<div class="scroll cards" tabindex="0" role="group" aria-label="Table">{table}</div>')
    assert page.count('class="scroll') == 1 and '<th scope="row" class="name">SSE</th>' in page
    assert '<td class="number" data-head="ms">1</td>' in page
