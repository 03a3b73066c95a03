"""A run of the warning: everybody's probability, loss and level as of an instant, the reasons of the warned, and what changed.

The warehouse goes first: scores and the run in one transaction. The records follow: changes of level and the events that tell them, in
one transaction. A crash between the two is made up for by the next run, which finds the same changes untold.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from regulars.errors import InvalidInput
from regulars.events import ChurnScored, ChurnWarned
from regulars.predict.churn import feedback, keeping, service, warnings
from regulars.predict.churn.learning import Course
from regulars.predict.churn.levels import GONE, LEVELS, WARNING, Level, held, levels_of, upper_loss
from regulars.predict.churn.margins import MarginRate, margin_rate
from regulars.predict.churn.reasons import SYMPTOMS, Why, medians, reasons
from regulars.predict.churn.settings import settings
from regulars.predict.churn.surveys import stated, with_answer
from regulars.predict.churn.warnings import Change, Standing
from regulars.predict.snapshots import Snapshot
from regulars.understand.metrics import data_span, instant
from regulars.values import clock
from regulars.warehouse import TABLES, Warehouse, unbound
from regulars.warehouse.arrow import arrow_schema

if TYPE_CHECKING:
    from regulars.access import Shop
    from regulars.records import Records

log = logging.getLogger(__name__)

#: Runs before the newest whose warned customers are kept.
_RUNS_KEPT = 35


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What a run came to."""

    as_of: datetime
    horizon_days: int
    method: str
    version: int | None
    note: str
    customers: int
    green: int
    yellow: int
    orange: int
    red: int
    changes: int  # of level, told as `Churn Warned`
    is_newest: bool  # a run at an earlier cut-off than the newest changes no level and tells nothing


def score(records: Records, warehouse: Warehouse, shop: Shop, *, as_of: datetime | None = None, seed: int = 1) -> Scored:
    """Judge every customer who is still about; levels, reasons and changes.

    Parameters
    ----------
    as_of : aware; None takes the end of the data. Of an earlier instant the levels are those of that day by themselves, nothing is
        told, and no later order, nor a model that has seen one, is used.

    Raises
    ------
    NotEnoughData : nobody has ordered on two days, or fewer than ten customers have come back.
    InvalidInput : `as_of` lies after the data.
    """
    span = data_span(warehouse, shop)
    moment = _moment(span.as_of if as_of is None else as_of, span.as_of)
    newest_before = warnings.newest(warehouse, shop.shop_id)
    is_newest = newest_before is None or moment >= newest_before
    with records.reading() as uow:
        wished = settings(uow, shop, span.currency)
        strangers = feedback.no_customers(uow, shop.shop_id)
        standing = warnings.standing(uow, shop.shop_id) if is_newest else {}
        answers = feedback.answered(uow, shop.shop_id)
    horizon = wished.horizon_days or service.rhythm(warehouse, shop, moment).horizon_days
    course = Course(warehouse, shop, span, horizon, without=strangers)
    rate = margin_rate(warehouse, shop, moment, wished.margin_share)
    money = keeping.Money(rate, wished, span.currency)
    answering = keeping.answering(records, course, moment, money, seed=seed, newest=is_newest)
    snapshot = course.everybody(moment)
    p = answering.model.predict(snapshot)
    margin = money.margins(snapshot)
    loss = np.round(p * margin).astype(np.int64)
    today = warnings.run_day(moment, shop.timezone)
    levels, since = _levels(snapshot.customers, levels_of(p, loss, money.cuts(loss)), standing, today)
    warned = np.flatnonzero(levels > 0)
    some = replace(snapshot, table=snapshot.table.take(pa.array(warned)))
    names, values = answering.model.contributions(some) if len(warned) else ((), np.zeros((0, 0)))
    whys = dict(zip(warned.tolist(), reasons(names, values, some, medians(snapshot)), strict=True)) if len(warned) else {}
    rows_of = dict(zip(some.customers, warned.tolist(), strict=True))
    for customer, (group, days) in stated(warehouse, shop.shop_id, moment).items():
        row = rows_of.get(customer)
        if row is not None:
            whys[row] = with_answer(whys[row], group, days)
    found = _Found(snapshot, p, margin, loss, levels, since, whys)
    run = _run_row(found, moment, shop.shop_id, answering, horizon, rate)
    with warehouse.transaction():
        _put(warehouse, shop.shop_id, moment, _rows(found, shop.shop_id, moment, answers), run, is_newest=is_newest)
    changes = _changes(found, standing, strangers, span.currency) if is_newest else []
    with records.unit() as uow:
        told = warnings.note(uow, shop.shop_id, today, moment, changes)
        uow.tell_all([_event(shop.shop_id, moment, one) for one in told])
        if is_newest:
            keeping.note_drift(uow, shop.shop_id, answering, snapshot, today)
            uow.tell(ChurnScored(shop_id=shop.shop_id, as_of=moment, customers=len(p), warned=len(warned)))
    log.info("churn scored", extra={"shop_id": shop.shop_id, "customers": len(p), "warned": len(warned), "changes": len(told)})
    return Scored(
        as_of=moment,
        horizon_days=horizon,
        method=answering.model.method,
        version=answering.number,
        note=answering.note,
        customers=len(p),
        changes=len(told),
        is_newest=is_newest,
        **{level: int((levels == place).sum()) for place, level in enumerate(LEVELS)},
    )


@dataclass(frozen=True, slots=True)
class _Found:
    snapshot: Snapshot
    p: npt.NDArray[np.float64]
    margin: npt.NDArray[np.int64]
    loss: npt.NDArray[np.int64]
    levels: npt.NDArray[np.int64]  # places in LEVELS
    since: list[str]
    whys: Mapping[int, list[Why]]  # of the warned, by row


def _moment(asked: datetime, end: datetime) -> datetime:
    if asked.tzinfo is None:
        raise InvalidInput(f"{asked} has no time zone", mend="give an instant such as 2011-09-09T00:00:00Z", code="naive_instant")
    if asked > end:
        raise InvalidInput(
            f"{asked:%Y-%m-%d %H:%M} lies after the data, which ends at {end:%Y-%m-%d %H:%M} UTC",
            mend="take that or an earlier instant",
            code="after_the_data",
        )
    return asked.astimezone(UTC)


def _levels(
    customers: Sequence[str], fresh: npt.NDArray[np.int64], standing: Mapping[str, Standing], today: date
) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Levels after what stood before, and since when."""
    made, since = fresh.copy(), [today.isoformat()] * len(customers)
    if standing:
        for row, customer in enumerate(customers):
            before = standing.get(customer)
            if before is None:
                continue
            now: Level = held(LEVELS[fresh[row]], before.level, before.since, today)
            made[row] = LEVELS.index(now)
            if now == before.level:
                since[row] = before.since.isoformat()
    return made, since


def _rows(found: _Found, shop_id: str, moment: datetime, answers: Mapping[str, feedback.Answered]) -> pa.Table:
    customers = found.snapshot.customers
    order = np.lexsort((np.arange(len(customers)), -found.loss, -found.levels))
    place: list[int | None] = [None] * len(customers)
    number = 0
    for row in order.tolist():
        if found.levels[row] == 0:
            break
        answer = answers.get(customers[row])
        if answer is None or not answer.covers(LEVELS[found.levels[row]], found.since[row]):
            number += 1
            place[row] = number
    causes = [_cause(found.whys.get(row, [])) for row in range(len(customers))]
    plain = [
        json.dumps([why.plain() for why in found.whys[row]], separators=(",", ":")) if row in found.whys else "[]"
        for row in range(len(customers))
    ]
    size = len(customers)
    columns = {
        "shop_id": pa.repeat(pa.scalar(shop_id), size),
        "as_of": pa.repeat(pa.scalar(moment.replace(tzinfo=None), pa.timestamp("us")), size),
        "customer_id": pa.array(customers, pa.string()),
        "probability": pa.array(found.p, pa.float64()),
        "margin_minor": pa.array(found.margin, pa.int64()),
        "loss_minor": pa.array(found.loss, pa.int64()),
        "currency": pa.repeat(pa.scalar(found.snapshot.currency), size),
        "level": pa.array([LEVELS[place] for place in found.levels.tolist()], pa.string()),
        "since_on": pa.array(found.since, pa.string()),
        "place": pa.array(place, pa.int64()),
        "cause": pa.array(causes, pa.string()),
        "reasons": pa.array(plain, pa.string()),
    }
    return pa.table(columns, schema=arrow_schema(TABLES["churn_scores"]))


def _cause(whys: Sequence[Why]) -> str | None:
    return next((why.group for why in whys if why.group not in SYMPTOMS), None)


def _run_row(
    found: _Found, moment: datetime, shop_id: str, answering: keeping.Answering, horizon: int, rate: MarginRate
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "shop_id": shop_id,
        "as_of": moment.replace(tzinfo=None),
        "computed_at": clock.now().replace(tzinfo=None),
        "horizon_days": horizon,
        "method": answering.model.method,
        "version": answering.number,
        "currency": found.snapshot.currency,
        "average_order_minor": rate.average_order_minor,
        "upper_loss_minor": upper_loss(found.loss),
        "margin_share": rate.share,
        "margin_source": rate.source,
        "customers": len(found.p),
        "expected_leavers": float(found.p.sum()),
    }
    for place, level in enumerate(LEVELS):
        made[level] = int((found.levels == place).sum())
        made[f"{level}_loss_minor"] = int(found.loss[found.levels == place].sum())
    return made


def _put(warehouse: Warehouse, shop_id: str, moment: datetime, rows: pa.Table, run: Mapping[str, Any], *, is_newest: bool) -> None:
    """In the transaction that is open: this run in the place of one at the same instant, and less of the older ones."""
    here = instant(moment)
    for name in ("churn_scores", "churn_runs"):
        warehouse.delete(name, lambda t: (t.shop_id == shop_id) & (t.as_of == here))
    if is_newest:
        warehouse.delete("churn_scores", lambda t: (t.shop_id == shop_id) & (t.level == "green"))
    else:
        rows = rows.filter(pa.compute.not_equal(rows.column("level"), "green"))
    warehouse.append("churn_scores", rows)
    warehouse.append("churn_runs", pa.Table.from_pylist([dict(run)], schema=arrow_schema(TABLES["churn_runs"])))
    runs = unbound("churn_runs")
    asked = runs.filter(runs.shop_id == shop_id).order_by(runs.as_of.desc()).select("as_of")
    older = [row["as_of"].replace(tzinfo=UTC) for row in warehouse.rows(asked)][_RUNS_KEPT:]
    if older:
        warehouse.delete("churn_scores", lambda t: (t.shop_id == shop_id) & (t.as_of <= instant(older[0])))


def _changes(found: _Found, standing: Mapping[str, Standing], strangers: frozenset[str], currency: str) -> list[Change]:
    """Whose level is another than it stood; who was warned of and is not judged any more is gone."""
    made = []
    customers = found.snapshot.customers
    for row, customer in enumerate(customers):
        before = standing.get(customer)
        was, now = before.level if before else "green", LEVELS[found.levels[row]]
        if was != now:
            whys = found.whys.get(row, [])
            made.append(
                Change(
                    customer,
                    now,
                    was,
                    float(found.p[row]),
                    int(found.loss[row]),
                    currency,
                    _cause(whys),
                    [why.plain() for why in whys],
                )
            )
    there = set(customers)
    for customer, before in standing.items():
        if customer not in there and before.level in WARNING:
            level = "green" if customer in strangers else GONE
            made.append(Change(customer, level, before.level, None, None, currency, None, []))
    return made


def _event(shop_id: str, moment: datetime, one: Change) -> ChurnWarned:
    return ChurnWarned(
        shop_id=shop_id,
        customer_id=one.customer_id,
        level=one.level,
        previous=one.previous,
        as_of=moment,
        probability=None if one.probability is None else round(one.probability, 4),
        expected_loss_minor=one.loss_minor,
        currency=one.currency,
        cause=one.cause,
        reasons=tuple(why["group"] for why in one.reasons),
    )
