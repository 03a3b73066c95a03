"""Instants as whole microseconds since 1970, so that differences and windows are integers on any engine."""

from __future__ import annotations

import ibis.expr.types as ir


def microseconds(column: ir.TimestampValue) -> ir.IntegerValue:
    """UTC timestamps without zone mark as microseconds; the fraction is added apart, as some engines give seconds as floats."""
    seconds = column.truncate("s").epoch_seconds().cast("int64")
    return seconds * 1_000_000 + column.microsecond().cast("int64")
