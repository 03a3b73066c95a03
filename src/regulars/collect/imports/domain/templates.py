"""Tables to fill in: a heading for each field of a kind, and two rows that show how."""

from __future__ import annotations

from regulars.collect.imports.domain.fields import FIELDS, Kind
from regulars.values.csv import csv_lines

_ROWS: dict[str, tuple[dict[str, str], ...]] = {
    "costs": (
        {
            "spent_on": "2025-11-01",
            "source": "google",
            "campaign": "autumn",
            "impressions": "12000",
            "clicks": "310",
            "cost": "186.40",
        },
        {"spent_on": "2025-11-01", "source": "email", "campaign": "letter", "coupon": "NOV10", "cost": "35.00"},
    ),
    "competition": (
        {
            "observed_on": "2025-11-01",
            "competitor": "Alpha",
            "product_id": "T-100",
            "category": "Tea",
            "price": "98.00",
            "available": "1",
        },
        {"observed_on": "2025-11-01", "competitor": "Alpha", "category": "Tea", "share": "21.5%", "sales": "1250000"},
    ),
}


def template(kind: Kind, language: str) -> tuple[bytes, str]:
    """The table as CSV that spreadsheets open, and its name; it loads as it is."""
    fields = FIELDS[kind]
    heads = [field.meaning_zh if language == "zh" else name for name, field in fields.items()]
    rows = [tuple(row.get(name, "") for name in fields) for row in _ROWS.get(kind, ())]
    return "".join(csv_lines(tuple(heads), tuple(rows))).encode(), f"{kind}.csv"
