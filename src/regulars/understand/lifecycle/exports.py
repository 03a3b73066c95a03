"""The room's answer as a table, for CSV: one row per month and movement."""

from __future__ import annotations

from regulars.understand.lifecycle.domain import LifecycleAnswer
from regulars.values.csv import Table

_STOCK = ("customers", "new", "active", "dormant", "churned")
_MOVED = ("joined", "became_dormant", "became_churned", "reawakened", "won_back", "churn_rate", "win_back_rate")


def months_table(answer: LifecycleAnswer) -> Table:
    """One row per month: the stock at its end and what moved."""
    columns = ("month", "end_on", "complete", *_STOCK, *_MOVED)
    return Table(columns, tuple(tuple(getattr(month, column) for column in columns) for month in answer.months))


def movements_table(answer: LifecycleAnswer) -> Table:
    """One row per month and pair of stages."""
    rows = tuple(
        (month.month, month.complete, movement.from_stage, movement.to_stage, movement.customers)
        for month in answer.months
        for movement in month.movements
    )
    return Table(("month", "complete", "from_stage", "to_stage", "customers"), rows)
