"""What people do on the page, and what it then shows."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.processes import Server

expect.set_options(timeout=20_000)  # ms: above two retries at their limit of 8 s

Running = Callable[..., Server]
Visit = Callable[..., Page]
NASTY = (
    "<script>document.title = 'owned'</script>",
    "<img src=x onerror=\"document.title = 'owned'\">",
    "javascript:alert(1)",
    "<a href='javascript:alert(1)'>a</a> &lt;b&gt; </li></ol>",
)


def say(page: Page, text: str, by: str = "") -> None:
    """Write a message and send it."""
    if by:
        page.locator("#by").select_option(by)
    page.locator("#text").fill(text)
    page.locator("#text").press("Enter")


def shows(page: Page, *lines: str) -> None:
    """Wait until each pane shows these lines and gaps, each once, in this order, and nothing waits to be sent."""
    for pane in page.locator(".pane").all():
        expect(pane.locator(".log").locator("li p, li.gap")).to_have_text(list(lines))
    expect(page.locator("#outbox li")).to_have_count(0)
