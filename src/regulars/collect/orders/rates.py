"""The verbs of exchange rates: tell one, take one back, and what orders wait for one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from babel.numbers import list_currencies
from sqlalchemy import delete, insert, select

from regulars.access import audit
from regulars.collect.orders.domain import OrderFact
from regulars.collect.orders.domain.rates import CurrencyRate, Rates
from regulars.collect.orders.queries import foreign_facts
from regulars.collect.orders.service import Projected, fold_again
from regulars.collect.orders.stored import merge_rows
from regulars.collect.orders.tables import currency_rate
from regulars.errors import InvalidInput, NotFound
from regulars.values import clock
from regulars.work import enqueue

if TYPE_CHECKING:
    from regulars.access.domain import Caller, Shop
    from regulars.records import UnitOfWork
    from regulars.warehouse import Warehouse

#: The job that takes orders again after a rate was told.
RETAKE = "orders.retake"
#: The loader reads rates anew once a second: what it took meanwhile is taken again too.
_RETAKEN_AFTER = timedelta(seconds=3)
_DIGITS = 12
_FACTS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingOrders:
    """Orders that are set aside, as nobody has told what their currency was worth then."""

    currency: str
    orders: int
    first_at: datetime
    last_at: datetime


def told_rates(uow: UnitOfWork, shop_id: str) -> list[CurrencyRate]:
    """A shop's rates, by currency, the newest first."""
    r = currency_rate
    rows = uow.rows(select(r).where(r.c.shop_id == shop_id).order_by(r.c.currency, r.c.from_on.desc()))
    return [
        CurrencyRate(
            currency=row["currency"],
            from_on=date.fromisoformat(row["from_on"]),
            rate=Decimal(row["rate"]),
            told_at=row["told_at"],
            told_by=row["told_by"],
        )
        for row in rows
    ]


def rates_of(uow: UnitOfWork, shop: Shop) -> Rates:
    """A shop's rates, to be asked for an instant."""
    return Rates(told_rates(uow, shop.shop_id), shop.timezone)


def tell_rate(uow: UnitOfWork, caller: Caller, shop: Shop, *, currency: str, rate: str | Decimal, from_on: date) -> CurrencyRate:
    """Say what one unit of a currency is worth from a day on; orders that waited for it are taken in a few seconds.

    Raises
    ------
    InvalidInput : no such currency, the shop's own, or a rate that is not a positive number of at most 12 digits behind the point.
    """
    caller.demand("manage_shop")
    caller.demand_shop(shop.shop_id)
    code = currency.strip().upper()
    if code not in list_currencies() or len(code) != 3:
        raise InvalidInput(f"'{currency[:20]}' is no currency", mend="give an ISO 4217 code such as USD", code="bad_currency")
    if code == shop.currency:
        raise InvalidInput(
            f"{code} is the shop's own currency", mend="tell what other currencies are worth in it", code="own_currency"
        )
    exact = _exact(rate)
    if not date(1970, 1, 1) <= from_on <= date(2999, 12, 31):
        raise InvalidInput("the day is out of range", mend="give a day such as 2026-01-01", code="bad_day")
    told = CurrencyRate(currency=code, from_on=from_on, rate=exact, told_at=clock.now(), told_by=f"{caller.kind}:{caller.id}")
    before = _take_out(uow, shop.shop_id, code, from_on)
    uow.execute(
        insert(currency_rate).values(
            shop_id=shop.shop_id,
            currency=code,
            from_on=from_on.isoformat(),
            rate=f"{exact:f}",
            told_at=told.told_at,
            told_by=told.told_by,
        )
    )
    _noted(uow, caller, shop, "currency_rate.told", code, from_on, before, f"{exact:f}")
    return told


def take_back_rate(uow: UnitOfWork, caller: Caller, shop: Shop, *, currency: str, from_on: date) -> None:
    """Take a rate back: the one before it holds for its days; without one, their orders wait again.

    Raises
    ------
    NotFound : no rate of that currency begins on that day.
    """
    caller.demand("manage_shop")
    caller.demand_shop(shop.shop_id)
    before = _take_out(uow, shop.shop_id, currency.upper(), from_on)
    if before is None:
        raise NotFound(
            f"no rate of {currency[:3].upper()} begins on {from_on}",
            mend="list them with `GET /v1/currency_rates`",
            code="no_such_rate",
        )
    _noted(uow, caller, shop, "currency_rate.taken_back", currency.upper(), from_on, before, None)


def waiting_orders(warehouse: Warehouse, shop: Shop) -> list[WaitingOrders]:
    """What waits for a rate, by currency, the most orders first."""
    found: dict[str, dict[str, list[datetime]]] = defaultdict(lambda: defaultdict(list))
    for fact in _foreign(warehouse, shop.shop_id):
        if fact.currency and fact.currency != fact.shop_currency and fact.rate is None and fact.kind != "cancelled":
            found[fact.currency][fact.order_id].append(fact.told_at)
    made = [
        WaitingOrders(
            currency=currency,
            orders=len(orders),
            first_at=min(min(each) for each in orders.values()),
            last_at=max(max(each) for each in orders.values()),
        )
        for currency, orders in found.items()
    ]
    return sorted(made, key=lambda one: (-one.orders, one.currency))


def retake(warehouse: Warehouse, shop: Shop, rates: Rates) -> Projected:
    """Give what is kept of orders in other currencies the rates that hold now, and fold these orders again."""
    done = Projected()
    with warehouse.transaction():
        changed = []
        for fact in _foreign(warehouse, shop.shop_id):
            if not fact.currency or fact.currency == fact.shop_currency:
                continue
            rate = rates.at(fact.currency, fact.told_at)
            if rate != fact.rate:
                changed.append(replace(fact, rate=rate))
        for start in range(0, len(changed), _FACTS_AT_ONCE):
            some = changed[start : start + _FACTS_AT_ONCE]
            merge_rows(warehouse, "order_facts", [fact.row(shop.shop_id) for fact in some], update=True)
            done += fold_again(warehouse, shop.shop_id, sorted({fact.order_id for fact in some}))
    return done


def _foreign(warehouse: Warehouse, shop_id: str) -> Iterator[OrderFact]:
    for row in warehouse.rows(foreign_facts(shop_id)):
        yield OrderFact.from_row(row)


def _exact(rate: str | Decimal) -> Decimal:
    try:
        exact = rate if isinstance(rate, Decimal) else Decimal(rate.strip())
    except InvalidOperation:
        exact = Decimal("NaN")
    if not exact.is_finite() or not 0 < exact < 10**12 or -int(exact.normalize().as_tuple().exponent) > _DIGITS:
        raise InvalidInput(
            f"'{str(rate)[:40]}' is no rate",
            mend="give a positive number with at most 12 digits behind the point, such as 7.1034",
            code="bad_rate",
        )
    return exact.normalize()


def _take_out(uow: UnitOfWork, shop_id: str, currency: str, from_on: date) -> str | None:
    r = currency_rate
    mine = (r.c.shop_id == shop_id, r.c.currency == currency, r.c.from_on == from_on.isoformat())
    before = uow.value(select(r.c.rate).where(*mine))
    if before is not None:
        uow.execute(delete(r).where(*mine))
    return before if before is None else str(before)


def _noted(
    uow: UnitOfWork, caller: Caller, shop: Shop, what: str, currency: str, day: date, before: str | None, after: str | None
) -> None:
    subject = f"{currency} {day.isoformat()}"
    audit.record(uow, caller, what, subject, before={"rate": before}, after={"rate": after}, shop_id=shop.shop_id)
    enqueue(uow, RETAKE, {}, shop_id=shop.shop_id, key=f"{RETAKE}:{shop.shop_id}", run_at=clock.now() + _RETAKEN_AFTER)
