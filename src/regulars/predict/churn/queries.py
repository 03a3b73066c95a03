"""Ibis expressions of the churn room."""

from __future__ import annotations

import ibis.expr.types as ir

from regulars.understand.lifecycle import purchase_gaps


def gap_points(known: ir.Table) -> ir.Table:
    """One row: how many gaps between purchase days there are, and within how many days three of four ended."""
    gaps = purchase_gaps(known)
    return gaps.aggregate(gaps=gaps.count(), three_of_four=gaps.gap_days.quantile(0.75))
