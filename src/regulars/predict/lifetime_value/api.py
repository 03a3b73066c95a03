"""Expected values over HTTP: the list by page or whole as CSV, one customer's, and lifetime value by how customers began."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path, Query, Response
from fastapi.responses import StreamingResponse

from regulars.access import audit
from regulars.collect import identity
from regulars.predict.lifetime_value import exports, reading
from regulars.predict.lifetime_value.domain import Caution, GroupBy, GroupRow, GroupsAnswer, Tier, TierRow, ValueRow, ValuesAnswer
from regulars.values.clock import today
from regulars.values.money import Money
from regulars.web import Api, Door
from regulars.web.downloads import Format, csv_file

api = Api(tags=["Predict"])

_AS_OF = datetime(2026, 10, 31, 16, 0, tzinfo=UTC)
_ROW = ValueRow(
    customer_id="14646",
    orders=12,
    no_order_probability=0.1182,
    expected_orders=9.41,
    next_order_at=datetime(2026, 11, 18, 3, 0, tzinfo=UTC),
    next_order_from_at=datetime(2026, 11, 7, 16, 0, tzinfo=UTC),
    next_order_to_at=datetime(2026, 12, 9, 8, 0, tzinfo=UTC),
    order_value=Money(31_250, "CNY"),
    value=Money(126_600, "CNY"),
    value_low=Money(58_000, "CNY"),
    value_high=Money(201_400, "CNY"),
    retained_gain=Money(88_300, "CNY"),
    tier="top",
    tier_name="Top 5 %",
)
_EXAMPLE = ValuesAnswer(
    as_of=_AS_OF,
    currency="CNY",
    basis="margin",
    margin_rate=0.42,
    method="average",
    horizon_days=60,
    customers=4_338,
    value=Money(88_120_400, "CNY"),
    tracking_factor=1.08,
    expected_orders=18_864.2,
    retained_gain=Money(15_170, "CNY"),
    gini=0.8007,
    coverage=0.866,
    cautions=[Caution("short_history", "Orders reach back 301 days only, so twelve months are carried on beyond what was seen.")],
    tiers=[
        TierRow(
            tier="top", name="Top 5 %", customers=216, value_from=Money(67_529, "CNY"), value=Money(38_900_000, "CNY"), share=0.4414
        )
    ],
    total=4_338,
    rows=[_ROW],
    next=None,
)
_GROUPS = GroupsAnswer(
    by="cohort",
    as_of=_AS_OF,
    currency="CNY",
    basis="margin",
    rows=[
        GroupRow(
            key="2026-01",
            customers=299,
            so_far=Money(75_785, "CNY"),
            expected=Money(49_390, "CNY"),
            lifetime=Money(125_175, "CNY"),
            expected_total=Money(14_767_610, "CNY"),
        )
    ],
)


@api.get(
    "/v1/values", permission="read_customers", answer=ValuesAnswer, summary="What customers are expected to bring", example=_EXAMPLE
)
def get_values(
    door: Door,
    tier: Annotated[Tier | None, Query(description="Only customers of this tier")] = None,
    min_value_minor: Annotated[
        int | None, Query(ge=0, le=2**53, description="Expected to bring at least so much, minor units")
    ] = None,
    cursor: Annotated[str | None, Query(max_length=1000, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=reading.MOST_ROWS, description="How many customers a page holds")] = 50,
    format: Format = "json",
) -> ValuesAnswer | StreamingResponse:
    """Value of the next twelve months by customer, the most valuable first, with intervals, next order dates and tiers.

    With `format=csv` the whole list is sent as a file that opens in spreadsheets, and the export is audited.
    """
    asked = {"tier": tier, "min_value_minor": min_value_minor}
    if format == "json":
        return reading.listing(
            door.warehouse,
            door.shop,
            tier=tier,
            min_value_minor=min_value_minor,
            limit=limit,
            cursor=cursor,
            language=door.language,
        )
    door.caller.demand("export")
    rows = reading.every_row(door.warehouse, door.shop, tier=tier, min_value_minor=min_value_minor, language=door.language)
    with door.unit() as uow:
        audit.record(uow, door.caller, "values.exported", door.shop.shop_id, after=asked, shop_id=door.shop.shop_id)
    name = f"values-{door.shop.shop_id}-{today(door.shop.timezone)}.csv"
    return StreamingResponse(
        exports.values_csv(rows, door.shop.timezone, door.language),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"', "x-content-type-options": "nosniff"},
    )


@api.get(
    "/v1/values/groups",
    permission="read_reports",
    answer=GroupsAnswer,
    summary="Lifetime value by how customers began",
    example=_GROUPS,
)
def get_value_groups(
    door: Door,
    by: Annotated[
        GroupBy, Query(description="Month, channel, category or product of the first order, or channel of the first visit")
    ],
    limit: Annotated[int, Query(ge=1, le=reading.MOST_GROUPS, description="How many groups")] = 50,
    format: Format = "json",
) -> GroupsAnswer | Response:
    """Per customer: brought so far, expected in the next twelve months, and both. Groups with most expected money first, months in order."""
    answer = reading.groups(door.warehouse, door.shop, by, limit=limit)
    return csv_file(door, exports.groups_table(answer), f"values-by-{by}") if format == "csv" else answer


@api.get(
    "/v1/customers/{customer_id}/value",
    permission="read_customers",
    answer=ValueRow,
    summary="What one customer is expected to bring",
    example=_ROW,
)
def get_customer_value(
    door: Door,
    customer_id: Annotated[str, Path(max_length=200, description="The customer; ids that were merged go on resolving")],
) -> ValueRow:
    """Value of the next twelve months with its interval, next order date with its interval, tier, and what keeping the customer is worth."""
    with door.reading() as uow:
        now_called = identity.customer_of(uow, door.shop.shop_id, customer_id)
    return reading.value_of(door.warehouse, door.shop, now_called, language=door.language)
