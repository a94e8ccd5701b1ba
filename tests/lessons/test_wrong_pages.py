"""The walk notices what is wrong with a page."""

import pytest

from tests.lessons import walk
from tests.lessons.shape import are_among, is_like
from tests.lessons.steps import Step, steps

RIGHT = {
    "a command and what it shows": "```sh\necho 3 words here\n```\n\n```text\n5 words here\n```",
    "a rest that is left out": "```sh\nseq 9; echo end\n```\n\n```text\n…\n9\nend\n```",
    "a program that Ctrl-C ends": '```sh title="First terminal"\ncat\n```\n\nPress Ctrl-C in the first terminal.',
    "one that fails, as the page shows": "```sh\nls nowhere\n```\n\n```text\nls: …\n```",
    "one that waits for another terminal": """
```sh title="Second terminal"
mkfifo bell; cat bell
```

```sh title="Third terminal"
echo heard > bell
```

```text title="Second terminal"
heard
```
""",
    "a line for the program that runs": """
```sh title="Second terminal"
python3 -i -c 0
```

```python title="Second terminal"
6 * 7
for word in ("one", "two"): print(word)

```

```text title="Second terminal"
42
one
two
```

```python title="Second terminal"
exit()
```
""",
}
WRONG = {
    "a command that is none": ("```sh\necho_ 3\n```", "ended with 127"),
    "a command that fails": ("```sh\nfalse\n```", "`false` ended with 1"),
    "other words": ("```sh\necho 3 words here\n```\n\n```text\n3 lines here\n```", "the page shows\n3 lines here"),
    "fewer lines": ("```sh\nseq 3\n```\n\n```text\n1\n2\n```", "and there is\n1\n2\n3"),
    "no word of Ctrl-C": ('```sh title="First terminal"\ncat\n```', "says of no Ctrl-C"),
    "Ctrl-C in the wrong terminal": (
        '```sh\ntrue\n```\n\n```sh title="Second terminal"\ncat\n```\n\nPress Ctrl-C in the first terminal.',
        "where nothing runs",
    ),
}


@pytest.fixture
def follow(tmp_path, monkeypatch):
    monkeypatch.setattr(walk, "PATIENCE", 2)

    def follow(page):
        walk.Walk(tmp_path, None, short=True).follow(page)

    return follow


@pytest.mark.parametrize("page", RIGHT.values(), ids=RIGHT)
def test_a_page_that_is_right_is_followed_to_its_end(follow, page):
    follow(page)


@pytest.mark.parametrize(("page", "complaint"), WRONG.values(), ids=WRONG)
def test_a_page_that_is_wrong_is_refused(follow, page, complaint):
    with pytest.raises(AssertionError) as refused:
        follow(page)
    assert complaint in str(refused.value)


def test_numbers_and_blanks_have_no_shape_and_words_have():
    assert is_like("took  1,580 ms\n\n", "took 0.92 ms")
    assert not is_like("took 1,580 s", "took 0.92 ms")
    assert is_like("a\nb\nc\n", "…\nc")
    assert not is_like("a\nb\nc\n", "…\nb")


def test_rows_are_looked_for_in_order_and_word_by_word():
    seen = ["messages 200 fetch", "messages (pending) fetch"]
    assert are_among(seen, "messages   200   fetch")
    assert not are_among(seen, "messages (pending) fetch\nmessages 200 fetch")


def test_a_block_that_is_to_be_read_is_no_step():
    page = '```python\nimport this\n```\n\n```js\nlet it;\n```\n\n```sh title="First host"\nlab\n```\n\n```sh\nls\n```'
    assert steps(page) == [Step("sh", "First terminal", "ls\n")]
