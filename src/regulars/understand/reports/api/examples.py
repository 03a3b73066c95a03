"""Answers as the documentation shows them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from regulars.understand.reports.domain.answers import Answered, CustomerBehind
from regulars.understand.reports.domain.running import Run
from regulars.values.money import Money

AT = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
QUESTION: dict[str, Any] = {"metrics": ["orders"], "range": {"from": "2026-10-01", "to": "2026-10-31"}, "interval": "month"}
ANSWERED = Answered(
    kind="metric",
    shop_id="tea",
    timezone="Asia/Shanghai",
    as_of=AT,
    question=QUESTION,
    answer={
        "as_of": AT,
        "currency": "CNY",
        "interval": "month",
        "first_on": date(2026, 10, 1),
        "last_on": date(2026, 10, 31),
        "buckets": ["2026-10-01"],
        "complete": [True],
        "lines": [
            {"metric": "orders", "unit": "count", "total": 2_310, "previous": 2_105, "change": 0.0974, "values": [2_310]},
        ],
    },
)
SOMEBODY = CustomerBehind(
    customer_id="17850", is_known=True, region="CN-31", stage="active", orders=14, net=Money(531_200, "CNY"), last_order_at=AT
)
RUN = Run(
    run_id="run_01m7zsbyk3",
    shop_id="tea",
    kind="metric",
    question=QUESTION,
    state="running",
    percent=41.5,
    seconds=2.314,
    asked_at=AT,
    ended_at=None,
    kept_until=None,
    answer=None,
    failure=None,
)
