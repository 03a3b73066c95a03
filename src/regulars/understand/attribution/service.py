"""The verb of attribution: every model's credits side by side, and the customers behind each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import ibis.expr.types as ir
import pyarrow as pa

from regulars.understand.attribution import fast, queries
from regulars.understand.attribution.domain import MODELS, AttributionAnswer, AttributionQuery, By, Credit, Credited, Model
from regulars.understand.metrics import data_span, ratio
from regulars.understand.questions import NONE, OTHER, READ, Desk, Report, told

_FIELDS = (
    *told.COMMON, "range", "model", "by", "lookback_days", "half_life_days", "touch_event", "conversion_event", "limit"
)  # fmt: skip
_LONGEST_DAYS = 366


def read(desk: Desk, question: Mapping[str, Any]) -> AttributionQuery:
    """`{model, by, lookback_days, half_life_days, touch_event, conversion_event, range, limit}`."""
    given = told.object_of(question, "question", _FIELDS)
    model: Model = told.choice(given.get("model", "last_non_direct"), "model", MODELS)  # type: ignore[assignment]
    touch = None if given.get("touch_event") is None else told.event_filter(given["touch_event"], "touch_event")
    conversion = None
    if given.get("conversion_event") is not None:
        conversion = told.event_filter(given["conversion_event"], "conversion_event")
    by = given.get("by", "channel")
    if isinstance(by, Mapping):
        if touch is None:
            raise told.wrong("by", "visits have no other properties", f"give one of {', '.join(get_args(By))}, or a `touch_event`")
        by = told.prop({"key": by["prop"]} if "prop" in by else by, "by")
    else:
        by = told.choice(by, "by", get_args(By))
    asked = told.asked(given, desk.base)
    if any(one.on == "event" for one in asked.where) and (touch is None or conversion is None):
        raise told.wrong(
            "where",
            "visits and orders have no properties of events",
            'give `touch_event` and `conversion_event`, or conditions with "on": "customer"',
        )
    half_life = given.get("half_life_days", 7)
    if isinstance(half_life, bool) or not isinstance(half_life, (int, float)) or not 0 < half_life <= _LONGEST_DAYS:
        raise told.wrong("half_life_days", f"{half_life!r} is no number of days", f"give more than 0 and at most {_LONGEST_DAYS}")
    currency = desk.shop.currency
    if conversion is None:
        currency = data_span(desk.warehouse, desk.shop).currency
    return AttributionQuery(
        asked=asked,
        moments=told.moments(given.get("range"), "range", desk.shop.timezone),
        by=by,
        model=model,
        lookback_days=told.whole(given.get("lookback_days", 30), "lookback_days", 1, _LONGEST_DAYS),
        half_life_days=float(half_life),
        currency=currency,
        touch_event=touch,
        conversion_event=conversion,
        limit=told.whole(given.get("limit", 100), "limit", 1, 1000),
    )


def attribution(desk: Desk, query: AttributionQuery, *, general: bool = False) -> AttributionAnswer:
    """How the revenue of the orders in the range is shared among the touches within the lookback before each.

    Parameters
    ----------
    general : answer by the portable expressions, also where the engine offers a faster way.

    Returns
    -------
    One row per channel (source, medium, campaign) with the credit of every model, the largest under the asked model first.
    "(none)" holds the orders nothing touched. Under each model the credits add up to `revenue_minor` exactly.
    """
    of = (*READ, "orders", "sessions")
    return desk.warehouse.cached(("attribution", query, general), lambda: _answer(desk, query, general=general), of=of)


def customers(desk: Desk, query: AttributionQuery, cell: Mapping[str, Any]) -> ir.Table:
    """Who is behind `{value}`, `{value, model}` (only those whose orders gave it credit), or all who ordered."""
    given = told.object_of(cell, "cell", ("value", "model"))
    model: Model | None = None
    if given.get("model") is not None:
        model = told.choice(given["model"], "cell.model", MODELS)  # type: ignore[assignment]
    value = None if given.get("value") is None else told.text(given["value"], "cell.value")
    if value == OTHER:
        raise told.wrong("cell.value", "small ones together cannot be opened", "ask again with a larger `limit`")
    return queries.behind(query, value, model)


def table(answer: AttributionAnswer) -> pa.Table:
    """One row per value and model."""
    rows = [
        {
            "value": row.value,
            "model": model,
            "revenue_minor": row.credit[model].revenue_minor,
            "currency": answer.currency,
            "conversions": row.credit[model].conversions,
            "touches": row.touches,
            "touched_conversions": row.touched_conversions,
            "customers": row.customers,
        }
        for row in answer.rows
        for model in answer.models
    ]
    kinds = {"value": pa.string(), "model": pa.string(), "currency": pa.string(), "conversions": pa.float64()}
    names = ("value", "model", "revenue_minor", "currency", "conversions", "touches", "touched_conversions", "customers")
    return pa.Table.from_pylist(rows, schema=pa.schema([(name, kinds.get(name, pa.int64())) for name in names]))


REPORT = Report(
    kind="attribution",
    read=read,
    answer=attribution,
    table=table,
    customers=customers,
    example={"model": "last_non_direct", "by": "channel", "lookback_days": 30},
)


def _figures(desk: Desk, query: AttributionQuery, *, general: bool) -> tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]:
    """Of all conversions, of those nothing touched, and by value."""
    quick = fast.sums(desk.warehouse, query) if not general and fast.offered(desk.warehouse) else None
    if quick is not None:
        every = {"conversions": quick.conversions, "customers": quick.customers, "minor": quick.minor}
        missed = {"conversions": quick.missed, "customers": quick.missed_customers, "minor": quick.missed_minor}
        return every, missed, quick.rows()
    every, missed = (desk.warehouse.rows(queries.totals(query, untouched=one))[0] for one in (False, True))
    return every, missed, desk.warehouse.rows(queries.by_value(query))


def _answer(desk: Desk, query: AttributionQuery, *, general: bool) -> AttributionAnswer:
    every, untouched, by_value = _figures(desk, query, general=general)
    revenue = int(every["minor"] or 0)
    rows = [
        Credited(
            value=row["value"],
            touches=int(row["touches"]),
            touched_conversions=int(row["conversions"]),
            customers=int(row["customers"]),
            credit={model: Credit(int(row[f"minor::{model}"]), round(float(row[f"share::{model}"]), 4)) for model in MODELS},
            share=ratio(int(row[f"minor::{query.model}"]), revenue),
        )
        for row in by_value
    ]
    rows.sort(key=lambda row: (-row.credit[query.model].revenue_minor, -row.touched_conversions, row.value))
    rows = _limited(rows, query, revenue)
    missed = int(untouched["conversions"] or 0)
    if missed:
        minor = int(untouched["minor"])
        credit = {model: Credit(minor, float(missed)) for model in MODELS}
        rows.append(Credited(NONE, 0, 0, int(untouched["customers"]), credit, ratio(minor, revenue)))
    end = query.moments.end
    conversions = int(every["conversions"] or 0)
    return AttributionAnswer(
        model=query.model,
        models=MODELS,
        currency=query.currency,
        conversions=conversions,
        customers=int(every["customers"]),
        revenue_minor=revenue,
        touched_conversions=conversions - missed,
        complete=end is not None and end <= desk.as_of(),
        rows=tuple(rows),
    )


def _limited(rows: list[Credited], query: AttributionQuery, revenue: int) -> list[Credited]:
    """The first rows, and the others as one; a customer of several of these is counted in each."""
    if len(rows) <= query.limit:
        return rows
    kept, rest = rows[: query.limit], rows[query.limit :]
    credit = {
        model: Credit(
            sum(row.credit[model].revenue_minor for row in rest), round(sum(row.credit[model].conversions for row in rest), 4)
        )
        for model in MODELS
    }
    touches, conversions, people = (
        sum(getattr(row, name) for row in rest) for name in ("touches", "touched_conversions", "customers")
    )
    share = ratio(credit[query.model].revenue_minor, revenue)
    return [*kept, Credited(OTHER, touches, conversions, people, credit, share)]
