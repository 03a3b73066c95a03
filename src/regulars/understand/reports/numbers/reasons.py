"""The report `reasons`: why money was given back, of what bad reviews and tickets complain; the most frequent first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from regulars.errors import NotEnoughData
from regulars.events.reasons import REASONS as CODES
from regulars.events.reasons import reason_of
from regulars.understand import metrics
from regulars.understand.questions import Desk, Report, told
from regulars.understand.reports.numbers.days import arrow, days_of
from regulars.values.csv import Table
from regulars.values.money import Money
from regulars.values.periods import Period, add_months
from regulars.values.zones import local_day
from regulars.warehouse import json_text, unbound

Of = Literal["refunds", "reviews", "tickets"]
#: How many different wordings of tickets are told apart.
_MOST_WORDINGS = 5_000
_MISSING = {
    "refunds": "load orders with a column of the reason (`refund reason`, 退款原因), or send `Order Refunded` with `reason`",
    "reviews": "load reviews with their words, in Chinese or English",
    "tickets": "send `Ticket Opened` with `reason`, or load such events from a file",
}


@dataclass(frozen=True, slots=True)
class ReasonsQuery:
    """Reasons of what, in which days."""

    of: Of
    period: Period


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason, beside the time before. A review may name several."""

    code: str
    count: int  # refunded lines, reviews or tickets
    share: float | None  # of all that name a reason
    amount: Money | None  # given back; of refunds only
    previous: int
    change: float | None


@dataclass(frozen=True, slots=True)
class ReasonsAnswer:
    """Reasons, the most frequent first."""

    of: Of
    currency: str
    first_on: date
    last_on: date
    reasons: tuple[Reason, ...]
    told: int  # how many name a reason
    untold: int  # how many name none: refunds and tickets without a reason, complaints without a known word


def read(desk: Desk, question: Mapping[str, Any]) -> ReasonsQuery:
    """`{of: "refunds" | "reviews" | "tickets", range?}`; without a range the twelve months up to the newest."""
    given = told.object_of(question, "question", ("of", "range"))
    of: Of = told.choice(given.get("of", "refunds"), "of", tuple(_MISSING))  # type: ignore[assignment]
    return ReasonsQuery(of, days_of(desk, given) or _latest(desk, of))


def answer(desk: Desk, query: ReasonsQuery) -> ReasonsAnswer:
    """Counts by code, beside the period of equal length before."""
    currency = metrics.data_span(desk.warehouse, desk.shop).currency
    now, amounts, of_all = _counts(desk, query.of, query.period)
    before, _, _ = _counts(desk, query.of, query.period.previous())
    if not now and not before and not desk.warehouse.rows(_said(desk, query.of).limit(1)):
        raise NotEnoughData(f"no reason of {query.of} was told", mend=_MISSING[query.of], code=f"no_reasons_of_{query.of}")
    untold = of_all.pop("", 0)
    naming = of_all.pop("(named)", sum(now.values()))
    reasons = tuple(
        Reason(
            code,
            now[code],
            metrics.ratio(now[code], naming),
            Money(amounts[code], currency) if query.of == "refunds" else None,
            before.get(code, 0),
            metrics.change(now[code], before.get(code, 0)),
        )
        for code in sorted(now, key=lambda code: (code == "other", -now[code], code))
    )
    return ReasonsAnswer(query.of, currency, query.period.start_on, query.period.last_on, reasons, naming, untold)


def table(found: ReasonsAnswer) -> pa.Table:
    """One row per reason."""
    names = ("count", "share", *(("amount",) if found.of == "refunds" else ()), "previous", "change")
    rows = tuple((one.code, *(getattr(one, name) for name in names)) for one in found.reasons)
    return arrow(Table(("reason", *names), rows))


def customers(desk: Desk, query: ReasonsQuery, cell: Mapping[str, Any]) -> ir.Table:
    """Who gave the reason `{reason}`, or any."""
    given = told.object_of(cell, "cell", ("reason",))
    rows = _said(desk, query.of, query.period)
    if given.get("reason") is not None:
        code = told.choice(given["reason"], "cell.reason", tuple(CODES))
        if query.of == "tickets":
            words = [row["reason"] for row in desk.warehouse.rows(rows.select("reason").distinct().limit(_MOST_WORDINGS))]
            rows = rows.filter(rows.reason.isin([one for one in words if reason_of(one) == code]))
        else:
            rows = rows.filter(_names(rows, code))
    return rows.filter(rows.customer_id.notnull()).select("customer_id")


def _counts(desk: Desk, of: Of, period: Period) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    """Per code how many and what amount; and how many name none (under "") or at least one (under "(named)")."""
    rows = _all(desk, of, period)
    counts: dict[str, int] = {}
    amounts: dict[str, int] = {}
    others: dict[str, int] = {}
    if of == "reviews":
        sums = {code: _names(rows, code).cast("int64").sum() for code in CODES if code != "other"}
        found = desk.warehouse.rows(rows.aggregate(**sums, named=rows.reason.count(), every=rows.count()))[0]
        counts = {code: int(found[code] or 0) for code in sums if found[code]}
        return counts, {}, {"": int(found["every"]) - int(found["named"]), "(named)": int(found["named"])}
    grouped = rows.group_by("reason").aggregate(n=rows.count(), amount=rows.amount.sum())
    for row in desk.warehouse.rows(grouped.order_by(grouped.n.desc()).limit(_MOST_WORDINGS)):
        code = reason_of(row["reason"])
        if code is None:
            others[""] = others.get("", 0) + int(row["n"])
        else:
            counts[code] = counts.get(code, 0) + int(row["n"])
            amounts[code] = amounts.get(code, 0) + int(row["amount"] or 0)
    return counts, amounts, others


def _names(rows: ir.Table, code: str) -> ir.BooleanValue:
    """Whether a row's codes, joined by commas, hold one."""
    held: ir.BooleanValue = (ibis.literal(",") + rows.reason + ibis.literal(",")).contains(f",{code},")
    return held


def _said(desk: Desk, of: Of, period: Period | None = None) -> ir.Table:
    rows = _all(desk, of, period)
    return rows.filter(rows.reason.notnull())


def _all(desk: Desk, of: Of, period: Period | None) -> ir.Table:
    """Columns `customer_id`, `reason`, `amount` and `at`: refunds, complaining reviews, or tickets at their first opening."""
    shop_id = desk.shop.shop_id
    if of == "refunds":
        table = unbound("refunds")
        rows = table.filter(table.shop_id == shop_id).select(
            "customer_id", "reason", amount=table.amount_minor, at=table.refunded_at
        )
    elif of == "reviews":
        table = unbound("reviews")
        stars = table.rating.cast("float64")
        bad = (stars <= 2) | table.topics.notnull()
        rows = table.filter(table.shop_id == shop_id, table.reviewed_at.notnull(), bad).select(
            "customer_id", reason=table.topics, amount=ibis.literal(0, "int64"), at=table.reviewed_at
        )
    else:
        table = unbound("events")
        table = table.filter(table.shop_id == shop_id, table.event == "Ticket Opened", ~table.is_bot)
        given = ibis.coalesce(*(json_text(table.properties, name).nullif("") for name in ("reason", "category", "topic")))
        rows = table.select("customer_id", reason=given, amount=ibis.literal(0, "int64"), at=table.timestamp)
    if period is None:
        return rows
    start, end = period.instants(desk.shop.timezone)
    return metrics.within(rows, rows.at, start, end)


def _latest(desk: Desk, of: Of) -> Period:
    rows = _all(desk, of, None)
    newest: datetime | None = desk.warehouse.value(rows.aggregate(last_at=rows.at.max()))
    last = desk.as_of() - timedelta(microseconds=1) if newest is None else newest.replace(tzinfo=desk.now().tzinfo)
    last_on = local_day(last, desk.shop.timezone)
    return Period.between(add_months(last_on.replace(day=1), -11), last_on)


REASONS = Report("reasons", read, answer, table, customers, {"of": "refunds"})
