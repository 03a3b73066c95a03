"""What asking gives: an answer with its question, two of them side by side, and who stands behind a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from regulars.values.money import Money


@dataclass(frozen=True, slots=True)
class Answered:
    """A report's answer, and what was asked."""

    kind: str
    shop_id: str
    timezone: str
    as_of: datetime  # the moment it is judged at
    question: Mapping[str, Any]
    answer: Any  # as the kind gives it


@dataclass(frozen=True, slots=True)
class Compared:
    """The same question asked twice."""

    kind: str
    first: Answered
    second: Answered


@dataclass(frozen=True, slots=True)
class CustomerBehind:
    """Somebody who was counted in a cell."""

    customer_id: str
    is_known: bool  # false: a visitor nobody has named yet
    region: str | None
    stage: str | None  # null: not a customer, or not profiled yet
    orders: int | None
    net: Money | None
    last_order_at: datetime | None


@dataclass(frozen=True, slots=True)
class Behind:
    """Who was counted in a cell."""

    total: int
    customers: Sequence[CustomerBehind]
