"""The shop's points currencies: what each is called, how it is earned, when it lapses and what it is worth."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from regulars.access import audit, shops
from regulars.errors import InvalidInput, NotFound
from regulars.offer.loyalty.domain.program import (
    MOST_POINTS,
    Expiry,
    Pending,
    Program,
    ReturnPolicy,
    checked,
    checked_pending,
    read_expiry,
)
from regulars.offer.loyalty.tables import points_currency
from regulars.values import clock
from regulars.values.money import Money, minor_digits

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from regulars.access.domain import Caller, Shop
    from regulars.records import UnitOfWork

#: The currency of every shop that has not made its own.
POINTS = "points"
MOST_CURRENCIES = 20
_ID = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,30}[a-z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsCurrency:
    """One kind of points. `worth`: the money that `worth_points` of them are; nothing where they pay for nothing."""

    currency_id: str
    name: str
    name_zh: str
    points: int
    per_minor: int
    pending_days: Pending
    expiry: Expiry
    return_policy: ReturnPolicy
    expired_return_grace_days: int
    hold_ttl_s: int
    worth: Money
    worth_points: int
    approve_above: int
    changed_at: datetime | None = None
    changed_by: str = ""

    def program(self, tz: str) -> Program:
        """Its rules in the shop's zone."""
        return Program(
            tz=tz,
            points=self.points,
            per_minor=self.per_minor,
            pending_days=self.pending_days,
            expiry=self.expiry,
            return_policy=self.return_policy,
            expired_return_grace_days=self.expired_return_grace_days,
            hold_ttl_s=self.hold_ttl_s,
        )

    def called(self, language: str) -> str:
        """Its name for a reader."""
        return (self.name_zh if language == "zh" else self.name) or self.name or self.currency_id


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyGiven:
    """A points currency as it is handed in; what is left out stays, or is as usual."""

    name: str | None = None
    name_zh: str | None = None
    points: int | None = None
    per_minor: int | None = None
    pending_days: Any = None
    expiry: Mapping[str, Any] | None = None
    return_policy: str | None = None
    expired_return_grace_days: int | None = None
    hold_ttl_s: int | None = None
    worth_minor: int | None = None
    worth_points: int | None = None
    approve_above: int | None = None


def usual(shop: Shop) -> PointsCurrency:
    """1 point for each whole unit of money, spendable at once, for 12 months; 100 of them are worth one unit."""
    unit: int = 10 ** minor_digits(shop.currency)
    return PointsCurrency(
        currency_id=POINTS,
        name="Points",
        name_zh="积分",
        points=1,
        per_minor=unit,
        pending_days=0,
        expiry=Expiry(),
        return_policy="unlimited",
        expired_return_grace_days=30,
        hold_ttl_s=900,
        worth=Money(unit, shop.currency),
        worth_points=100,
        approve_above=1_000,
    )


def currencies(uow: UnitOfWork, shop: Shop) -> list[PointsCurrency]:
    """Every points currency, the usual one first."""
    rows = uow.rows(
        select(points_currency).where(points_currency.c.shop_id == shop.shop_id).order_by(points_currency.c.currency_id)
    )
    found = [_currency(row, shop) for row in rows]
    if all(one.currency_id != POINTS for one in found):
        found.insert(0, usual(shop))
    return sorted(found, key=lambda one: (one.currency_id != POINTS, one.currency_id))


def currency(uow: UnitOfWork, shop: Shop, currency_id: str = POINTS) -> PointsCurrency:
    """One of them.

    Raises
    ------
    NotFound : the shop has none of that id.
    """
    here = select(points_currency).where(points_currency.c.shop_id == shop.shop_id, points_currency.c.currency_id == currency_id)
    row = uow.one(here)
    if row is not None:
        return _currency(row, shop)
    if currency_id == POINTS:
        return usual(shop)
    raise NotFound(
        f"there is no points currency '{currency_id}'", mend="list them with `GET /v1/points/currencies`", code="no_such_currency"
    )


def programs(uow: UnitOfWork, shop_id: str) -> dict[str, Program]:
    """The rules of every points currency of a shop."""
    shop = shops.get(uow, shop_id)
    return {one.currency_id: one.program(shop.timezone) for one in currencies(uow, shop)}


def save_currency(uow: UnitOfWork, caller: Caller, shop: Shop, currency_id: str, given: CurrencyGiven) -> PointsCurrency:
    """Make or change a points currency. What was earned before keeps its own dates (L5).

    Raises
    ------
    InvalidInput : an id, a name or a number nobody can mean.
    """
    caller.demand("manage_offers")
    caller.demand_shop(shop.shop_id)
    known = {one.currency_id: one for one in currencies(uow, shop)}
    before = known.get(currency_id)
    if not _ID.fullmatch(currency_id):
        raise InvalidInput("an id is small letters, digits, - and _", mend="such as `points` or `growth`", code="bad_currency_id")
    if before is None and len(known) >= MOST_CURRENCIES:
        raise InvalidInput(f"a shop may have {MOST_CURRENCIES} points currencies", mend="use one of those", code="too_many")
    base = before or usual(shop)
    after = PointsCurrency(
        currency_id=currency_id,
        name=_name(given.name, before.name if before else currency_id),
        name_zh=_name(given.name_zh, before.name_zh if before else ""),
        points=_or(given.points, base.points),
        per_minor=_or(given.per_minor, base.per_minor),
        pending_days=base.pending_days if given.pending_days is None else checked_pending(given.pending_days),
        expiry=base.expiry if given.expiry is None else read_expiry(given.expiry),
        return_policy=given.return_policy or base.return_policy,  # type: ignore[arg-type]  # judged below
        expired_return_grace_days=_or(given.expired_return_grace_days, base.expired_return_grace_days),
        hold_ttl_s=_or(given.hold_ttl_s, base.hold_ttl_s),
        worth=Money(_number(_or(given.worth_minor, base.worth.minor), "worth_minor", 0), shop.currency),
        worth_points=_number(_or(given.worth_points, base.worth_points), "worth_points", 1),
        approve_above=_number(_or(given.approve_above, base.approve_above), "approve_above", 0),
    )
    checked(after.program(shop.timezone))
    values = _values(after) | {"changed_at": clock.now(), "changed_by": f"{caller.kind}:{caller.id}"}
    here = (points_currency.c.shop_id == shop.shop_id, points_currency.c.currency_id == currency_id)
    if uow.one(select(points_currency.c.currency_id).where(*here)) is None:
        uow.execute(insert(points_currency).values(shop_id=shop.shop_id, currency_id=currency_id, **values))
    else:
        uow.execute(update(points_currency).where(*here).values(**values))
    audit.record(
        uow,
        caller,
        "points_currency.changed" if before else "points_currency.made",
        currency_id,
        before=before and _values(before),
        after=_values(after),
        shop_id=shop.shop_id,
    )
    return currency(uow, shop, currency_id)


def _values(one: PointsCurrency) -> dict[str, Any]:
    kept = ("points", "per_minor", "pending_days", "return_policy", "expired_return_grace_days", "hold_ttl_s")
    return {
        "name": one.name,
        "name_zh": one.name_zh,
        "definition": {name: getattr(one, name) for name in kept} | {"expiry": asdict(one.expiry)},
        "worth_minor": one.worth.minor,
        "worth_points": one.worth_points,
        "approve_above": one.approve_above,
    }


def _currency(row: RowMapping, shop: Shop) -> PointsCurrency:
    told = dict(row["definition"])
    return PointsCurrency(
        currency_id=row["currency_id"],
        name=row["name"],
        name_zh=row["name_zh"],
        expiry=Expiry(**told.pop("expiry")),
        worth=Money(row["worth_minor"], shop.currency),
        worth_points=row["worth_points"],
        approve_above=row["approve_above"],
        changed_at=row["changed_at"],
        changed_by=row["changed_by"],
        **told,
    )


def _or(given: int | None, before: int) -> int:
    return before if given is None else given


def _number(value: int, name: str, least: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= MOST_POINTS:
        raise InvalidInput(f"{name} is not a usable number", mend=f"a whole number from {least} on", code="bad_program")
    return value


def _name(given: str | None, before: str) -> str:
    name = before if given is None else given.strip()
    if len(name) > 80:
        raise InvalidInput("the name is too long", mend="at most 80 characters", code="bad_name")
    return name
