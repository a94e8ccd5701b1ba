"""<frame-lab>, driven: its accept is the server's, its frames are read by a library that is not ours."""

import base64
import hashlib
import secrets

import pytest
from playwright.sync_api import Page, expect
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from tests.lessons.widgets.driving import behind, plain, rows

pytestmark = pytest.mark.browser
KEY, ACCEPT = "dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # RFC 6455, section 1.3
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXTS = [
    "",
    "a",
    "Hello",
    "ça va 👋",
    "a" * 125,
    "a" * 126,
    "é" * 62 + "a",
    "é" * 63,
    "a" * 127,
    "a" * 65_535,
    "a" * 65_536,
    "水" * 40_000,
]
MASK = [0x37, 0xFA, 0x21, 0x3D]  # section 5.7


@pytest.fixture
def widget(scripts: Page):
    """As it begins: the frame of RFC 6455, section 5.7, sent by a client."""
    widget = scripts.locator("frame-lab")
    widget.get_by_role("button", name="Hello").click()
    for sender in ("a server", "a client"):
        widget.get_by_label(sender).check()
    return widget


def accept(key: str) -> str:
    return base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()


def parsed(data: bytes, masked: bool) -> Frame:
    reader = StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    steps = Frame.parse(reader.read_exact, mask=masked, max_size=None)
    try:
        next(steps)
    except StopIteration as found:
        assert not (yield_rest := reader.buffer), yield_rest
        return found.value
    raise AssertionError("the frame is not complete")


@pytest.mark.parametrize("size", [0, 1, 3, 54, 55, 56, 57, 63, 64, 65, 119, 120, 1_000, 100_000])
def test_sha_1_is_that_of_a_library(scripts, size):
    data = secrets.token_bytes(size)
    found = scripts.evaluate(
        "(data) => pollsApart.frames.hex(pollsApart.frames.sha1(Uint8Array.from(data, (one) => one.charCodeAt(0))))",
        data.decode("latin-1"),
    )
    assert bytes.fromhex(found) == hashlib.sha1(data).digest()


def test_the_accept_is_the_one_of_the_rfc_and_of_any_key(widget):
    shown = widget.locator("[data-figure=accept]")
    assert shown.inner_text() == ACCEPT == accept(KEY)
    expect(widget.locator(".steps")).to_contain_text(hashlib.sha1((KEY + GUID).encode()).hexdigest()[:2])
    keys = set()
    for _ in range(3):
        widget.get_by_role("button", name="New key").press("Enter")
        key = widget.locator(".steps b").first.inner_text()
        assert len(base64.b64decode(key)) == 16 and shown.inner_text() == accept(key)
        expect(widget.get_by_role("status")).to_have_text(f"Key {key}, accept {accept(key)}")
        keys.add(key)
    assert len(keys) == 3
    widget.get_by_role("button", name="The key of RFC 6455").press("Enter")
    assert shown.inner_text() == ACCEPT


@pytest.mark.parametrize("mask", [None, MASK, [0, 0, 0, 0], [255, 1, 2, 3]], ids=["server", "rfc", "zeros", "another"])
def test_a_library_reads_its_frames(scripts, mask):
    made = scripts.evaluate(
        """([texts, mask]) => texts.map((text) =>
          pollsApart.frames.hex(pollsApart.frames.encode(text, mask && Uint8Array.from(mask))))""",
        [TEXTS, mask],
    )
    for text, data in zip(TEXTS, map(bytes.fromhex, made), strict=True):
        frame = parsed(data, masked=mask is not None)
        assert (frame.opcode, frame.fin, bytes(frame.data).decode()) == (Opcode.TEXT, True, text)
        if mask is None:
            assert data == Frame(Opcode.TEXT, text.encode()).serialize(mask=False)


def test_hello_is_the_frame_of_the_rfc_masked_and_not(scripts):
    frames = scripts.evaluate(
        """(mask) => {
          const { encode, hex } = pollsApart.frames;
          return [null, Uint8Array.from(mask)].map((mask) => hex(encode("Hello", mask)));
        }""",
        MASK,
    )
    assert frames == ["81 05 48 65 6c 6c 6f", "81 85 37 fa 21 3d 7f 9f 4d 51 58"]  # section 5.7


def bits(widget, name: str) -> str:
    return widget.locator(f".field.{name.replace(' ', '-')} .row").evaluate_all(
        "all => all.map(one => one.textContent).join('')"
    )


def test_each_field_explains_itself_on_focus(widget):
    expect(widget.locator(".field .name")).to_have_text(
        ["FIN", "RSV1", "RSV2", "RSV3", "opcode", "MASK", "length", "masking key", "payload"]
    )
    told = []
    widget.locator(".field").first.focus()
    for name in widget.locator(".field .name").all_inner_texts():
        expect(widget.locator(".field:focus .name")).to_have_text(name)
        expect(widget.locator(".why b")).to_have_text(f"{name}.")
        told.append(widget.locator(".why").inner_text())
        assert len(told[-1]) > 40
        widget.page.keyboard.press("Tab")
    assert len(set(told)) == len(told)
    described = widget.locator(".field.opcode").get_attribute("aria-describedby")
    assert described == widget.locator(".why").get_attribute("id")


def test_what_is_typed_is_framed_as_it_is_typed(widget):
    text = widget.get_by_label("Message", exact=True)
    text.fill("")
    text.press_sequentially("Hé")
    expect(widget.locator(".said")).to_contain_text("2 characters, 3 bytes of payload, 6 bytes of head")
    assert (bits(widget, "FIN"), bits(widget, "opcode"), bits(widget, "MASK")) == ("1", "0001", "1")
    assert bits(widget, "length") == f"{3:07b}"
    widget.get_by_label("a server").check()
    expect(widget.locator(".said")).to_contain_text("2 bytes of head")
    assert bits(widget, "MASK") == "0" and widget.locator(".masking-key").count() == 0
    expect(widget.locator(".octet b")).to_have_text(["48", "c3", "a9"])


def test_a_mask_is_combined_with_the_text(widget):
    widget.get_by_label("Message", exact=True).fill("Hello")
    expect(widget.locator(".octet b")).to_have_text(["7f", "9f", "4d", "51", "58"])
    widget.get_by_role("button", name="New masking key").press("Enter")
    key = bytes(int(bits(widget, "masking key")[n : n + 8], 2) for n in range(0, 32, 8))
    sent = [int(byte, 16) for byte in widget.locator(".octet b").all_inner_texts()]
    assert bytes(byte ^ key[n % 4] for n, byte in enumerate(sent)) == b"Hello"


@pytest.mark.parametrize(
    ("sample", "length", "extended"),
    [("125 bytes", 125, ""), ("126 bytes", 126, f"{126:016b}"), ("65,535 bytes", 126, f"{65_535:016b}"),
     ("65,536 bytes", 127, f"{65_536:064b}")],
)  # fmt: skip
def test_a_length_takes_its_shortest_form(widget, sample, length, extended):
    widget.get_by_role("button", name=sample).press("Enter")
    assert bits(widget, "length") == f"{length:07b}"
    assert bits(widget, "extended length") == extended
    expect(widget.locator(".said")).to_contain_text(f"{sample} of payload")
    assert plain(widget.get_by_role("status").inner_text()) == plain(widget.locator(".said").inner_text())


def test_the_table_has_every_field(widget):
    widget.get_by_role("button", name="126 bytes").click()
    shown = rows(behind(widget).locator("table"))
    assert {name: cells[0] for name, cells in shown.items()} == {
        "FIN": "1", "RSV1": "1", "RSV2": "1", "RSV3": "1", "opcode": "4", "MASK": "1", "length": "7",
        "extended length": "16", "masking key": "32", "payload": "1,008",
    }  # fmt: skip
    assert shown["masking key"][1] == "37 fa 21 3d"
