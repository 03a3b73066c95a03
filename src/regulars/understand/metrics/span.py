"""How far the data of a shop reaches, and the period a report takes when none is given."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from regulars.errors import InvalidInput
from regulars.understand.metrics.domain import ComparedPeriod, DataSpan
from regulars.understand.metrics.queries.scope import spans
from regulars.values import clock
from regulars.values.periods import Period, Unit, WeekStart, add_months
from regulars.values.zones import day_start, local_day
from regulars.warehouse import Warehouse

if TYPE_CHECKING:
    from regulars.access import Shop

#: More buckets than this make no readable chart and a slow page.
MOST_BUCKETS = 1_500


def data_span(warehouse: Warehouse, shop: Shop) -> DataSpan:
    """From when to when the shop has counted orders, and the moment up to which they are judged.

    `as_of` is the end of the local day of the newest order, or the present minute where that is earlier: a history of
    2011 is judged at its own end, a living store now.
    """
    rows = warehouse.cached(
        ("metrics.span", shop.shop_id), lambda: warehouse.rows(spans(warehouse.table("orders"), shop.shop_id)), of=("orders",)
    )
    now = clock.now().replace(second=0, microsecond=0)
    total = sum(row["orders"] for row in rows)
    if not total:
        return DataSpan(None, None, now, 0, shop.currency, 0)
    by_size = sorted(rows, key=lambda row: (row["currency"] != shop.currency, -row["orders"], row["currency"]))
    used = by_size[0]
    first_at, last_at = _aware(used["first_at"]), _aware(used["last_at"])
    end_of_day = day_start(local_day(last_at, shop.timezone) + timedelta(days=1), shop.timezone)
    return DataSpan(first_at, last_at, min(now, end_of_day), used["orders"], used["currency"], total - used["orders"])


def last_day(span: DataSpan, shop: Shop) -> Period:
    """The local day that holds the last instant before `as_of`."""
    day = local_day(span.as_of - timedelta(microseconds=1), shop.timezone)
    return Period.between(day, day)


def chosen_period(span: DataSpan, shop: Shop, period: Period | None) -> Period:
    """The period asked for, or the default: the last 12 months up to `as_of`, the current one included, cut to the data.

    Raises
    ------
    InvalidInput : the period holds no day, or reaches into a year no store can have sold in.
    """
    if period is not None:
        if period.days == 0:
            raise InvalidInput("the period holds no day", mend="let `to` be on or after `from`", code="bad_period")
        _possible(period.start_on, period.last_on)
        return period
    end = last_day(span, shop).end_on
    start = add_months((end - timedelta(days=1)).replace(day=1), -11)
    if span.first_at is not None:
        start = max(start, min(local_day(span.first_at, shop.timezone), end - timedelta(days=1)))
    return Period(start, end)


def asked_period(warehouse: Warehouse, shop: Shop, first_on: date | None, last_on: date | None) -> Period | None:
    """The period that `from` and `to` mean, both days included; None, for the default, where neither is given.

    A missing `to` is the last day of the data, a missing `from` the first of the month eleven months before `to`.

    Raises
    ------
    InvalidInput : `from` is after `to`, or a year cannot be reported on.
    """
    if first_on is None and last_on is None:
        return None
    _possible(first_on, last_on)
    last_on = last_on or max(last_day(data_span(warehouse, shop), shop).last_on, first_on or date.min)
    first_on = first_on or add_months(last_on.replace(day=1), -11)
    if first_on > last_on:
        raise InvalidInput(f"`from` ({first_on}) is after `to` ({last_on})", mend="swap them", code="bad_period")
    return Period.between(first_on, last_on)


def compared(span: DataSpan, shop: Shop, period: Period) -> ComparedPeriod:
    """A period to compare with, marked as covered when the data reaches back to its first day."""
    covered = span.first_at is not None and local_day(span.first_at, shop.timezone) <= period.start_on
    return ComparedPeriod(period, covered)


def check_buckets(period: Period, unit: Unit) -> None:
    """Refuse a range that would be cut into more buckets than a chart can show.

    Raises
    ------
    InvalidInput : too many buckets; the sentence names a coarser unit.
    """
    length = {"day": 1, "week": 7, "month": 28}[unit]
    if period.days / length <= MOST_BUCKETS:
        return
    coarser = "week" if unit == "day" and period.days / 7 <= MOST_BUCKETS else "month"
    shorter = f"give a range of at most {MOST_BUCKETS * length} days"
    raise InvalidInput(
        f"{period.days} days are too many to show by {unit}",
        mend=shorter if unit == "month" else f"{shorter}, or cut it by {coarser}",
        code="range_too_long",
        most_buckets=MOST_BUCKETS,
    )


def _possible(*days: date | None) -> None:
    for day in days:
        if day is not None and not 1990 <= day.year <= 2200:
            raise InvalidInput(f"{day} is no day a store can have sold on", mend="give days from 1990 to 2200", code="bad_period")


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def week_start(shop: Shop) -> WeekStart:
    """On which day the shop's weeks begin (weekday 6 is Sunday; reports know Monday and Sunday)."""
    return "sunday" if shop.week_start == 6 else "monday"
