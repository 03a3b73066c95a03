"""The report `reviews`: how many, how good, and how many bad ones, over time or by product and category."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from regulars.collect.sentiment import BAD_BELOW
from regulars.errors import NotEnoughData
from regulars.understand.questions import NONE, Calendar, Desk, Moments, Report, told
from regulars.understand.questions.queries import bucket, instant
from regulars.understand.reports.numbers.days import arrow, days_of, days_of_cell, unit_of
from regulars.values.csv import Table
from regulars.values.periods import Period, Unit, add_months
from regulars.values.zones import local_day
from regulars.warehouse import unbound

By = Literal["product", "category"]
_COLUMNS = {"product": "product_id", "category": "category"}
#: A rating up to here is a bad one.
_BAD_UP_TO = 2


@dataclass(frozen=True, slots=True)
class ReviewQuery:
    """Which reviews, by what."""

    period: Period
    by: By | None
    unit: Unit
    limit: int


@dataclass(frozen=True, slots=True)
class ReviewGroup:
    """Reviews of a bucket, a product or a category; `rating` is null where none has one."""

    key: str
    reviews: int
    rating: float | None
    bad: int  # rated 2 or less
    bad_share: float | None
    scored: int  # whose words are scored
    sentiment: float | None  # their mean, 0 (discontent) to 1 (content)
    negative: int  # scored below 0.4
    negative_share: float | None
    complete: bool


@dataclass(frozen=True, slots=True)
class ReviewAnswer:
    """Groups in order of time, or the most reviewed first; and all together."""

    by: By | None
    interval: Unit
    first_on: date
    last_on: date
    groups: tuple[ReviewGroup, ...]
    total: ReviewGroup


def read(desk: Desk, question: Mapping[str, Any]) -> ReviewQuery:
    """`{by?, range?, interval?, limit?}`; without a range the twelve months up to the newest review."""
    given = told.object_of(question, "question", ("by", "range", "interval", "limit"))
    by: Any = None if given.get("by") is None else told.choice(given["by"], "by", tuple(_COLUMNS))
    period = days_of(desk, given) or _all(desk)
    return ReviewQuery(period, by, unit_of(given, period.days), told.whole(given.get("limit", 20), "limit", 1, 200))


def answer(desk: Desk, query: ReviewQuery) -> ReviewAnswer:
    """Counts and averages; a review is counted on its local day."""
    rows = _rows(desk, query.period)
    if not desk.warehouse.rows(_mine(desk).select("review_id").limit(1)):
        raise NotEnoughData("there are no reviews yet", mend="load a file of reviews", code="no_reviews")
    start, end = query.period.instants(desk.shop.timezone)
    calendar = Calendar.over(Moments(start, end), query.unit, desk.shop.timezone, desk.week_start)
    if query.by is None:
        keyed = rows.mutate(place=bucket(rows.reviewed_at, calendar))
        found = {row["place"]: row for row in desk.warehouse.rows(_tallied(keyed, "place"))}
        over = calendar.complete(desk.now())
        groups = [_group(calendar.label(i), found.get(i), over[i]) for i in range(len(calendar))]
    else:
        keyed = rows.mutate(key=rows[_COLUMNS[query.by]].nullif("").fill_null(NONE))
        named = _tallied(keyed, "key")
        ordered = named.order_by(named.reviews.desc(), named.key).limit(query.limit)
        groups = [_group(row["key"], row, end <= desk.now()) for row in desk.warehouse.rows(ordered)]
    whole = desk.warehouse.rows(_tallied(rows.mutate(one=ibis.literal(1)), "one"))
    total = _group("(all)", whole[0] if whole else None, end <= desk.now())
    return ReviewAnswer(query.by, query.unit, query.period.start_on, query.period.last_on, tuple(groups), total)


def table(found: ReviewAnswer) -> pa.Table:
    """One row per group."""
    rows = tuple(
        (
            one.key,
            one.reviews,
            one.rating,
            one.bad,
            one.bad_share,
            one.scored,
            one.sentiment,
            one.negative,
            one.negative_share,
            one.complete,
        )
        for one in found.groups
    )
    return arrow(
        Table(
            (
                found.by or "bucket",
                "reviews",
                "rating",
                "bad",
                "bad_share",
                "scored",
                "sentiment",
                "negative",
                "negative_share",
                "complete",
            ),
            rows,
        )
    )


def customers(desk: Desk, query: ReviewQuery, cell: Mapping[str, Any]) -> ir.Table:
    """Who wrote the reviews of `{bucket}` or `{group}`."""
    given = told.object_of(cell, "cell", ("bucket", "group"))
    rows = _rows(desk, days_of_cell(desk, query.period, query.unit, given))
    if given.get("group") is not None and query.by is not None:
        column, group = rows[_COLUMNS[query.by]].nullif(""), told.text(given["group"], "cell.group")
        rows = rows.filter(column.isnull() if group == NONE else column == group)
    return rows.filter(rows.customer_id.notnull()).select("customer_id")


def _all(desk: Desk) -> Period:
    rows = _mine(desk)
    newest = desk.warehouse.value(rows.aggregate(last_at=rows.reviewed_at.max()))
    last_on = local_day(desk.as_of() if newest is None else newest.replace(tzinfo=desk.now().tzinfo), desk.shop.timezone)
    return Period.between(add_months(last_on.replace(day=1), -11), last_on)


def _mine(desk: Desk) -> ir.Table:
    rows = unbound("reviews")
    return _of_products(desk, rows.filter(rows.shop_id == desk.shop.shop_id, rows.reviewed_at.notnull()))


def _of_products(desk: Desk, rows: ir.Table) -> ir.Table:
    """Reviews whose file names no category are of their product's."""
    products = unbound("products")
    known = products.filter(products.shop_id == desk.shop.shop_id).select(known_id="product_id", known_category="category")
    joined = rows.left_join(known, rows.product_id == known.known_id)
    return joined.mutate(category=ibis.coalesce(joined.category.nullif(""), joined.known_category))


def _rows(desk: Desk, period: Period) -> ir.Table:
    start, end = period.instants(desk.shop.timezone)
    rows = _mine(desk)
    return rows.filter(rows.reviewed_at >= instant(start), rows.reviewed_at < instant(end))


def _tallied(rows: ir.Table, key: str) -> ir.Table:
    rating = rows.rating.cast("float64")
    return rows.group_by(key).aggregate(
        reviews=rows.count(),
        rating=rating.mean(),
        rated=rating.count(),
        scored=rows.sentiment.count(),
        sentiment=rows.sentiment.mean(),
        negative=(rows.sentiment < BAD_BELOW).fill_null(False).cast("int64").sum(),
        bad=(rating <= _BAD_UP_TO).fill_null(False).cast("int64").sum(),
    )


def _group(key: str, row: Mapping[str, Any] | None, complete: bool) -> ReviewGroup:
    if row is None:
        return ReviewGroup(key, 0, None, 0, None, 0, None, 0, None, complete)
    rated, bad = int(row["rated"]), int(row["bad"])
    rating = None if row["rating"] is None else round(float(row["rating"]), 4)
    scored, negative = int(row["scored"]), int(row["negative"])
    mood = None if row["sentiment"] is None else round(float(row["sentiment"]), 4)
    bad_share = round(bad / rated, 4) if rated else None
    negative_share = round(negative / scored, 4) if scored else None
    return ReviewGroup(key, int(row["reviews"]), rating, bad, bad_share, scored, mood, negative, negative_share, complete)


REVIEWS = Report("reviews", read, answer, table, customers, {"interval": "month"})
