"""Traits, distributions and likeness as tables for a file."""

from __future__ import annotations

from collections.abc import Iterator

from regulars.understand.traits.catalogue import TRAITS
from regulars.understand.traits.domain import AlikeAnswer, Distribution, Traits
from regulars.understand.traits.queries import reading
from regulars.values.csv import Table, csv_lines
from regulars.warehouse import Warehouse


def traits_table(answer: Traits) -> Table:
    """One row for each trait."""
    columns = ("trait", "label", "unit", "customers", "share", "low", "median", "high", "reason", "formula")
    rows = [
        (one.name, one.label, one.unit, one.customers, one.share, one.low, one.median, one.high, one.reason, one.formula)
        for one in answer.traits
    ]
    return Table(columns, tuple(rows))


def distribution_table(answer: Distribution) -> Table:
    """One row for each bin."""
    rows = [(one.key, one.start, one.end, one.customers, one.share) for one in answer.bins]
    return Table(("value", "from", "to", "customers", "share"), tuple(rows))


def alike_table(answer: AlikeAnswer) -> Table:
    """One row for each customer, with what makes them alike."""
    rows = [
        (one.customer_id, one.likeness, one.compared, "; ".join(f"{why.label}: {why.theirs:g}" for why in one.because))
        for one in answer.alike
    ]
    return Table(("customer_id", "likeness", "compared", "because"), tuple(rows))


def values_csv(warehouse: Warehouse, shop_id: str) -> Iterator[str]:
    """All traits of all customers, read piece by piece."""

    def rows() -> Iterator[list[object]]:
        for batch in warehouse.batches(reading.everybody(shop_id), rows=20_000):
            for row in batch.to_pylist():
                yield list(row.values())

    return csv_lines(("customer_id", *TRAITS), rows())
