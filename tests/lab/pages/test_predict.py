"""A prediction is asked in one place and answered in another, by what was measured."""

import re

import pytest

from lab import wording
from lab.pages import recorded
from lab.pages.refusal import BadPage

WAIT = "    answer: irc-room short-polling@1s latency_p50\n"
WAYS = "    choice: short polling | long polling | none\n    right: long polling\n"


def predict(options=WAIT, id="wait", question="How long?\n"):
    return f"/// predict | {id}\n{options}\n{question}///\n"


def test_a_box_asks_and_does_not_tell(convert):
    _, found = recorded.measured("irc-room", "short-polling@1s", "latency_p50")
    page = convert(predict())
    assert '<div aria-labelledby="predict-wait-question" class="predict" data-unit="ms" id="predict-wait"' in page
    assert "<p>How long?</p>" in page and "Write your guess down." in page
    assert not re.search(str(round(found.value)), page)


def test_what_was_measured_is_told_with_its_interval(convert):
    _, found = recorded.measured("irc-room", "short-polling@1s", "latency_p50")
    page = convert(f"{predict()}\nSo: {{{{ prediction wait }}}} You see.")
    shown = f"<strong>{wording.text(found, 'ms')}</strong> ({wording.interval(found)})"
    facts = f'data-value="{found.value:.6g}" data-low="{found.low:.6g}" data-high="{found.high:.6g}" data-unit="ms"'
    assert f'<p>So: <span class="prediction" data-of="wait" {facts}>' in page
    assert f'It was <span class="measured">{shown}</span>.</span> You see.</p>' in page


def test_a_ratio_can_be_predicted(convert):
    found = recorded.compared("irc-room", "long-polling", "ip_bytes")
    page = convert(predict("    answer: ratio irc-room long-polling ip_bytes\n") + "\n{{ prediction wait }}")
    assert f'data-value="{found.value:.6g}"' in page and page.count('data-unit="times"') == 2


def test_a_share_is_predicted_in_percent(convert):
    _, found = recorded.measured("irc-room", "short-polling@1s", "empty_polls")
    page = convert(predict("    answer: value irc-room short-polling@1s empty_polls\n") + "\n{{ prediction wait }}")
    assert f'data-value="{100 * found.value:.6g}"' in page and page.count('data-unit="%"') == 2


def test_a_guess_among_few_tells_which_is_right(convert):
    page = convert(predict(WAYS) + "\n{{ prediction wait }}")
    assert re.findall(r'<li data-choice="([^"]*)">', page) == ["short polling", "long polling", "none"]
    assert 'data-right="long polling">The answer is <strong class="measured">long polling</strong>.' in page


def test_a_choice_may_be_a_number_or_have_markup(convert):
    page = convert(predict("    choice: 1 | `GET` | 3\n    right: 3\n") + "\n{{ prediction wait }}")
    assert '<li data-choice="`GET`"><code>GET</code></li>' in page and 'data-right="3"' in page


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (predict(""), "/// predict | wait: it has `answer:` with a value's words, or `choice: a | b | c`"),
        (predict("    answer: irc-room pigeon latency_p50\n"), "irc-room has no row 'pigeon'"),
        (predict("    answer: irc-room websocket\n"), "`answer:` is RUN CELL KEY, or ratio RUN CELL KEY"),
        (predict("    answer: 5\n"), "it has `answer:` with a value's words"),
        (predict(WAIT + WAYS), "it has `answer:` with a value's words"),
        (predict("    choice: a | b\n    right: c\n"), "it has `answer:` with a value's words"),
        (predict("    choice: a | b\n"), "it has `answer:` with a value's words"),
        (predict(id="Wait!"), "/// predict | Wait!: its id is to be small letters"),
        (predict(question=""), "/// predict | wait: it asks nothing"),
        (predict(WAIT.replace("answer", "answers")), "'/// predict | wait' begins or ends no block"),
        (predict().removesuffix("///\n"), "/// predict | wait is not closed by a line of ///."),
        ("{{ prediction wait }}", "{{ prediction wait }}: this page has no /// predict | wait."),
    ],
)
def test_a_prediction_that_cannot_be_understood_stops_the_build_with_a_sentence(convert, text, why):
    with pytest.raises(BadPage) as refused:
        convert(text)
    assert why in str(refused.value) and "\n" not in str(refused.value)
