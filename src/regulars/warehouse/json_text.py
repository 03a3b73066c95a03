"""One property out of a JSON column, as text, the same on any engine."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir


# DuckDB's name for it, with its schema: without, sqlglot writes the operator `->>`, which binds looser than BETWEEN, and does not
# escape what stands in a path. Engines without the function translate it by this name.
@ibis.udf.scalar.builtin(name="json_extract_string", database="main")  # type: ignore[untyped-decorator]
def extracted(json: str, pointer: str) -> str:  # type: ignore[empty-body]
    """What an engine has built in: the value at a JSON pointer (RFC 6901) as text, null where it is missing or null."""


def json_text(column: ir.StringValue, key: str) -> ir.StringValue:
    """The value of a top-level key of a JSON object as text; null where it is missing or null.

    Texts come bare, numbers and booleans as they are written, objects and arrays as JSON. Any key works, whatever signs are in it.
    """
    return extracted(column, pointer(key))


def pointer(key: str) -> str:
    """The JSON pointer to a top-level key."""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def pointed(pointer: str) -> str:
    """The top-level key that a JSON pointer means: the reverse, for engines that have no pointers."""
    return pointer[1:].replace("~1", "/").replace("~0", "~")
