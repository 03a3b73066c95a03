"""The verbs of the funnels room: the funnel, its conversion over time, and the times between steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np

from regulars.understand.funnels import fast
from regulars.understand.funnels.domain import (
    FunnelAnswer,
    FunnelGroup,
    FunnelQuery,
    StepFigures,
    TimeAnswer,
    TimeQuery,
    TrendAnswer,
    TrendQuery,
    TrendRow,
)
from regulars.understand.funnels.fast import Figures
from regulars.understand.funnels.queries.figures import by_step, deepest_only, entered_and_converted, who_by_bucket
from regulars.understand.funnels.queries.outcomes import outcomes
from regulars.understand.questions import OTHER, READ, Calendar, Desk, told


def funnel(desk: Desk, query: FunnelQuery, *, general: bool = False) -> FunnelAnswer:
    """How many customers came to each step, and how long they took.

    An attempt starts at an event that matches step 1; each next step is the earliest later event that matches it, at most
    `window` after step 1. A customer counts in step k if the deepest attempt has k steps or more; times are those of the
    attempt that first came to the deepest step.

    Parameters
    ----------
    general : answer by the portable expression, also where the engine offers a faster way.
    """
    as_of = desk.as_of()
    whole = _steps(query, _whole(desk, query, general=general))
    lost = [(1 - step.share_of_previous, -step.step) for step in whole[1:] if step.share_of_previous is not None]
    return FunnelAnswer(
        shop_id=desk.shop.shop_id,
        timezone=desk.shop.timezone,
        as_of=as_of,
        range=query.range,
        complete=_over(query, query.range.end) <= as_of,
        steps=whole,
        groups=() if query.breakdown is None else _groups(desk, query, general=general),
        worst_step=-max(lost)[1] if lost else None,
    )


def funnel_trend(desk: Desk, query: TrendQuery, *, general: bool = False) -> TrendAnswer:
    """Of the customers who entered in each bucket, how many have a complete attempt that starts there."""
    calendar = desk.calendar(query.funnel.range, query.interval)
    found = desk.warehouse.cached(
        ("funnel_trend", query, calendar, general), lambda: _conversions(desk, query, calendar, general=general), of=READ
    )
    as_of = desk.as_of()
    made = []
    for i in range(len(calendar)):
        entered, converted = found.get(i, (0, 0))
        rate = round(100 * converted / entered, 2) if entered else 0.0
        over = _over(query.funnel, calendar.starts[i + 1]) <= as_of
        made.append(TrendRow(calendar.label(i), entered, converted, rate, over))
    return TrendAnswer(desk.shop.shop_id, desk.shop.timezone, as_of, query.interval, tuple(made))


def funnel_time(desk: Desk, query: TimeQuery, *, general: bool = False) -> TimeAnswer:
    """How many customers took how long from one step to another; bins of whole seconds, the last one with its right end."""
    seconds = desk.warehouse.cached(("funnel_time", query, general), lambda: _seconds(desk, query, general=general), of=READ)
    width, bins = 0, []
    if len(seconds):
        low, high = float(seconds.min()), float(seconds.max())
        width = max(int(np.ceil((high - low) / query.bins)), 1)
        place = np.minimum((seconds - low) // width, query.bins - 1).astype(int)
        counts = np.bincount(place, minlength=query.bins)
        bins = [(low + i * width, int(counts[i])) for i in range(query.bins)]
    return TimeAnswer(
        shop_id=desk.shop.shop_id,
        as_of=desk.as_of(),
        from_step=query.from_step,
        to_step=query.to_step,
        customers=len(seconds),
        average_seconds=float(seconds.mean()) if len(seconds) else None,
        median_seconds=float(np.median(seconds)) if len(seconds) else None,
        bin_seconds=width,
        bins=tuple(bins),
    )


def customers_at(desk: Desk, query: FunnelQuery, cell: Mapping[str, Any]) -> ir.Table:
    """Who is behind a cell: `step`, optionally `lost` (true: those who came to the step before and not to this one) and `group`."""
    given = told.object_of(cell, "cell", ("step", "lost", "group"))
    step = told.whole(given.get("step", 1), "cell.step", 1, query.count)
    found = outcomes(query)
    if query.breakdown is not None and given.get("group") is not None:
        largest = _largest(desk, query)
        group = told.text(given["group"], "cell.group")
        inside = found.value == group if group in largest else ~found.value.isin(largest)
        found = found.filter(inside if group in largest or group == OTHER else ibis.literal(False))
    if given.get("lost") is True:
        return found.filter(found.depth == step - 1).select("customer_id").distinct()
    return found.filter(found.depth >= step).select("customer_id").distinct()


def customers_in_time(desk: Desk, query: TimeQuery, cell: Mapping[str, Any]) -> ir.Table:
    """Who took from `from_seconds` to less than `to_seconds`, or anyone who came that far."""
    given = told.object_of(cell, "cell", ("from_seconds", "to_seconds"))
    found = outcomes(replace(query.funnel, breakdown=None))
    found = found.filter(found.depth >= query.to_step)
    took = found[f"t{query.to_step}"] - found[f"t{query.from_step}"]
    if given.get("from_seconds") is not None:
        found = found.filter(took >= int(float(given["from_seconds"]) * 1_000_000))
    if given.get("to_seconds") is not None:
        found = found.filter(took < int(float(given["to_seconds"]) * 1_000_000))
    return found.select("customer_id")


def customers_in_trend(desk: Desk, query: TrendQuery, cell: Mapping[str, Any]) -> ir.Table:
    """Who entered in a bucket (`bucket`, its label; `converted`: true for those with a complete attempt, false for the others)."""
    given = told.object_of(cell, "cell", ("bucket", "converted"))
    calendar = desk.calendar(query.funnel.range, query.interval)
    labels = calendar.labels()
    label = told.choice(given.get("bucket"), "cell.bucket", labels)
    number = labels.index(label)
    entered, converted = who_by_bucket(query, calendar)
    ins = entered.filter(entered.bucket == number).select("customer_id")
    outs = converted.filter(converted.bucket == number).select("customer_id")
    if given.get("converted") is None:
        return ins
    return ins.semi_join(outs, "customer_id") if given["converted"] else ins.anti_join(outs, "customer_id")


def _whole(desk: Desk, query: FunnelQuery, *, general: bool) -> list[Figures]:
    """Of everybody, whatever the breakdown."""
    plain = replace(query, breakdown=None)
    if not general and fast.offered(desk.warehouse):
        return desk.warehouse.cached(("funnel.fast", plain), lambda: fast.figures(desk.warehouse, plain), of=READ)
    return desk.warehouse.cached(("funnel", plain), lambda: _general(desk, plain), of=READ)


def _general(desk: Desk, query: FunnelQuery) -> list[Figures]:
    found = outcomes(query).mutate(value=ibis.literal("all"))
    rows = {int(row["k"]): row for row in desk.warehouse.rows(by_step(found, query.count))}
    return [_of(rows.get(k)) for k in range(1, query.count + 1)]


def _conversions(desk: Desk, query: TrendQuery, calendar: Calendar, *, general: bool) -> dict[int, tuple[int, int]]:
    """By bucket who entered, and who has a complete attempt that starts there."""
    if not general and fast.offered(desk.warehouse):
        entered, converted = fast.conversions(desk.warehouse, replace(query.funnel, breakdown=None), calendar.microseconds)
        return dict(enumerate(zip(entered.tolist(), converted.tolist(), strict=True)))
    rows = desk.warehouse.rows(entered_and_converted(query, calendar))
    return {int(row["bucket"]): (int(row["entered"]), int(row["converted"])) for row in rows}


def _groups(desk: Desk, query: FunnelQuery, *, general: bool) -> tuple[FunnelGroup, ...]:
    """The largest by customers at step 1, the others together, in order of size, then name."""
    found: dict[str, list[Figures]] | None = None
    if not general and fast.offered_groups(desk.warehouse, query):
        found = desk.warehouse.cached(("funnel.groups.fast", query), lambda: fast.groups(desk.warehouse, query), of=READ)
    if found is None:
        found = _general_groups(desk, query)
    groups = [FunnelGroup(value, _steps(query, figures)) for value, figures in found.items()]
    return tuple(sorted(groups, key=lambda group: (-group.steps[0].customers, group.value)))


def _general_groups(desk: Desk, query: FunnelQuery) -> dict[str, list[Figures]]:
    largest = _largest(desk, query)
    found = outcomes(query)
    found = found.mutate(value=ibis.cases((found.value.isin(largest), found.value), else_=OTHER)) if largest else found
    assert query.breakdown is not None
    if query.breakdown.attribution == "all_events":
        found = deepest_only(found, query.count)
    rows = desk.warehouse.cached(
        ("funnel.groups", query, tuple(largest)), lambda: desk.warehouse.rows(by_step(found, query.count)), of=READ
    )
    by_value: dict[str, dict[int, Any]] = {}
    for row in rows:
        by_value.setdefault(row["value"], {})[int(row["k"])] = row
    return {value: [_of(steps.get(k)) for k in range(1, query.count + 1)] for value, steps in by_value.items()}


def _largest(desk: Desk, query: FunnelQuery) -> list[str]:
    assert query.breakdown is not None
    found = outcomes(query)
    sizes = found.group_by("value").aggregate(customers=found.count())
    limit = query.breakdown.limit
    top = sizes.order_by([sizes.customers.desc(), sizes["value"].asc()]).limit(limit)
    rows = desk.warehouse.cached(("funnel.sizes", query), lambda: desk.warehouse.rows(top), of=READ)
    return [row["value"] for row in rows]


def _steps(query: FunnelQuery, figures: Sequence[Figures]) -> tuple[StepFigures, ...]:
    made = []
    first = figures[0][0]
    for k, (customers, mean, median) in enumerate(figures, start=1):
        before = figures[k - 2][0] if k > 1 else customers
        made.append(
            StepFigures(
                step=k,
                name=query.steps[k - 1].shown,
                customers=customers,
                share_of_first=customers / first if first else None,
                share_of_previous=customers / before if before else None,
                lost=before - customers,
                avg_seconds_from_previous=None if mean is None or k == 1 else mean / 1_000_000,
                median_seconds_from_previous=None if median is None or k == 1 else median / 1_000_000,
            )
        )
    return tuple(made)


def _of(row: Mapping[str, Any] | None) -> Figures:
    if row is None or not row["middles"]:
        return (0 if row is None else int(row["customers"]), None, None)
    return int(row["customers"]), int(row["total"]) / int(row["customers"]), int(row["middle"]) / int(row["middles"])


def _seconds(desk: Desk, query: TimeQuery, *, general: bool) -> np.ndarray[Any, np.dtype[np.float64]]:
    if not general and fast.offered(desk.warehouse):
        return fast.waits(desk.warehouse, replace(query, funnel=replace(query.funnel, breakdown=None))) / 1_000_000
    found = outcomes(replace(query.funnel, breakdown=None))
    found = found.filter(found.depth >= query.to_step)
    took = desk.warehouse.query(found.select(took=found[f"t{query.to_step}"] - found[f"t{query.from_step}"]))
    return np.asarray(took["took"].to_numpy(), dtype=np.float64) / 1_000_000


def _over(query: FunnelQuery, end: datetime | None) -> datetime:
    """When nobody can convert any more who entered before `end`."""
    assert end is not None
    return end if query.scope == "in_range" else end + timedelta(microseconds=query.window.microseconds)
