"""Taking a batch apart without understanding its messages, so that one that is no JSON does not cost the others."""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{},:]', re.S)


class Pieces(NamedTuple):
    """The messages of a batch as raw bytes, and the body with an empty batch in their place."""

    messages: list[bytes]
    envelope: bytes


def pieces_of(body: bytes) -> Pieces | None:
    """The elements of the body's list, or of the list named `batch` in its object; None where there is none, or it never ends.

    Only strings, brackets and commas are looked at, so an element may hold anything between them.
    """
    start = len(body) - len(body.lstrip())
    if body[start : start + 1] == b"[":
        found = _elements(body, start)
        return None if found is None or body[found[1] :].strip() else Pieces(found[0], b"{}")
    at = _batch_at(body)
    if at is None:
        return None
    found = _elements(body, at)
    return None if found is None else Pieces(found[0], body[:at] + b"[]" + body[found[1] :])


def _batch_at(body: bytes) -> int | None:
    """Where the list named `batch` of the outermost object begins."""
    depth, before, named = 0, b"", False
    for token in _TOKEN.finditer(body):
        text = token.group()
        if named and depth == 1 and text == b"[":
            return token.start()
        if text in (b"[", b"{"):
            depth += 1
        elif text in (b"]", b"}"):
            depth -= 1
        named = (text == b":" and before == b'"batch"' and depth == 1) if text == b":" else False
        before = text
    return None


def _elements(body: bytes, at: int) -> tuple[list[bytes], int] | None:
    """The elements of the list that begins at a place, and the place behind it."""
    depth, begin = 0, at + 1
    found: list[bytes] = []
    for token in _TOKEN.finditer(body, at):
        text = token.group()
        if text in (b"[", b"{"):
            depth += 1
        elif text in (b"]", b"}"):
            depth -= 1
            if depth == 0:
                last = body[begin : token.start()].strip()
                return [*found, last] if last else found, token.end()
        elif text == b"," and depth == 1:
            if piece := body[begin : token.start()].strip():
                found.append(piece)
            begin = token.end()
    return None
