"""The rules of the house, read from the sources: who may import whom, and how long a transport may be."""

import ast
import difflib
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.processes import ROOT

OURS = {"servers", "loadtests", "lab", "notebooks", "lessons", "exercises", "instructor", "tests"}
MAY_IMPORT = {
    "servers": {"servers"},
    "loadtests": {"loadtests"},
    "lab": {"lab", "loadtests.records", "loadtests.scenario"},
    "notebooks": {"lab"},
}
TRANSPORTS = ("short_polling", "long_polling", "sse", "websocket")
ORDER = ["send", "receive"]  # in each transport, before its own helpers


def sources(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


@cache
def imported(path: Path) -> list[str]:
    """The modules that a file imports, wherever in it."""
    package, found = path.relative_to(ROOT).parts[:-1], list[str]()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) + 1 - node.level]) if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            found += [f"{module}.{name.name}" for name in node.names]
    return found


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_imports_point_one_way(folder: str) -> None:
    for path in sources(folder):
        for module in imported(path):
            if module.split(".")[0] in OURS:
                allowed = any(f"{module}.".startswith(f"{start}.") for start in MAY_IMPORT[folder])
                assert allowed, f"{path.relative_to(ROOT)} imports {module}"


def test_locust_is_imported_by_the_load_tests_alone() -> None:
    """`import locust` patches the process that it is in."""
    for folder in ("servers", "lab", "notebooks"):
        for path in sources(folder):
            assert not any(module.split(".")[0] == "locust" for module in imported(path)), path


def test_no_test_imports_locust_into_its_own_process() -> None:
    """Patched for gevent, the threads that run the tests wait for ever: what needs Locust runs in its own process."""
    patching = ("locust", "loadtests.users", "loadtests.locustfile")
    recipe = ROOT / "tests" / "load_bench" / "recipe.py"  # for Locust's own command to read
    for path in set(sources("tests")) - {recipe}:
        for module in imported(path):
            assert not any(f"{module}.".startswith(f"{start}.") for start in patching), path


def test_notebooks_define_no_functions() -> None:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    for path in sources("notebooks"):
        defined = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, kinds)]
        assert not defined, path


def transport(name: str) -> list[str]:
    return (ROOT / "servers" / "transports" / f"{name}.py").read_text().splitlines()


@pytest.mark.parametrize("name", TRANSPORTS)
def test_a_transport_is_read_at_a_glance(name: str) -> None:
    assert len(transport(name)) < 60
    tree = ast.parse("\n".join(transport(name)))
    assert ast.get_docstring(tree)
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert functions[:2] == ORDER
    assert not any(isinstance(node, ast.ClassDef) for node in tree.body)


@pytest.mark.parametrize("name", TRANSPORTS)
def test_a_client_is_ten_to_twenty_lines(name: str) -> None:
    path = ROOT / "servers" / "web" / "clients" / f"{name}.js"
    assert 10 <= len(path.read_text(encoding="utf-8").splitlines()) <= 20


def test_short_and_long_polling_differ_in_a_handful_of_lines() -> None:
    changed = [
        line
        for line in difflib.unified_diff(transport("short_polling"), transport("long_polling"), n=0)
        if line[0] in "+-" and not line.startswith(("+++", "---"))
    ]
    assert 0 < len(changed) <= 15


@pytest.mark.parametrize("name", TRANSPORTS)
def test_a_minimal_server_is_short_and_needs_flask_alone(name: str) -> None:
    path = ROOT / "servers" / "minimal" / f"{name}.py"
    assert len(path.read_text().splitlines()) <= 40
    packages = {module.split(".")[0] for module in imported(path)} - set(sys.stdlib_module_names)
    assert packages <= {"flask", "flask_sock"}


def test_there_are_no_other_minimal_servers() -> None:
    assert {path.stem for path in sources("servers/minimal")} - {"__init__"} == set(TRANSPORTS)


NAMES_A_MACHINE = re.compile(  # one letter of each in brackets, so that this file does not hold what it looks for
    rf"{re.escape(str(ROOT))}\b|/h[o]me/\w+/|/[U]sers/\w+/|/r[o]ot/|[A-Z]:\\+[U]sers"
)
NAMES_AN_INDEX = re.compile(
    r"--(extra-)?index-[u]rl|--find-[l]inks|python[h]osted|pypi\.org/[s]imple|registry\.[n]pm|(pip|uv)_index_[u]rl",
    re.IGNORECASE,
)


def tracked() -> list[Path]:
    """Every file that is in the repository, or would be if all were added."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is not a git checkout, so which files belong to it is not known")
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_no_text_names_a_machine_or_an_index_of_packages() -> None:
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for pattern in (NAMES_A_MACHINE, NAMES_AN_INDEX):
            found = pattern.search(text)
            assert not found, f"{path.relative_to(ROOT)}: {found[0]}"
