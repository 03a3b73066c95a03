"""Retention: do first-time buyers come back, and what are they worth?

Question      of the customers who first ordered in a week or month, how many ordered again in each one since?
Events heard  none: answers are counted from the warehouse when asked
Events told   none
Tables owned  none; reads `orders` and `order_lines`
"""

from regulars.understand.retention.domain import (
    Cell,
    CohortRow,
    CohortUnit,
    CurvePoint,
    GroupBy,
    GroupCurve,
    GroupedRetentionAnswer,
    LtvAnswer,
    LtvCell,
    LtvRow,
    Measure,
    RetentionAnswer,
)
from regulars.understand.retention.exports import groups_table, ltv_table, retention_table
from regulars.understand.retention.service import ltv, retention, retention_by

__all__ = [
    "Cell",
    "CohortRow",
    "CohortUnit",
    "CurvePoint",
    "GroupBy",
    "GroupCurve",
    "GroupedRetentionAnswer",
    "LtvAnswer",
    "LtvCell",
    "LtvRow",
    "Measure",
    "RetentionAnswer",
    "groups_table",
    "ltv",
    "ltv_table",
    "retention",
    "retention_by",
    "retention_table",
]
