"""A load's report back from the JSON it is kept as."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from regulars.collect.imports.domain.report import Change, Example, FileReport, Found, LoadReport, MappedColumn, Problem, ShopShare
from regulars.values.money import Money


def report_from(kept: Mapping[str, Any]) -> LoadReport:
    """The report as it was when it was written down."""
    return LoadReport(
        **{
            **kept,
            "files": tuple(_file(one) for one in kept["files"]),
            "found": _found(kept["found"]),
            "problems": tuple(_problem(one) for one in kept["problems"]),
            "assumptions": tuple(kept["assumptions"]),
            "shops": tuple(ShopShare(**one) for one in kept["shops"]),
            "changes": {table: Change(**change) for table, change in kept["changes"].items()},
        }
    )


def _file(kept: Mapping[str, Any]) -> FileReport:
    return FileReport(
        **{
            **kept,
            "columns": tuple(MappedColumn(**one) for one in kept["columns"]),
            "unmapped": tuple(kept["unmapped"]),
            "also_fitting": tuple((field, column) for field, column in kept["also_fitting"]),
            "notices": tuple(kept["notices"]),
        }
    )


def _problem(kept: Mapping[str, Any]) -> Problem:
    return Problem(**{**kept, "examples": tuple(Example(**one) for one in kept["examples"])})


def _found(kept: Mapping[str, Any]) -> Found:
    values = dict(kept)
    for name in ("gmv", "refunded", "spent"):
        values[name] = Money(**kept[name]) if kept.get(name) else None
    for name in ("first_at", "last_at"):
        values[name] = datetime.fromisoformat(kept[name]) if kept[name] else None
    return Found(**values)
