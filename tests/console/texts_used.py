"""Which sentences the source puts on screen: found by reading the source, not by running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import regulars

SOURCE = Path(regulars.__file__).parent


def screens() -> list[Path]:
    """The files that put words on screen: the console's own and every room's pages."""
    return [
        path
        for path in sorted(SOURCE.rglob("*.py"))
        if {"console", "pages"} & set(path.relative_to(SOURCE).parts) or path.name == "pages.py"
    ]


def sentences() -> dict[str, str]:
    """Every English sentence that is looked up in the catalogue, and where it stands."""
    found: dict[str, str] = {}
    for path in screens():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            for text in _of(node):
                if any(sign.isalpha() for sign in text):
                    found.setdefault(text, f"{path.relative_to(SOURCE)}:{node.lineno}")
    return found


def contexts() -> set[str]:
    """The contexts in which stored codes are put into words: the first argument of `word(...)`, and the two of errors."""
    found = {"error", "mend"}
    for path in screens():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if _called(node, "word") and node.args and isinstance(node.args[0], ast.Constant):
                found.add(str(node.args[0].value))
    return found


def _called(node: ast.AST, name: str) -> bool:
    if not isinstance(node, ast.Call):
        return False
    return getattr(node.func, "attr", getattr(node.func, "id", "")) == name


def _of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call):
        if _called(node, "t"):
            yield from _strings(node.args[:1])
        elif _called(node, "translate"):
            yield from _strings(node.args[1:2])
        elif _called(node, "plural"):
            yield from _strings(node.args[1:4])
        elif _called(node, "screen"):
            yield from _strings([keyword.value for keyword in node.keywords if keyword.arg in ("nav", "title", "group")])
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(target, ast.Name) and target.id.endswith("_WORDS") for target in targets) and node.value is not None:
            yield from _values(node.value)


def _strings(nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        for inner in ast.walk(node) if isinstance(node, ast.IfExp) else [node]:
            if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                yield inner.value


def _values(node: ast.expr) -> Iterator[str]:
    """The sentences of a constant of words: a mapping's values, a tuple's members; codes and addresses are left out."""
    if isinstance(node, ast.Dict):
        for value in node.values:
            yield from _values(value)
    elif isinstance(node, ast.Tuple | ast.List):
        for value in node.elts:
            yield from _values(value)
    elif (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and not node.value.startswith("/") and "_" not in node.value
    ):
        yield node.value
