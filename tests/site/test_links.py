"""Every link of the course leads somewhere, and every anchor is there."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

IDS = re.compile(r'\sid="([^"]+)"')
LINKS = re.compile(r'\s(?:href|src)="([^"]*)"')


def test_no_link_and_no_anchor_is_broken(site: Path) -> None:
    pages = {path: path.read_text() for path in site.rglob("*.html")}
    ids = {path: set(IDS.findall(text)) for path, text in pages.items()}
    broken = [
        f"{path.relative_to(site)}: {link}"
        for path, text in pages.items()
        for link in sorted(set(LINKS.findall(text)))
        if not leads_somewhere(link, path, site, ids)
    ]
    assert broken == []
    assert len(pages) > 10 and sum(map(len, ids.values())) > 100  # of pages in which there was something to find


def leads_somewhere(link: str, page: Path, site: Path, ids: dict[Path, set[str]]) -> bool:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return parts.scheme in ("https", "mailto") or link.startswith("http://127.0.0.1")
    start = site if parts.path.startswith("/") else page.parent
    target = (start / unquote(parts.path).lstrip("/")).resolve() if parts.path else page
    target = target / "index.html" if target.is_dir() else target
    return target.exists() and (not parts.fragment or unquote(parts.fragment) in ids.get(target, set()))


def test_every_page_is_reached_from_the_first(site: Path) -> None:
    first = site / "index.html"
    reached, ahead = set(), [first]
    while ahead:
        if (page := ahead.pop()) not in reached:
            reached.add(page)
            ahead += linked(page)
    assert {path for path in site.rglob("*.html") if path.name != "404.html"} == reached


def linked(page: Path) -> Iterator[Path]:
    for link in set(LINKS.findall(page.read_text())):
        parts = urlsplit(link)
        if not parts.scheme and not parts.netloc and parts.path:
            target = (page.parent / unquote(parts.path) / "index.html").resolve()
            if target.exists():
                yield target
