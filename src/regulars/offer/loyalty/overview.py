"""How a points programme does: what is owed, earned, spent and lapses, month by month, and what will lapse."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import String, and_, cast, func, select

from regulars.offer.loyalty.currencies import POINTS, PointsCurrency, currency
from regulars.offer.loyalty.tables import points_account, points_act, points_entry, points_lot
from regulars.values import clock
from regulars.values.money import Money
from regulars.values.periods import add_months
from regulars.values.zones import day_start, local_day

if TYPE_CHECKING:
    from regulars.access.domain import Shop
    from regulars.records import UnitOfWork

_MONTHS = 12
_AHEAD_MONTHS = 6
_BOOKS = ("issued", "spent", "expired", "clawed")


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsMonth:
    """What happened in one local month of the shop."""

    month: date
    earned: int
    spent: int
    expired: int
    clawed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsLapse:
    """Points that lapse in a month if nobody spends them before."""

    month: date
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsOverview:
    """A programme in numbers.

    `outstanding` are points that may still be spent (pending, active, held) less debt. `expected_redemption` is spent / (spent + expired)
    so far, 1 while nothing has lapsed. `liability` = outstanding x expected redemption x worth of a point. `burn_rate` = spent / earned.
    `breakage_rate` = expired / earned.
    """

    currency_id: str
    as_of: datetime
    customers: int
    customers_with_points: int
    earned: int
    spent: int
    expired: int
    clawed: int
    adjusted_out: int
    pending: int
    active: int
    held: int
    debt: int
    outstanding: int
    expected_redemption: float
    liability: Money
    burn_rate: float | None
    breakage_rate: float | None
    months: list[PointsMonth]
    lapsing: list[PointsLapse]


def overview(uow: UnitOfWork, shop: Shop, currency_id: str = POINTS) -> PointsOverview:
    """The programme as the journal stands.

    Raises
    ------
    NotFound : the shop has no such points currency.
    """
    rules = currency(uow, shop, currency_id)
    mine = and_(points_account.c.shop_id == shop.shop_id, points_account.c.currency_id == currency_id)
    names = ("earned", "spent", "expired", "clawed", "adjusted_out", "pending", "active", "held", "debt")
    row = uow.one(select(*(func.coalesce(func.sum(points_account.c[name]), 0).label(name) for name in names)).where(mine))
    assert row is not None
    sums = {name: int(row[name]) for name in names}
    has = points_account.c.pending + points_account.c.active + points_account.c.held > 0
    owners = select(func.count()).select_from(points_account).where(mine, ~points_account.c.closed)
    outstanding = sums["pending"] + sums["active"] + sums["held"] - sums["debt"]
    gone = sums["spent"] + sums["expired"]
    expected = sums["spent"] / gone if gone and sums["expired"] else 1.0
    return PointsOverview(
        currency_id=currency_id,
        as_of=clock.now(),
        customers=int(uow.value(owners) or 0),
        customers_with_points=int(uow.value(owners.where(has)) or 0),
        outstanding=outstanding,
        expected_redemption=expected,
        liability=_liability(rules, outstanding, expected),
        burn_rate=sums["spent"] / sums["earned"] if sums["earned"] else None,
        breakage_rate=sums["expired"] / sums["earned"] if sums["earned"] else None,
        months=_months(uow, shop, currency_id),
        lapsing=_lapsing(uow, shop, currency_id),
        **sums,
    )


def _liability(rules: PointsCurrency, outstanding: int, expected: float) -> Money:
    return Money(round(max(0, outstanding) * expected * rules.worth.minor / rules.worth_points), rules.worth.currency)


def _months(uow: UnitOfWork, shop: Shop, currency_id: str) -> list[PointsMonth]:
    today = local_day(clock.now(), shop.timezone)
    first = add_months(today.replace(day=1), 1 - _MONTHS)
    hour = func.substr(cast(points_act.c.at, String), 1, 13)
    same = and_(points_entry.c.account_id == points_act.c.account_id, points_entry.c.position == points_act.c.position)
    asked = (
        select(hour.label("hour"), points_entry.c.book, func.sum(points_entry.c.points).label("points"))
        .join(points_entry, same)
        .join(points_account, points_account.c.account_id == points_act.c.account_id)
        .where(
            points_account.c.shop_id == shop.shop_id,
            points_account.c.currency_id == currency_id,
            points_act.c.at >= day_start(first, shop.timezone),
            points_act.c.kind.not_in(("moved_out", "moved_in")),
            points_entry.c.book.in_(_BOOKS),
        )
        .group_by(hour, points_entry.c.book)
    )
    sums: dict[tuple[date, str], int] = defaultdict(int)
    for row in uow.rows(asked):
        at = datetime.strptime(row["hour"].replace("T", " "), "%Y-%m-%d %H").replace(tzinfo=UTC)
        sums[local_day(at, shop.timezone).replace(day=1), row["book"]] += int(row["points"])
    months = [add_months(first, place) for place in range(_MONTHS)]
    return [
        PointsMonth(
            month=month,
            earned=-sums[month, "issued"],
            spent=sums[month, "spent"],
            expired=sums[month, "expired"],
            clawed=sums[month, "clawed"],
        )
        for month in months
    ]


def _lapsing(uow: UnitOfWork, shop: Shop, currency_id: str) -> list[PointsLapse]:
    now = clock.now()
    begin = local_day(now, shop.timezone).replace(day=1)
    end = day_start(add_months(begin, _AHEAD_MONTHS), shop.timezone)
    left = points_lot.c.pending + points_lot.c.active
    asked = (
        select(points_lot.c.expires_at, func.sum(left).label("points"))
        .join(points_account, points_account.c.account_id == points_lot.c.account_id)
        .where(
            points_lot.c.shop_id == shop.shop_id,
            points_lot.c.expires_at > now,
            points_lot.c.expires_at <= end,
            points_account.c.currency_id == currency_id,
            left > 0,
        )
        .group_by(points_lot.c.expires_at)
    )
    sums: dict[date, int] = defaultdict(int)
    for row in uow.rows(asked):  # points that lapse at midnight lapse at the end of the day before
        sums[local_day(row["expires_at"] - timedelta(microseconds=1), shop.timezone).replace(day=1)] += int(row["points"])
    return [PointsLapse(month=month, points=sums[month]) for month in (add_months(begin, place) for place in range(_AHEAD_MONTHS))]
