"""The room's answers as tables, for CSV and for printing."""

from __future__ import annotations

from regulars.understand.metrics.domain import BreakdownAnswer, MetricsAnswer
from regulars.values.csv import Table


def metrics_table(answer: MetricsAnswer) -> Table:
    """One row per bucket, then the period and the two it is compared with; one column per metric."""
    names = [total.metric for total in answer.totals]
    rows: list[tuple[object, ...]] = [
        ("bucket", bucket.start_on, bucket.end_on, bucket.complete, answer.currency, *(bucket.values[name] for name in names))
        for bucket in answer.series
    ]
    for kind, period, complete, values in (
        ("period", answer.period, answer.complete, [total.value for total in answer.totals]),
        ("previous", answer.previous.period, answer.previous.covered, [total.previous for total in answer.totals]),
        ("last_year", answer.last_year.period, answer.last_year.covered, [total.last_year for total in answer.totals]),
    ):
        rows.append((kind, period.start_on, period.end_on, complete, answer.currency, *values))
    return Table(("kind", "start_on", "end_on", "complete", "currency", *names), tuple(rows))


def breakdown_table(answer: BreakdownAnswer) -> Table:
    """One row per group, then the others together and the sum of all."""
    columns = (
        answer.by,
        "name",
        "currency",
        "item_revenue",
        "share",
        "units",
        "orders",
        "buyers",
        "refunds",
        "gmv",
        "previous_item_revenue",
        "change",
    )
    shown = (*answer.rows, *((answer.other,) if answer.other else ()), answer.total)
    rows = tuple(
        (
            row.key,
            row.name,
            answer.currency,
            row.item_revenue,
            row.share,
            row.units,
            row.orders,
            row.buyers,
            row.refunds,
            row.gmv,
            row.previous_item_revenue,
            row.change,
        )
        for row in shown
    )
    return Table(columns, rows)
