"""<wait-timeline>, driven: what it shows is what happened to the messages of its stream."""

import re

import pytest
from playwright.sync_api import Page, expect

from lab.model.export import wire
from lab.plan import TITLES
from lab.wording import DASH
from loadtests.records import TRANSPORTS
from tests.lab.model import oracle
from tests.lessons.widgets.driving import behind, measure, plain, rows, set_to

pytestmark = pytest.mark.browser
THREE = 0.006  # of a number with three digits, by which it is rounded
STREAM = "([rate, rhythm]) => pollsApart.stream.moments(rate, 90, 33, rhythm)"  # and of what would come after its end


@pytest.fixture
def timeline(page: Page):
    return page.locator("wait-timeline")


def figure(timeline, transport, name):
    return plain(timeline.locator(f"[data-transport={transport}] [data-figure={name}]").inner_text())


def to_the_end(timeline):
    """Steps until the stream is over."""
    timeline.evaluate("""(timeline) => {
      const button = [...timeline.querySelectorAll("button")].find((one) => one.textContent === "Next event");
      while (timeline.querySelector(".clock").textContent !== "60.0\u00a0s") button.click();
    }""")


def test_it_begins_with_a_picture_and_moves_for_nobody_who_wants_no_motion(timeline):
    expect(timeline.locator(".clock")).to_have_text("7.0\xa0s")
    expect(timeline.get_by_role("button", name="Play")).to_have_count(0)
    assert figure(timeline, "short-polling", "asked") == "7"
    expect(timeline.get_by_role("status")).to_be_empty()


def test_it_plays_pauses_and_begins_again(visit):
    timeline = visit(reduced_motion="no-preference").locator("wait-timeline")
    expect(timeline.locator(".clock")).to_have_text("7.0\xa0s")  # it has not begun by itself
    timeline.get_by_role("button", name="Play").press("Enter")
    expect(timeline.locator(".clock")).to_have_text(re.compile(r"^7\.[2-9]"))
    expect(timeline.get_by_role("status")).to_be_empty()  # it does not talk while it plays
    timeline.get_by_role("button", name="Pause").press("Enter")
    expect(timeline.get_by_role("status")).to_contain_text("the mean wait is: Short polling")
    at = timeline.locator(".clock").inner_text()
    timeline.get_by_role("button", name="From the start").press("Enter")
    assert at != "0.0\xa0s" and timeline.locator(".clock").inner_text() == "0.0\xa0s"
    assert figure(timeline, "websocket", "mean") == DASH


def test_a_step_goes_to_the_next_thing_that_happens_and_says_what(timeline, page):
    timeline.get_by_role("button", name="From the start").click()
    button, status = timeline.get_by_role("button", name="Next event"), timeline.get_by_role("status")
    heard = []
    for _ in range(12):
        button.press("Enter")
        heard.append(status.inner_text())
    times = [float(re.match(r"At (\d+\.\d\d) s", words)[1]) for words in heard]
    assert times == sorted(times) and len(set(times)) == len(times)
    first = page.evaluate(STREAM, [0.75, False])[0]
    words = next(words for words in heard if "a message reaches the server" in words)
    assert words.startswith(f"At {first:.2f} s.")
    assert "WebSocket: the server sends 1 message" in words and "Long polling: the server sends 1 message" in words
    assert "Short polling: the server sends 1 message" not in words
    assert any("Short polling: nothing new for the client" in words for words in heard)


@pytest.mark.parametrize("rhythm", [False, True])
def test_the_numbers_are_those_of_the_stream_that_it_shows(timeline, page, rhythm):
    set_to(timeline.get_by_label("Poll interval"), "5 s")
    set_to(timeline.get_by_label("Messages", exact=True), "0.5 per s")
    set_to(timeline.get_by_label("Link delay"), "200 ms")
    if rhythm:
        timeline.get_by_label("in a fixed rhythm").press("Space")
    to_the_end(timeline)
    all_moments, (delay, sizes) = page.evaluate(STREAM, [0.5, rhythm]), (0.2, wire()["exchanges"])
    messages = [at for at in all_moments if at <= 60]
    shown = rows(behind(timeline).locator("table"))
    assert [shown[name][0].split(" of ")[1] for name in TITLES.values()] == [str(len(messages))] * 4

    arrived = [at for at in messages if at + delay <= 60]
    for transport, kind in (("sse", "event"), ("websocket", "frame")):
        _, mean, longest, requests, empty, size, each = shown[TITLES[transport]]
        assert (measure(mean), measure(longest), requests, empty) == (delay, delay, "0", DASH)
        assert measure(size) == pytest.approx(len(arrived) * sizes[kind], rel=THREE)
        assert measure(each) == pytest.approx(sizes[kind], rel=THREE)

    seen = oracle.long_polling(all_moments, 60 - delay, 2 * delay)
    _, mean, longest, requests, empty, *_ = shown["Long polling"]
    assert measure(mean) == pytest.approx(delay + sum(seen.waits) / len(seen.waits), rel=0.02)
    assert measure(longest) == pytest.approx(delay + max(seen.waits), rel=0.02)
    assert int(requests) == pytest.approx(seen.polls, abs=2) and empty.startswith(f"{seen.empty} of ")
    caught = int(re.search(r"(\d+) of the \d+ messages so far", timeline.locator(".told").inner_text())[1])
    assert caught == pytest.approx(sum(wait > 0 for wait in seen.waits), abs=1)

    _, mean, longest, requests, empty, *_ = shown["Short polling"]
    assert int(requests) == 12 and int(empty.split()[-1]) in (11, 12)
    assert delay <= measure(mean) <= measure(longest) <= (5 + delay) * (1 + THREE)


def test_a_message_in_the_gap_is_delivered_with_the_next_poll(timeline, page):
    """With the delay at its largest more messages fall into the gap than with none, where none does."""
    caught = {}
    for delay in ("0 ms", "500 ms"):
        set_to(timeline.get_by_label("Link delay"), delay)
        told = timeline.locator(".told").inner_text()
        caught[delay] = int(re.search(r"(\d+) of the", told)[1])
    assert caught["0 ms"] == 0 < caught["500 ms"]
    assert measure(figure(timeline, "long-polling", "mean")) > measure(figure(timeline, "sse", "mean"))


def test_arrows_slope_by_the_delay_and_are_drawn_as_the_palette_has_it(timeline):
    spans = {}
    for delay in ("100 ms", "300 ms"):
        set_to(timeline.get_by_label("Link delay"), delay)
        path = timeline.locator(".strip.websocket .news").get_attribute("d")
        x0, _, x1, _ = map(float, re.match(r"M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)", path).groups())
        spans[delay] = x1 - x0
    assert spans["300 ms"] == pytest.approx(3 * spans["100 ms"], rel=0.03)
    dashes = {way: timeline.locator(f".strip.{way} .news").get_attribute("stroke-dasharray") for way in TRANSPORTS}
    assert dashes["short-polling"] == "none" and len(set(dashes.values())) == 4


def test_another_stream_is_another(timeline):
    before = timeline.locator(".strip.events .message").get_attribute("d")
    timeline.get_by_role("button", name="Another stream").press("Enter")
    assert timeline.locator(".strip.events .message").get_attribute("d") != before
    expect(timeline.get_by_role("status")).to_contain_text("At 7.0 s the mean wait is")
