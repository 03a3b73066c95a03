"""What every report over events offers, so that one API, one command, one page, dashboards and schedules serve them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from regulars.understand.questions.service import Desk


@dataclass(frozen=True)
class Report:
    """A kind of report.

    Parameters
    ----------
    kind : its name in addresses and commands, `funnel`.
    read : a question as told (JSON) becomes the room's own query. Raises InvalidInput with the place of what is wrong.
    answer : the query becomes an answer, a frozen dataclass.
    table : the answer as rows for CSV and the shell, one per figure.
    customers : the customers behind a cell (its coordinates as the answer names them): a table with the column `customer_id`.
    example : a question that works on any shop, for the API's description and for the page's first view.
    """

    kind: str
    read: Callable[[Desk, Mapping[str, Any]], Any]
    answer: Callable[[Desk, Any], Any]
    table: Callable[[Any], pa.Table]
    customers: Callable[[Desk, Any, Mapping[str, Any]], ir.Table]
    example: Mapping[str, Any]
