"""Schedules: jobs that come back at an interval, per shop."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import insert, select, update

from regulars.records import UnitOfWork
from regulars.values.clock import now
from regulars.work.jobs import enqueue
from regulars.work.tables import schedule


@dataclass(frozen=True, slots=True)
class Schedule:
    """A kind of job, and how long after one run the next is due."""

    kind: str
    every: timedelta


def enqueue_due(uow: UnitOfWork, schedules: Iterable[Schedule], shop_ids: Iterable[str]) -> int:
    """Enqueue every scheduled job that is due, once, and move its next time on; missed runs are not made up for."""
    asked = 0
    shops = list(shop_ids)
    for plan in schedules:
        known = {row["shop_id"]: row["next_at"] for row in uow.rows(select(schedule).where(schedule.c.kind == plan.kind))}
        for shop_id in shops:
            due_at = known.get(shop_id)
            if due_at is None:
                uow.execute(insert(schedule).values(kind=plan.kind, shop_id=shop_id, next_at=now() + plan.every))
            elif due_at <= now():
                enqueue(uow, plan.kind, {}, shop_id=shop_id, key=f"{plan.kind}:{shop_id}")
                uow.execute(
                    update(schedule)
                    .where(schedule.c.kind == plan.kind, schedule.c.shop_id == shop_id)
                    .values(next_at=now() + plan.every)
                )
                asked += 1
    return asked
