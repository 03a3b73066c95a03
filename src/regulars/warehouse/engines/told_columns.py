"""Questions to a file of events made plain: a property that is a column of the file is read there, what is never null is not asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis.expr.operations as ops
import ibis.expr.types as ir
from ibis.expr.schema import Schema

from regulars.warehouse.json_text import pointed

_EVENTS = "events"
_JSON = "properties"
_EXTRACTED = "json_extract_string"


def column_of(key: str) -> str:
    """How the view calls the column with a property's text."""
    return f"property::{key}"


def plain(expression: ir.Expr, properties: Mapping[str, bool], sure: frozenset[str]) -> ir.Expr:
    """The same question without the detour through JSON, wherever events are read as they lie in the file.

    Parameters
    ----------
    properties : those in the file; whether the view has their text as a column too (`column_of`). Every other is null.
    sure : columns without any null.
    """
    top = expression.op()
    if _are_events(top):
        return expression  # whole events, with the columns they have

    def made(node: Any, given: Mapping[str, Any] | None = None, **_: Any) -> Any:
        found = node if given is None else node.__recreate__(given)
        if isinstance(found, ops.UnboundTable) and found.name == _EVENTS:
            more = {column_of(key): "string" for key, told in properties.items() if told}
            return found.copy(schema=Schema({**found.schema, **more}))
        if isinstance(found, ops.NotNull) and _told(found.arg) and found.arg.name in sure:
            return ops.Literal(True, dtype="boolean")
        if getattr(found, "__func_name__", None) == _EXTRACTED and _told(found.args[0]) and found.args[0].name == _JSON:
            key = pointed(found.args[1].value)
            if key not in properties:
                return ops.Literal(None, dtype="string")
            if properties[key]:
                return ops.Field(found.args[0].rel, column_of(key))
        return found

    replaced: ir.Expr = top.replace(made).to_expr()
    return replaced


def _are_events(rows: Any) -> bool:
    """Whether these are the file's events as they lie there, filtered at most."""
    while isinstance(rows, ops.Filter):
        rows = rows.parent
    return isinstance(rows, ops.UnboundTable) and rows.name == _EVENTS


def _told(value: Any) -> bool:
    return isinstance(value, ops.Field) and _are_events(value.rel)
