"""Code on a page is the real source: a file, or a function, class or constant out of it."""

import ast
import re
from pathlib import Path
from textwrap import dedent

from lab.pages.refusal import BadPage

ROOT = Path(__file__).parent.parent.parent
LANGUAGES = {
    ".py": "python", ".js": "javascript", ".css": "css", ".html": "html", ".toml": "toml", ".conf": "nginx",
    ".service": "ini", ".md": "markdown",
}  # fmt: skip


def source(path: str, name: str = "") -> str:
    """A fence with the file's path as its title. `name` may be dotted: a method, or a function in a function."""
    text = read(path)
    if name:
        text = dedent("\n".join(text.split("\n")[slice(*place(text, path, name))]))
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    language = LANGUAGES.get(Path(path).suffix, "text")
    return f'{fence}{language} title="{path}"\n{text.rstrip()}\n{fence}'


def read(path: str) -> str:
    file = (ROOT / path).resolve()
    if ".." in Path(path).parts or not file.is_relative_to(ROOT) or not file.is_file():
        raise BadPage(f"There is no file {path} in the repository.")
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BadPage(f"{path} is not text.") from None


def place(text: str, path: str, name: str) -> tuple[int, int]:
    """The lines of a definition, decorators included: the first, counted from 0, and the one after the last."""
    try:
        node: ast.AST = ast.parse(text)
    except SyntaxError:
        raise BadPage(f"{path} is not Python, so nothing in it has a name: show the whole file.") from None
    for part in name.split("."):
        found = [one for one in getattr(node, "body", []) if part in names(one)]
        if not found:
            raise BadPage(f"{path} defines no {name}.")
        node = found[0]
    assert isinstance(node, ast.stmt) and node.end_lineno
    return min(line.lineno for line in [node, *getattr(node, "decorator_list", [])]) - 1, node.end_lineno


def names(statement: ast.stmt) -> list[str]:
    """What a statement defines."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [statement.name]
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return [target.id for target in targets if isinstance(target, ast.Name)]
