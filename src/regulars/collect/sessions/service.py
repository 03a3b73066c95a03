"""The verbs of sessions, and what the doctor looks at."""

from __future__ import annotations

from collections.abc import Iterator

from regulars.collect.sessions.making import fill, follow, note, rebuild, refresh
from regulars.work import Check, CheckContext, Finding

__all__ = ["CHECKS", "fill", "follow", "note", "rebuild", "refresh"]


def _every_event_in_a_session(context: CheckContext) -> Iterator[Finding]:
    """Events that belong to somebody are in as many as the sessions say they hold; what is yet to be made anew is left aside."""
    events, sessions, work = (context.warehouse.table(name) for name in ("events", "sessions", "session_work"))
    waiting = {row["shop_id"] for row in context.warehouse.rows(work.select("shop_id").distinct())}
    of_people = events.filter(events.customer_id.notnull())
    there = {
        row["shop_id"]: row["n"] for row in context.warehouse.rows(of_people.group_by("shop_id").aggregate(n=of_people.count()))
    }
    held = {
        row["shop_id"]: row["n"] for row in context.warehouse.rows(sessions.group_by("shop_id").aggregate(n=sessions.events.sum()))
    }
    for shop_id in sorted(there.keys() - waiting):
        if held.get(shop_id, 0) < there[shop_id]:
            yield Finding(
                f"visits hold {int(held.get(shop_id, 0)):,} of {there[shop_id]:,} events",
                mend="run `regulars warehouse rebuild`",
                where=shop_id,
            )


CHECKS = [Check("every event belongs to one visit", "P1", _every_event_in_a_session)]
