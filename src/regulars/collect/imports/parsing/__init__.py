"""Parsing: how a column's texts are meant, decided on the evidence of the whole column, then said in SQL.

Each `detect_*` looks at every value of a column once and returns a convention: a frozen value that explains itself in one sentence
(`explanation`) and gives SQL expressions for a column: `sql` (the value, NULL where missing or unreadable) and `bad` (true where
something stands there that cannot be read). Amounts, dates and quantities also give `out_of_range`.
"""

from __future__ import annotations

from regulars.collect.imports.parsing.amounts import AmountConvention, detect_amounts
from regulars.collect.imports.parsing.dates import DateConvention, detect_dates
from regulars.collect.imports.parsing.flags import BooleanConvention, detect_booleans
from regulars.collect.imports.parsing.identifiers import IdConvention, detect_ids
from regulars.collect.imports.parsing.local_time import local_to_utc_sql
from regulars.collect.imports.parsing.missing import missing_sql, text_sql
from regulars.collect.imports.parsing.numbers import NumberConvention, PercentConvention, detect_numbers, detect_percents
from regulars.collect.imports.parsing.rounding import minor

__all__ = [
    "AmountConvention",
    "BooleanConvention",
    "DateConvention",
    "IdConvention",
    "NumberConvention",
    "PercentConvention",
    "detect_amounts",
    "detect_booleans",
    "detect_dates",
    "detect_ids",
    "detect_numbers",
    "detect_percents",
    "local_to_utc_sql",
    "minor",
    "missing_sql",
    "text_sql",
]
