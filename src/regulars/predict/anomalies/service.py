"""The verbs of the anomalies room: watch every metric, answer an alarm, list them, and say why a metric changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, get_args

from sqlalchemy import RowMapping, insert, select, update

from regulars.access import audit
from regulars.errors import InvalidInput, NotEnoughData, NotFound
from regulars.events import AnomalyFound
from regulars.predict.anomalies import receivers
from regulars.predict.anomalies.answers import Anomaly, AnomalyList, NotWatched, State
from regulars.predict.anomalies.bases import BASES
from regulars.predict.anomalies.causes import root_cause
from regulars.predict.anomalies.tables import anomaly
from regulars.predict.anomalies.watching import NOT_WATCHED, USUAL_DAYS, Alarm, alarms
from regulars.predict.forecast import value_of
from regulars.understand.metrics import METRICS
from regulars.values import clock
from regulars.values.ids import new_id
from regulars.values.money import Money
from regulars.values.periods import Period
from regulars.warehouse import Warehouse

if TYPE_CHECKING:
    from regulars.access import Shop
    from regulars.access.domain import Caller
    from regulars.records import Records, UnitOfWork

__all__ = ["MUTED_DAYS", "answer", "get", "keep", "listing", "receivers", "report", "root_cause", "watch"]

#: A metric that was muted raises no alarm for so many days.
MUTED_DAYS = 14
_LONGEST = 400


def watch(records: Records, warehouse: Warehouse, shop: Shop, last_on: date | None = None) -> list[Anomaly]:
    """Look at the last whole day of every metric, keep and tell new alarms with their causes; a day looked at again tells nothing new."""
    raised = list(alarms(warehouse, shop, last_on))
    with records.reading() as uow:
        fresh = [one for one in raised if not _known(uow, shop.shop_id, one)]
    why = [_why(warehouse, shop, one) for one in fresh]
    with records.unit() as uow:
        kept = [keep(uow, shop.shop_id, one, causes) for one, causes in zip(fresh, why, strict=True)]
    return [one for one in kept if one is not None]


def keep(uow: UnitOfWork, shop_id: str, one: Alarm, causes: Mapping[str, Sequence[str]]) -> Anomaly | None:
    """Keep an alarm and tell it: the event, and whoever wants to be told. None: it is known already, or its metric is muted."""
    if _known(uow, shop_id, one):
        return None
    row: dict[str, Any] = {name: getattr(one, name) for name in Alarm.__dataclass_fields__}
    told = {language: list(lines) for language, lines in causes.items()}
    row |= {"anomaly_id": new_id("anom"), "shop_id": shop_id, "causes": told, "state": "open", "found_at": clock.now()}
    uow.execute(insert(anomaly).values(**row))
    uow.tell(
        AnomalyFound(
            shop_id=shop_id, anomaly_id=row["anomaly_id"], metric=one.metric, day=one.day, direction=one.direction,
            level=one.level, effect_minor=round(one.effect_minor), currency=one.currency,
        )
    )  # fmt: skip
    receivers.plan(uow, shop_id, row["anomaly_id"], one.level)
    return get(uow, shop_id, row["anomaly_id"])


def _known(uow: UnitOfWork, shop_id: str, one: Alarm) -> bool:
    """Whether that day's alarm is kept already, the day before's still says it, or the metric is muted."""
    rows = uow.rows(
        select(anomaly.c.day, anomaly.c.direction, anomaly.c.muted_until).where(
            anomaly.c.shop_id == shop_id, anomaly.c.metric == one.metric, anomaly.c.day >= one.day - timedelta(days=2 * MUTED_DAYS)
        )
    )
    return any(
        row["day"] == one.day
        or (row["muted_until"] is not None and row["muted_until"] >= one.day)
        or (row["direction"] == one.direction and timedelta(0) < one.day - row["day"] <= timedelta(days=2))
        for row in rows
    )


def _why(warehouse: Warehouse, shop: Shop, one: Alarm) -> dict[str, list[str]]:
    """The causes in sentences: the two last days against the same days of the four weeks before."""
    if one.metric not in BASES:
        return {"en": [], "zh": []}
    last = Period(one.day - timedelta(days=1), one.day + timedelta(days=1))
    try:
        found = root_cause(warehouse, shop, one.metric, last, Period(last.start_on - timedelta(days=USUAL_DAYS), last.start_on))
    except NotEnoughData:
        return {"en": [], "zh": []}
    return {language: list(lines) for language, lines in found.text.items()}


def listing(
    uow: UnitOfWork, shop_id: str, *, state: State | None = None, since: date | None = None, limit: int = 100
) -> list[Anomaly]:
    """Alarms, the newest day first, the most money first within a day."""
    wanted = select(anomaly).where(anomaly.c.shop_id == shop_id)
    if state is not None:
        wanted = wanted.where(anomaly.c.state == state)
    if since is not None:
        wanted = wanted.where(anomaly.c.day >= since)
    rows = uow.rows(wanted.order_by(anomaly.c.day.desc(), anomaly.c.metric).limit(limit))
    return sorted((_of(row) for row in rows), key=lambda one: (-one.day.toordinal(), -abs(one.effect.minor), one.metric))


def report(
    uow: UnitOfWork, shop_id: str, *, state: State | None = None, since: date | None = None, limit: int = 100
) -> AnomalyList:
    """Alarms, and what raises none and why."""
    still = tuple(NotWatched(metric, {"en": why[0], "zh": why[1]}) for metric, why in NOT_WATCHED.items())
    return AnomalyList(tuple(listing(uow, shop_id, state=state, since=since, limit=limit)), still)


def get(uow: UnitOfWork, shop_id: str, anomaly_id: str) -> Anomaly:
    """One alarm.

    Raises
    ------
    NotFound : there is none of that id.
    """
    row = uow.one(select(anomaly).where(anomaly.c.shop_id == shop_id, anomaly.c.anomaly_id == anomaly_id))
    if row is None:
        raise NotFound(f"there is no alarm '{anomaly_id[:60]}'", mend="list them with `GET /v1/anomalies`", code="no_such_anomaly")
    return _of(row)


def answer(
    uow: UnitOfWork,
    caller: Caller,
    shop_id: str,
    anomaly_id: str,
    *,
    state: Literal["open", "acknowledged", "expected", "muted"],
    because: str = "",
) -> Anomaly:
    """Acknowledge an alarm, say that it was expected and why, mute its metric for 14 days, or open it again.

    Raises
    ------
    InvalidInput : an unknown state, or something expected without a reason.
    """
    caller.demand("manage_reports")
    before = get(uow, shop_id, anomaly_id)
    if state not in get_args(State):
        raise InvalidInput(f"'{state}' is no answer", mend=f"use one of {', '.join(get_args(State))}", code="bad_state")
    because = because.strip()
    if len(because) > _LONGEST or (state == "expected" and not because):
        raise InvalidInput("why was it expected?", mend=f"give a reason of 1 to {_LONGEST} characters", code="no_reason")
    at: datetime = clock.now()
    uow.execute(
        update(anomaly)
        .where(anomaly.c.anomaly_id == before.anomaly_id)
        .values(
            state=state,
            because=because or None,
            muted_until=before.day + timedelta(days=MUTED_DAYS) if state == "muted" else None,
            said_by=caller.id if caller.kind == "operator" else f"{caller.kind}:{caller.id}",
            said_at=at,
        )
    )
    audit.record(
        uow,
        caller,
        "anomaly.answered",
        before.anomaly_id,
        before={"state": before.state},
        after={"state": state, "because": because},
        shop_id=shop_id,
    )
    return get(uow, shop_id, anomaly_id)


def _of(row: RowMapping) -> Anomaly:
    unit = METRICS[row["metric"]].unit

    def value(name: str) -> Any:
        return value_of(float(row[name]), unit, row["currency"])

    return Anomaly(
        anomaly_id=row["anomaly_id"],
        metric=row["metric"],
        unit=unit,
        day=row["day"],
        direction=row["direction"],
        level=row["level"],
        value=value("value"),
        expected=value("expected"),
        low=value("low"),
        high=value("high"),
        effect=Money(round(row["effect_minor"]), row["currency"]),
        causes={language: tuple(lines) for language, lines in row["causes"].items()},
        state=row["state"],
        because=row["because"],
        muted_until=row["muted_until"],
        said_by=row["said_by"],
        said_at=row["said_at"],
        found_at=row["found_at"],
    )
