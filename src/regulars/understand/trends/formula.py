"""A formula of series: letters, numbers, + - * / and brackets; read by a small parser of its own, never evaluated as code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from regulars.understand.questions import told

_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([A-Za-z])|([-+*/()]))")
_DEEPEST = 30


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as written, and as a tree of (sign, left, right), letters and numbers."""

    text: str
    tree: object

    @property
    def letters(self) -> set[str]:
        """The series it reads."""
        return _letters(self.tree)

    def of(self, values: Mapping[str, float | None]) -> float | None:
        """Its value; null where a series is null or something is divided by zero."""
        return _value(self.tree, values)


def formula(given: object, letters: set[str]) -> Formula:
    """Read a formula of known series.

    Raises
    ------
    InvalidInput : it cannot be read, or names a series that is not there.
    """
    text = told.text(given, "formula")
    tokens, place = [], 0
    while place < len(text.rstrip()):
        found = _TOKEN.match(text, place)
        if found is None:
            raise told.wrong("formula", f"'{text[place:].strip()[:10]}' cannot be read", "write it as A / B * 100")
        tokens.append(found[1] or (found[2] or "").upper() or found[3])
        place = found.end()
    tree, rest = _sum(tokens, 0)
    if rest:
        raise told.wrong("formula", f"'{rest[0]}' stands where nothing can follow", "write it as A / B * 100")
    made = Formula(text.strip(), tree)
    if unknown := made.letters - letters:
        raise told.wrong("formula", f"there is no series {', '.join(sorted(unknown))}", f"use {', '.join(sorted(letters))}")
    return made


def _sum(tokens: list[str], depth: int) -> tuple[object, list[str]]:
    left, tokens = _product(tokens, depth)
    while tokens and tokens[0] in "+-":
        right, rest = _product(tokens[1:], depth)
        left, tokens = (tokens[0], left, right), rest
    return left, tokens


def _product(tokens: list[str], depth: int) -> tuple[object, list[str]]:
    left, tokens = _atom(tokens, depth)
    while tokens and tokens[0] in "*/":
        right, rest = _atom(tokens[1:], depth)
        left, tokens = (tokens[0], left, right), rest
    return left, tokens


def _atom(tokens: list[str], depth: int) -> tuple[object, list[str]]:
    if not tokens or depth > _DEEPEST:
        raise told.wrong("formula", "it ends too early, or its brackets are too deep", "write it as A / B * 100")
    first, rest = tokens[0], tokens[1:]
    if first == "(":
        inside, rest = _sum(rest, depth + 1)
        if not rest or rest[0] != ")":
            raise told.wrong("formula", "a bracket is not closed", "close it with )")
        return inside, rest[1:]
    if first == "-":
        inside, rest = _atom(rest, depth + 1)
        return ("-", 0.0, inside), rest
    if first in "+*/)":
        raise told.wrong("formula", f"'{first}' stands where a series or number is needed", "write it as A / B * 100")
    return (first if first.isalpha() else float(first)), rest


def _letters(tree: object) -> set[str]:
    if isinstance(tree, tuple):
        return _letters(tree[1]) | _letters(tree[2])
    return {tree} if isinstance(tree, str) else set()


def _value(tree: object, values: Mapping[str, float | None]) -> float | None:
    if isinstance(tree, float):
        return tree
    if isinstance(tree, str):
        return values.get(tree)
    assert isinstance(tree, tuple)
    left, right = _value(tree[1], values), _value(tree[2], values)
    if left is None or right is None or (tree[0] == "/" and right == 0):
        return None
    return {"+": left + right, "-": left - right, "*": left * right, "/": left / (right or 1)}[tree[0]]
