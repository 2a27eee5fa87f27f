"""The project's modules and what each imports, read from the syntax trees."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from places import ROOT

FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in ("retrieval", "bot")
    for path in sorted((ROOT / package).rglob("*.py"))
}
_NAMED = re.compile(r"\b(?:retrieval|bot)(?:\.\w+)+")


def imports_of(module: str, *, strings: bool = True) -> set[str]:
    """Return the project's modules that a module imports, also inside functions.

    With ``strings``, also those that it names in a string, for example for a process of its own.
    """
    tree = ast.parse(FILES[module].read_text(encoding="utf-8"))
    names = [*_imported_in(tree), *(_named_in(tree) if strings else ())]
    return {found for name in names if (found := _module_of(name))} - {module}


def _imported_in(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _named_in(tree: ast.Module) -> Iterator[str]:
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield from _NAMED.findall(node.value)


def _module_of(name: str) -> str | None:
    """Return the module that a dotted name is, or lies in; None outside the project."""
    while name and name not in FILES:
        name = name.rpartition(".")[0]
    return name or None


def room_of(module: str) -> str:
    """Return the room that a module lies in: its folder below the package, or the file itself beside the folders."""
    package, _, rest = module.partition(".")
    first = rest.partition(".")[0]
    return f"{package}.{first}" if first else package
