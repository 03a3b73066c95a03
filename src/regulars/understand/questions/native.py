"""What engines with DuckDB's own functions offer beyond Ibis, for questions whose last pass is in numpy."""

from __future__ import annotations

import ibis


@ibis.udf.scalar.builtin(name="hash")  # type: ignore[untyped-decorator]
def hashed(text: str) -> int:  # type: ignore[empty-body]
    """The engine's own hash of 64 bits. Two customers of one hash are taken for one: with ten million once in about 370,000 shops."""


@ibis.udf.scalar.builtin(name="epoch_us")  # type: ignore[untyped-decorator]
def epoch_us(moment: ibis.dtype("timestamp(6)")) -> int:  # type: ignore[empty-body, valid-type]
    """Microseconds since 1970."""


@ibis.udf.scalar.builtin(name="divide")  # type: ignore[untyped-decorator]
def divided(number: int, by: int) -> int:  # type: ignore[empty-body]
    """Whole division, towards zero; Ibis divides as floats and rounds down."""


@ibis.udf.scalar.builtin(name="isodow")  # type: ignore[untyped-decorator]
def weekday(moment: ibis.dtype("timestamp(6)")) -> int:  # type: ignore[empty-body, valid-type]
    """1 for Monday to 7 for Sunday; the engine knows these bounds, and counts by them without a hash table."""


@ibis.udf.scalar.builtin(name="hour")  # type: ignore[untyped-decorator]
def hour(moment: ibis.dtype("timestamp(6)")) -> int:  # type: ignore[empty-body, valid-type]
    """0 to 23."""
