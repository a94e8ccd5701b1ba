"""What nginx does to each transport, really looked at once, with fewer transfers and shorter time-outs."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lab import doctor
from lab.demonstrations import proxies, proxies_report, sites
from lab.demonstrations.proxies_report import BUFFERING, BYTES, CHUNKED, SITES, TOLD
from lab.observations import Observations

KINDS = ("short-polling", "sse")
PLACES = ["obvious", "good", *(f"{site}: {way}" for site in SITES for way in (CHUNKED, TOLD))]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxies, "COUNT", 2)
    monkeypatch.setattr(proxies, "CELLS", [(kind, http) for kind in KINDS for http in ("1.1", "2")])
    monkeypatch.setattr(sites, "SHORTER", 60)
    monkeypatch.setattr(sites, "RATE", 40)


@pytest.mark.prove
def test_it_sees_what_the_obvious_site_does_and_that_http_2_saves_headers_of_polls(
    demonstrate: Callable[..., Observations], quick: None, tool: Callable[[str], str]
) -> None:
    tool("nginx"), tool("openssl")
    found = demonstrate("proxies", "nginx")

    def of(what: str, where: str) -> float:
        value = found.of(what, where).value
        assert value is not None, (what, where)
        return value

    for what in BYTES.values():
        assert of(what, "HTTP/2: short-polling") < of(what, "HTTP/1.1: short-polling")
    assert of("header bytes up", "HTTP/1.1: sse") == of("header bytes up", "HTTP/2: sse") == 0
    for version in ("HTTP/1.1", "HTTP/2"):
        assert of("first header bytes up", f"{version}: sse") > 100 and of("opening bytes down", version) > 500
    assert max(PLACES, key=lambda where: of(BUFFERING, where)) == "obvious"
    for what, expected in {
        proxies_report.BEFORE_END: (0, 1),
        proxies_report.WEBSOCKET_OPENS: (0, 1),
        proxies_report.PAGE_SENDS: (0, 1),
        proxies_report.OUTLIVES: (1, 1),
        proxies_report.CONNECTIONS: (1, 1 / proxies_report.POLLS),
    }.items():
        assert tuple(of(what, site) for site in SITES) == expected, what
    assert all(of(proxies_report.CLOSED, site) >= sites.timeout(site) * 0.9 for site in SITES)
    said = proxies_report.show(found).sentence
    assert "Behind the obvious site" in said and "a WebSocket was refused" in said


def test_without_nginx_a_sentence_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, lab: Callable[..., object], tmp_path: Path
) -> None:
    monkeypatch.setattr(doctor, "which", lambda name: None)
    said = lab("experiment", "proxies", "--out", tmp_path / "runs")
    assert said.code == 2 and "apt-get install nginx-light" in said.err and len(said.err.splitlines()) == 1
    assert not (tmp_path / "runs").exists()
