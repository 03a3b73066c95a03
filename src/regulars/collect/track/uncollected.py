"""What was not collected for lack of consent: counted by source, reason and day, and nothing else of it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from regulars.collect.track.tables import source, uncollected_count
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.records import UnitOfWork

_table = uncollected_count
_SHORTEST = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncollected:
    """How many messages of a source were not collected on a day (UTC), and why."""

    day: date
    source_id: str
    reason: str
    messages: int


def keep(uow: UnitOfWork, counted: Mapping[tuple[str, str], int], last_at: Mapping[str, datetime]) -> None:
    """Add what a part of the stream left out, in the transaction that notes the part: the same part again adds nothing."""
    if not counted:
        return
    wanted = {source_id for source_id, _ in counted}
    shops = {
        row["source_id"]: row["shop_id"]
        for row in uow.rows(select(source.c.source_id, source.c.shop_id).where(source.c.source_id.in_(sorted(wanted))))
    }
    make = postgresql.insert if uow.dialect == "postgresql" else sqlite.insert
    for (source_id, reason), messages in sorted(counted.items()):
        if source_id not in shops or not messages:
            continue
        add = make(_table).values(
            shop_id=shops[source_id],
            source_id=source_id,
            reason=reason,
            day=(last_at.get(source_id) or clock.now()).date(),
            messages=messages,
        )
        more = {"messages": _table.c.messages + add.excluded.messages}
        uow.execute(add.on_conflict_do_update(index_elements=["shop_id", "source_id", "reason", "day"], set_=more))


def by_day(uow: UnitOfWork, shop_id: str, *, days: int = 30, source_id: str | None = None) -> list[Uncollected]:
    """By day, source and reason, the latest day first."""
    wanted = select(_table).where(_table.c.shop_id == shop_id, _table.c.day > clock.now().date() - timedelta(days=days))
    if source_id is not None:
        wanted = wanted.where(_table.c.source_id == source_id)
    rows = uow.rows(wanted.order_by(_table.c.day.desc(), _table.c.source_id, _table.c.reason))
    return [Uncollected(**{name: row[name] for name in Uncollected.__slots__}) for row in rows]


def by_reason(uow: UnitOfWork, shop_id: str, *, days: int = 30) -> dict[str, int]:
    """How many in the last days, by reason."""
    wanted = (
        select(_table.c.reason, func.sum(_table.c.messages).label("n"))
        .where(_table.c.shop_id == shop_id, _table.c.day > clock.now().date() - timedelta(days=days))
        .group_by(_table.c.reason)
        .order_by(_table.c.reason)
    )
    return {row["reason"]: int(row["n"]) for row in uow.rows(wanted)}


def forget(uow: UnitOfWork, shop_id: str, before: datetime) -> int:
    """Delete counts of days before an instant; returns how many rows. The last 30 days stay, as pages show them."""
    until = min(before, clock.now() - _SHORTEST).date()
    return uow.execute(delete(_table).where(_table.c.shop_id == shop_id, _table.c.day < until)).rowcount
