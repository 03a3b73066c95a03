"""The room's answers as tables, for CSV and for printing: one row per cell, which every tool can pivot."""

from __future__ import annotations

from regulars.understand.retention.domain import GroupedRetentionAnswer, LtvAnswer, RetentionAnswer
from regulars.values.csv import Table


def retention_table(answer: RetentionAnswer) -> Table:
    """One row per cohort and period since its first order."""
    rows = tuple(
        (row.start_on, row.customers, cell.period, cell.value, cell.share, cell.complete)
        for row in answer.cohorts
        for cell in row.cells
    )
    return Table(("cohort_on", "cohort_customers", "period", answer.measure, "share", "complete"), rows)


def groups_table(answer: GroupedRetentionAnswer) -> Table:
    """One row per group and period since the first order."""
    rows = tuple(
        (group.name, group.customers, point.period, point.share, point.cohorts, point.customers)
        for group in answer.groups
        for point in group.curve
    )
    return Table((answer.by, "group_customers", "period", "share", "cohorts", "customers"), rows)


def ltv_table(answer: LtvAnswer) -> Table:
    """One row per first-order month and month since."""
    rows = tuple(
        (row.start_on, row.customers, cell.month, cell.value, answer.currency, cell.complete)
        for row in answer.cohorts
        for cell in row.ltv
    )
    return Table(("cohort_on", "cohort_customers", "month", "ltv", "currency", "complete"), rows)
