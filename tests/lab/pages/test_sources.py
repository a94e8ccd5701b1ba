"""Code on a page is the real source."""

import re
from html import unescape

import pytest

from lab.pages.refusal import BadPage
from lab.pages.sources import ROOT, source

SSE = "servers/minimal/sse.py"


def code(page):
    """What a reader would copy out of a page."""
    return unescape(re.sub(r"<[^>]*>", "", re.search(r"<pre>.*?</pre>", page, re.DOTALL)[0])).strip("\n")


def test_a_whole_file_is_shown_with_its_path_for_a_title(convert):
    page = convert(f"{{{{ source {SSE} }}}}")
    assert f'<span class="filename">{SSE}</span>' in page
    assert code(page) == (ROOT / SSE).read_text().strip()


def test_a_function_is_shown_with_its_decorators_and_nothing_else(convert):
    shown = code(convert(f"{{{{ source {SSE} send }}}}"))
    assert shown.startswith('@app.post("/rooms/<room>/messages")\ndef send(room):')
    assert shown.endswith("201") and shown in (ROOT / SSE).read_text()


def test_a_function_in_a_function_and_a_method_are_shown_as_if_they_stood_at_the_margin():
    assert source(SSE, "receive.events").split("\n")[1:3] == ["def events():", "    while True:"]
    assert source("lab/pages/sources.py", "source").split("\n")[1].startswith("def source(")
    assert source("lab/plan.py", "Cell.name").split("\n")[1:3] == ["@property", "def name(self) -> str:"]


def test_a_class_and_a_constant_are_shown():
    assert source("lab/errors.py", "BadUse").split("\n")[1].startswith("class BadUse(Exception):")
    assert source(SSE, "rooms").split("\n")[1].startswith("rooms = {}")
    assert source("lab/observations.py", "Observations.seen").split("\n")[1] == "seen: tuple[Observation, ...]"


@pytest.mark.parametrize(
    "path", ["servers/deploy/nginx.conf", "Makefile", "servers/web/chat.js", "lab/sweeps/rtt.toml"]
)
def test_any_text_file_can_be_shown(convert, path):
    assert code(convert(f"{{{{ source {path} }}}}")).rstrip() == (ROOT / path).read_text().rstrip()


def test_a_directive_in_a_source_is_shown_as_it_stands():
    assert "{{ value irc-room" in source("lab/pages/__init__.py")


def test_a_file_with_fences_in_it_ends_where_it_ends(convert):
    page = convert("{{ source servers/protocol.md }}\n\nafter")
    assert page.endswith("<p>after</p>")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("servers/minimal/pigeon.py", "There is no file servers/minimal/pigeon.py"),
        (f"../{ROOT.name}/README.md", f"There is no file ../{ROOT.name}/README.md in the repository"),
        ("../../README.md", "There is no file ../../README.md in the repository"),
        ("servers/minimal", "There is no file servers/minimal"),
        (f"{SSE} receives", f"{SSE} defines no receives"),
        (f"{SSE} receive.everything", f"{SSE} defines no receive.everything"),
        ("servers/deploy/nginx.conf http", "servers/deploy/nginx.conf is not Python"),
        ("results/reference/irc-room/deliveries.parquet", "is not text"),
    ],
)
def test_a_source_that_is_not_there_stops_the_build(convert, words, why):
    with pytest.raises(BadPage) as refused:
        convert(f"{{{{ source {words} }}}}")
    assert why in str(refused.value)
