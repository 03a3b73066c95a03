"""One property out of a JSON column, as text, on any engine."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir


@ibis.udf.scalar.builtin(name="json_extract_string")  # type: ignore[untyped-decorator]
def _extracted(json: str, path: str) -> str:  # type: ignore[empty-body]
    """What an engine has built in: the value at a path as text, null where it is missing or null."""


def json_text(column: ir.StringValue, key: str) -> ir.StringValue:
    """The value of a top-level key as text (numbers and booleans as written); null where it is missing or null."""
    quoted = key.replace("\\", "\\\\").replace('"', '\\"')
    return _extracted(column, f'$."{quoted}"')
