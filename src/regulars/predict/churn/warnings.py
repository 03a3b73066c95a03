"""What is on record of warnings: where every customer's level stands, and each change of it, once a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, func, insert, or_, select, update

from regulars.predict.churn.levels import WARNING
from regulars.predict.churn.tables import churn_feedback, churn_warning
from regulars.values.zones import local_day
from regulars.warehouse import Warehouse, unbound

if TYPE_CHECKING:
    from regulars.records import UnitOfWork

_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Standing:
    """A customer's level as it was told last."""

    level: str
    since: date


@dataclass(frozen=True, slots=True)
class Change:
    """A customer's level is another than it stood."""

    customer_id: str
    level: str
    previous: str
    probability: float | None
    loss_minor: int | None
    currency: str
    cause: str | None
    reasons: Sequence[Mapping[str, Any]]


def newest(warehouse: Warehouse, shop_id: str) -> datetime | None:
    """The cut-off of the newest run; None before the first."""
    runs = unbound("churn_runs")
    found = warehouse.value(runs.filter(runs.shop_id == shop_id).aggregate(as_of=runs.as_of.max()))
    return None if found is None else found.replace(tzinfo=UTC)


def run_day(as_of: datetime, zone: str) -> date:
    """The shop's local day that ends with, or holds, the last instant before a run's cut-off."""
    return local_day(datetime.fromtimestamp(as_of.timestamp() - 1, UTC), zone)


def standing(uow: UnitOfWork, shop_id: str) -> dict[str, Standing]:
    """Every customer whose level ever changed, with the last change."""
    mine = churn_warning.c.shop_id == shop_id
    days = select(churn_warning.c.customer_id, func.max(churn_warning.c.day).label("day")).where(mine)
    last = days.group_by(churn_warning.c.customer_id).subquery()
    both = and_(churn_warning.c.customer_id == last.c.customer_id, churn_warning.c.day == last.c.day)
    asked = select(churn_warning.c.customer_id, churn_warning.c.level, churn_warning.c.day).join(last, both).where(mine)
    return {row["customer_id"]: Standing(row["level"], row["day"]) for row in uow.rows(asked)}


def note(uow: UnitOfWork, shop_id: str, day: date, as_of: datetime, changes: Sequence[Change]) -> list[Change]:
    """Write the changes down that this day does not have yet, and return those."""
    if not changes:
        return []
    asked = select(churn_warning.c.customer_id).where(churn_warning.c.shop_id == shop_id, churn_warning.c.day == day)
    there = {row["customer_id"] for row in uow.rows(asked)}
    fresh = [one for one in changes if one.customer_id not in there]
    rows = [
        {
            "shop_id": shop_id, "day": day, "customer_id": one.customer_id, "named_as": one.customer_id, "level": one.level,
            "previous": one.previous, "as_of": as_of, "probability": one.probability, "loss_minor": one.loss_minor,
            "currency": one.currency, "cause": one.cause, "reasons": list(one.reasons),
        }
        for one in fresh
    ]  # fmt: skip
    for start in range(0, len(rows), _AT_ONCE):
        uow.execute(insert(churn_warning), rows[start : start + _AT_ONCE])
    return fresh


def history(uow: UnitOfWork, shop_id: str, customer_id: str, *, most: int = 50) -> list[Mapping[str, Any]]:
    """A customer's changes of level, newest first."""
    asked = select(churn_warning).where(churn_warning.c.shop_id == shop_id, churn_warning.c.customer_id == customer_id)
    return [dict(row) for row in uow.rows(asked.order_by(churn_warning.c.day.desc()).limit(most))]


def told(uow: UnitOfWork, shop_id: str) -> int:
    """How many times customers came to a warning level."""
    asked = select(func.count()).select_from(churn_warning)
    return int(uow.value(asked.where(churn_warning.c.shop_id == shop_id, churn_warning.c.level.in_(WARNING))) or 0)


def follow(uow: UnitOfWork, shop_id: str, changed: Mapping[str, str]) -> None:
    """What identity calls when ids change customer (`MERGERS`): changes and feedback go with the ids they were made under.

    Of two changes on one day the one of the customer that stays counts.
    """
    ids = sorted(changed)
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        for table in (churn_feedback, churn_warning):
            asked = select(table.c.named_as, table.c.customer_id).where(table.c.shop_id == shop_id, table.c.named_as.in_(some))
            for row in uow.rows(asked.distinct()):
                owner = changed[row["named_as"]]
                if owner == row["customer_id"]:
                    continue
                mine = (table.c.shop_id == shop_id, table.c.named_as == row["named_as"])
                if table is churn_warning:
                    taken = select(churn_warning.c.day).where(
                        churn_warning.c.shop_id == shop_id, churn_warning.c.customer_id == owner
                    )
                    days = [each["day"] for each in uow.rows(taken)]
                    if days:
                        uow.execute(delete(churn_warning).where(*mine, churn_warning.c.day.in_(days)))
                uow.execute(update(table).where(*mine).values(customer_id=owner))


def forget(uow: UnitOfWork, shop_id: str, customer_id: str, successor: str) -> int:
    """What privacy calls when somebody is erased (`ERASERS`): no warning and no feedback names them any more."""
    gone = 0
    for table in (churn_feedback, churn_warning):
        mine = or_(table.c.customer_id.in_([customer_id, successor]), table.c.named_as == customer_id)
        gone += uow.execute(delete(table).where(table.c.shop_id == shop_id, mine)).rowcount
    return gone
