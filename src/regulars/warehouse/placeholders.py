"""Values filled into compiled SQL, so that a question asked about many customers is built and compiled once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import ibis
import ibis.expr.types as ir

# Private-use signs: no text of a store holds them, and a compiler passes them through.
_OPEN, _CLOSE = "\ue000", "\ue001"
_PLACE = re.compile(f"'{_OPEN}([a-z0-9_]+){_CLOSE}'")


def placeholder(name: str) -> ir.StringScalar:
    """A text to be given when the question is asked: `warehouse.rows(expression, customer_id="17850")`."""
    return ibis.literal(f"{_OPEN}{name}{_CLOSE}")


def filled(sql: str, values: Mapping[str, str], literal: Callable[[str], str]) -> str:
    """The SQL with every place filled, in one pass, so that a value that looks like a place stays a value."""

    def put(found: re.Match[str]) -> str:
        value = values.get(found[1])
        return found[0] if value is None else literal(value)

    return _PLACE.sub(put, sql) if values else sql
