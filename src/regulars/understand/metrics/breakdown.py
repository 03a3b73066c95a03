"""The breakdown verb: the largest categories, products, brands, sellers, channels or regions, and the rest as one row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_args

from regulars.errors import InvalidInput
from regulars.understand.metrics.domain import BreakdownAnswer, BreakdownRow, DataSpan, Dimension
from regulars.understand.metrics.queries import groups
from regulars.understand.metrics.queries.groups import LINE_COLUMNS, NONE, NOT_A_PRODUCT, ORDER_COLUMNS, REFUND_COLUMNS, RankedBy
from regulars.understand.metrics.queries.scope import Scope
from regulars.understand.metrics.service import scope_of
from regulars.understand.metrics.span import chosen_period, compared, data_span
from regulars.understand.metrics.tally import change, number, ratio
from regulars.values.money import Money
from regulars.values.periods import Period
from regulars.warehouse import Warehouse

if TYPE_CHECKING:
    from regulars.access import Shop

MOST_ROWS = 1_000


def breakdown(
    warehouse: Warehouse,
    shop: Shop,
    period: Period | None = None,
    by: Dimension = "category",
    *,
    limit: int = 10,
    metric: RankedBy = "item_revenue",
) -> BreakdownAnswer:
    """Sales of a period by group, beside the period before: the first `limit` groups, the others together, and all.

    Item revenue is quantity x unit price, before order discounts, shipping and tax. Groups are those with sales (or refunds,
    where refunds carry the dimension) in the period. Gift cards and other items that are no products are one group, the last.

    Parameters
    ----------
    by : what to group by; names stay as the store wrote them, "(none)" stands for what has none.
    metric : what the rows are ranked by. `refunds` can rank categories and products, `gmv` channels and regions.

    Raises
    ------
    InvalidInput : an unknown dimension or metric, or a limit outside 1..1000.
    """
    _check(by, limit, metric)
    span = data_span(warehouse, shop)
    period = chosen_period(span, shop, period)
    return _breakdown(warehouse, shop, span, period, by, limit, metric)


def _check(by: str, limit: int, metric: str) -> None:
    if by not in get_args(Dimension):
        raise InvalidInput(
            f"sales cannot be broken down by '{by}'", mend=f"use one of {', '.join(get_args(Dimension))}", code="unknown_dimension"
        )
    allowed = ["item_revenue", "units", "orders", "buyers"]
    allowed += ["refunds"] if by in REFUND_COLUMNS else []
    allowed += ["gmv"] if by in ORDER_COLUMNS else []
    if metric not in allowed:
        raise InvalidInput(
            f"sales by {by} cannot be ranked by '{metric}'",
            mend=f"use one of {', '.join(allowed)}",
            code="unknown_metric",
            metrics=allowed,
        )
    if not 1 <= limit <= MOST_ROWS:
        raise InvalidInput(f"a limit of {limit} rows is out of range", mend=f"give a limit from 1 to {MOST_ROWS}")


def _breakdown(
    warehouse: Warehouse, shop: Shop, span: DataSpan, period: Period, by: Dimension, limit: int, metric: RankedBy
) -> BreakdownAnswer:
    scope = scope_of(span, shop)
    before = compared(span, shop, period.previous())
    counted = warehouse.cached(
        ("metrics.breakdown", scope, period, by, limit, metric),
        lambda: _counted(warehouse, scope, period, before.period, by, limit, metric),
        of=("orders", "order_lines", "refunds"),
    )
    whole = counted.whole

    def row_of(sums: Mapping[str, Any], key: str, distinct: Mapping[str, Any] | None) -> BreakdownRow:
        revenue = Money(int(sums["item_revenue"] or 0), span.currency)
        previous = Money(int(sums["previous_item_revenue"] or 0), span.currency)
        return BreakdownRow(
            key=key,
            name=counted.names.get(key, key),
            item_revenue=revenue,
            share=ratio(revenue.minor, int(whole["item_revenue"])),
            units=number(Decimal(sums["units"] or 0)),
            orders=None if distinct is None else int(distinct["orders"] or 0),
            buyers=None if distinct is None else int(distinct["buyers"] or 0),
            refunds=Money(int(sums["refunds"] or 0), span.currency) if by in REFUND_COLUMNS else None,
            gmv=Money(int(sums["gmv"] or 0), span.currency) if by in ORDER_COLUMNS else None,
            previous_item_revenue=previous,
            change=change(revenue, previous) if before.covered else None,
        )

    nothing = {"orders": 0, "buyers": 0}  # a group with refunds only
    return BreakdownAnswer(
        shop_id=shop.shop_id,
        currency=span.currency,
        timezone=shop.timezone,
        as_of=span.as_of,
        period=period,
        previous=before,
        by=by,
        metric=metric,
        groups=sum(row["groups"] for row in counted.rows),
        rows=tuple(
            row_of(row, row["name"], counted.distinct.get(row["name"], nothing)) for row in counted.rows if row["name"] is not None
        ),
        other=next((row_of(row, "(other)", None) for row in counted.rows if row["name"] is None), None),
        total=row_of(whole, "(all)", whole),
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """What the queries of one breakdown gave, before it is put into words."""

    rows: list[dict[str, Any]]  # sums by `place`; `name` None: all groups that are not shown
    distinct: dict[str, dict[str, Any]]  # orders and buyers of the groups shown
    names: dict[str, str]  # of products
    whole: dict[str, Any]


def _counted(
    warehouse: Warehouse, scope: Scope, period: Period, previous: Period, by: Dimension, limit: int, metric: RankedBy
) -> Counted:
    orders, lines, refunds = (warehouse.table(name) for name in ("orders", "order_lines", "refunds"))
    sold = groups.sales(orders, lines, scope, by)
    others = groups.other_items(lines, scope) if by in LINE_COLUMNS else None
    refunded = groups.given_back(refunds, scope, by, period) if by in REFUND_COLUMNS else None
    rows = warehouse.rows(groups.ranked(sold, others, refunded, scope, period, previous, metric, limit))
    rows.sort(key=lambda row: int(row["place"]))
    keys = [row["name"] for row in rows if row["name"] is not None]
    distinct: dict[str, dict[str, Any]] = {}
    for table in (sold, others):
        wanted = [key for key in keys if (key == NOT_A_PRODUCT) == (table is others)]
        if table is not None and wanted:
            distinct |= {row["key"]: row for row in warehouse.rows(groups.distinct_counts(table, scope, period, wanted))}
    whole = {**_added(rows), **warehouse.rows(groups.all_counts(orders, scope, period))[0]}
    return Counted(rows, distinct, product_names(warehouse, scope, keys, period) if by == "product" else {}, whole)


def _added(rows: list[dict[str, Any]]) -> dict[str, Any]:
    columns = ("item_revenue", "previous_item_revenue", "units", "gmv", "refunds")
    return {column: sum((row[column] or 0 for row in rows), start=0) for column in columns}


def product_names(warehouse: Warehouse, scope: Scope, keys: Sequence[str], period: Period) -> dict[str, str]:
    """Each product's latest name in the period, or ever; of two names in the same instant the later in the alphabet."""
    names: dict[str, str] = {}
    for when in (period, None):
        missing = [key for key in keys if key not in names and key not in (NONE, NOT_A_PRODUCT)]
        if not missing:
            break
        latest: dict[str, tuple[datetime, str]] = {}
        for row in warehouse.rows(groups.product_names(warehouse.table("order_lines"), scope, missing, when)):
            seen = (row["last_at"], row["product_name"])
            latest[row["product_id"]] = max(latest.get(row["product_id"], seen), seen)
        names.update((key, name) for key, (_, name) in latest.items())
    return names
