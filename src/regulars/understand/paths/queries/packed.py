"""Events as two numbers, for engines with DuckDB's own functions: a hash of the customer, and instant and node in one."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from regulars.understand.paths.queries.steps import coded
from regulars.understand.questions.native import epoch_us, hashed

#: Any instant up to the year 9999 leaves so many bits of a number for the node.
_SPARE = 5
#: Up to so many names are told apart by comparing; more are looked up.
_COMPARED = 40


def bits_of(names: Sequence[str] | None) -> int | None:
    """How many low bits of the packed number are the node's; null: the node needs a column of its own."""
    bits = 0 if names is None else len(names).bit_length()
    return bits if bits <= _SPARE else None


def packed(rows: ir.Table, names: Sequence[str] | None, *, in_order: bool = True) -> ir.Table:
    """Columns `customer`, `at` and, where the two do not fit into one number, `code`; sorted by all of them if `in_order`.

    Two customers of one hash would be taken for one: with ten million of them once in about 370,000 shops.
    """
    bits = bits_of(names)
    at = epoch_us(rows.at)
    if names is None:
        chosen = {"customer": hashed(rows.customer_id), "at": at}
    else:
        rows = coded(rows, names, compared=len(names) <= _COMPARED)
        at = epoch_us(rows.at)
        chosen = {"customer": hashed(rows.customer_id), "at": at, "code": rows.code}
        if bits is not None:
            chosen = {"customer": chosen["customer"], "at": at * (1 << bits) + rows.code.cast("int64")}
    found = rows.select(**chosen)
    return found.order_by([ibis.asc(name) for name in chosen]) if in_order else found
