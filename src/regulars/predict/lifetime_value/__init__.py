"""Lifetime value: what will each customer bring, when does it order next, and what is it worth to keep one?

Hears: Profiles Refreshed. Tells: Values Refreshed.
Owns: the warehouse tables customer_values and shop_values (derived; worked out after the profiles); its models are in the registry.
"""

from regulars.predict.lifetime_value.domain import Backtest, GroupsAnswer, Score, ValueRow, Values, ValuesAnswer
from regulars.predict.lifetime_value.exports import groups_table, values_csv
from regulars.predict.lifetime_value.jobs import run
from regulars.predict.lifetime_value.reading import every_row, groups, listing, value_of
from regulars.predict.lifetime_value.service import MODEL, Expected, Learned, expected_margin, judge, learned, values

__all__ = [
    "MODEL",
    "Backtest",
    "Expected",
    "GroupsAnswer",
    "Learned",
    "Score",
    "ValueRow",
    "Values",
    "ValuesAnswer",
    "every_row",
    "expected_margin",
    "groups",
    "groups_table",
    "judge",
    "learned",
    "listing",
    "run",
    "value_of",
    "values",
    "values_csv",
]
