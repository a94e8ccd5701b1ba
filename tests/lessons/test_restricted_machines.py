"""Restricted machines: what the page says of them is what the code does, and what nobody has run is called untested."""

import json
import re
import subprocess
import sys

from lab import doctor
from servers.origins import allows, goes_by
from tests.processes import ROOT

PAGE = (ROOT / "lessons/restricted-machines.md").read_text()
CONTAINER = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())
CODESPACE = "tea-5005.app.github.dev"


def section(name):
    return PAGE.partition(f"\n## {name}\n")[2].partition("\n## ")[0]


def test_what_nobody_has_run_is_called_untested():
    for name in ("macOS and Windows", "A browser and nothing else"):
        assert "**Untested, until it has run.**" in section(name)


def test_it_shows_all_that_doctor_looks_for_and_says_of_root_what_doctor_says():
    assert "\n{{ probes }}\n" in section("How does the lab say so?")
    takes_root = {probe.name for probe in doctor.PROBES if "root" in probe.mend}
    assert takes_root == {"network_namespaces", "netem"}
    assert "--link netem" in section("Without root") and "some of the tests" in section("Without root")


def test_a_page_by_a_name_is_refused_until_it_is_named_as_the_page_says():
    origin = f"https://{CODESPACE}"
    assert "--origin https://…" in section("A browser and nothing else")
    assert not allows(origin, "localhost:5005", []) and not goes_by(CODESPACE, [])
    assert allows(origin, "localhost:5005", [origin]) and goes_by(CODESPACE, [origin])


def test_the_class_is_let_in_by_the_address_of_the_teachers_machine():
    [command] = re.findall(r"lab serve (all --host 0\.0\.0\.0.*)", section("Without internet"))
    assert allows("http://192.168.1.2:5005", "192.168.1.2:5005", []) and goes_by("192.168.1.2:5005", [])
    asked = [sys.executable, "-m", "servers", *command.split(), "--help"]
    told = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True)
    assert told.returncode == 0
    options = {word for word in command.split() if word.startswith("--")}
    assert options and options <= set(re.findall(r"--[a-z-]+", told.stdout))


def test_every_recorded_run_that_it_sends_to_is_here():
    for where in re.findall(r"`(results/reference/[a-z-]+/report\.html|lessons/captures)`", PAGE):
        assert (ROOT / where).exists(), where
    for run in ("hijack", "proxies", "faults", "capacity"):
        assert (ROOT / "results/reference" / run / "report.html").is_file()


def test_the_container_is_set_up_by_make_and_shows_every_port_that_the_pages_name():
    assert CONTAINER["postCreateCommand"] == "make .venv/.dev"
    assert re.fullmatch(r"python:3\.\d+-\w+", CONTAINER["image"])
    servers = "".join(path.read_text() for path in (ROOT / "servers/minimal").glob("*.py"))
    minimal = set(map(int, re.findall(r"port=(\d+)", servers)))
    site = int(re.search(r"^PORT := (\d+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1])
    assert set(CONTAINER["forwardPorts"]) == minimal | {5005, site}
    assert {int(port) for port in CONTAINER["portsAttributes"]} == set(CONTAINER["forwardPorts"])
