"""How many people permit what: counts by purpose and channel, and how they changed day by day."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from regulars.guard.consent.domain import CHANNELS, TOLD, Channel, State, Told
from regulars.guard.consent.tables import consent, consent_now
from regulars.values import clock
from regulars.values.csv import Table

if TYPE_CHECKING:
    from regulars.access import Shop
    from regulars.records import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentCount:
    """How many customers and visitors last said what about a purpose on a channel (null: all)."""

    purpose: Told
    channel: Channel | None
    given: int
    pending: int
    withdrawn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentDay:
    """How often a purpose was given and withdrawn on one day in UTC."""

    day: date
    purpose: Told
    given: int
    withdrawn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentOverview:
    """Counts that hold now, and the changes of the last days."""

    counts: list[ConsentCount]
    changes: list[ConsentDay]


def overview(uow: UnitOfWork, shop: Shop, *, days: int = 90) -> ConsentOverview:
    """Who permits what in a shop; people who said the same under several ids of theirs count once for each id."""
    held: dict[tuple[str, str], dict[State, int]] = defaultdict(lambda: {"given": 0, "pending": 0, "withdrawn": 0})
    number = func.count(func.distinct(consent_now.c.customer_id)).label("number")
    grouped = (
        select(consent_now.c.purpose, consent_now.c.channel, consent_now.c.state, number)
        .where(consent_now.c.shop_id == shop.shop_id)
        .group_by(consent_now.c.purpose, consent_now.c.channel, consent_now.c.state)
    )
    for row in uow.rows(grouped):
        held[row["purpose"], row["channel"]][row["state"]] = row["number"]
    places = sorted(held, key=lambda key: (TOLD.index(key[0]), -1 if not key[1] else CHANNELS.index(key[1])))
    return ConsentOverview(
        counts=[_count(purpose, channel, held[purpose, channel]) for purpose, channel in places],
        changes=_changes(uow, shop, days),
    )


def _count(purpose: str, channel: str, said: dict[State, int]) -> ConsentCount:
    return ConsentCount(
        purpose=purpose,  # type: ignore[arg-type]
        channel=channel or None,  # type: ignore[arg-type]
        given=said["given"],
        pending=said["pending"],
        withdrawn=said["withdrawn"],
    )


def overview_table(answer: ConsentOverview) -> Table:
    """The counts as a table."""
    return Table(
        ("purpose", "channel", "given", "pending", "withdrawn"),
        tuple((one.purpose, one.channel or "", one.given, one.pending, one.withdrawn) for one in answer.counts),
    )


def _changes(uow: UnitOfWork, shop: Shop, days: int) -> list[ConsentDay]:
    day = func.date(consent.c.happened_at).label("day")
    rows = uow.rows(
        select(day, consent.c.purpose, consent.c.state, func.count().label("number"))
        .where(consent.c.shop_id == shop.shop_id, consent.c.happened_at >= clock.now() - timedelta(days=days))
        .group_by(day, consent.c.purpose, consent.c.state)
    )
    found: dict[tuple[date, Told], dict[str, int]] = defaultdict(lambda: {"given": 0, "withdrawn": 0, "pending": 0})
    for row in rows:
        on = row["day"] if isinstance(row["day"], date) else date.fromisoformat(str(row["day"])[:10])
        found[on, row["purpose"]][row["state"]] += row["number"]
    return [
        ConsentDay(day=on, purpose=purpose, given=found[on, purpose]["given"], withdrawn=found[on, purpose]["withdrawn"])
        for on, purpose in sorted(found)
    ]
