"""Hearing the stream: orders and other acts of customers earn points and count for tiers, refunds take both back; each once."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select

from regulars.access import shops
from regulars.collect import identity, orders
from regulars.collect.track import HeardEvent
from regulars.events.ecommerce import folded
from regulars.guard import privacy
from regulars.offer.loyalty import tiering
from regulars.offer.loyalty.domain.earning import best_multiplier, birthday_in, may_earn, net_goods, streak_points
from regulars.offer.loyalty.domain.program import WHOLE_BPS
from regulars.offer.loyalty.domain.wishes import Wish
from regulars.offer.loyalty.moving import Asked, move
from regulars.offer.loyalty.rules import KeptRule, rules
from regulars.offer.loyalty.tables import points_account, points_act, points_birthday
from regulars.offer.loyalty.tier_program import program
from regulars.values import clock
from regulars.values.money import minor_digits
from regulars.values.zones import local_day

if TYPE_CHECKING:
    from regulars.access.domain import Shop
    from regulars.records import UnitOfWork

log = logging.getLogger(__name__)

COMPLETED, REFUNDED, CANCELLED = "Order Completed", "Order Refunded", "Order Cancelled"
_ORDERS = frozenset(map(folded, (COMPLETED, REFUNDED, CANCELLED)))
_WHOLE_ORDER = 10**15
#: Ids of devices that nobody has named, and what took the place of erased customers.
_NOBODYS = (privacy.VISITOR, "x_")


def wanted(uow: UnitOfWork, shop_id: str) -> frozenset[str]:
    """Which events a shop's rules and tiers listen to, folded; none where there are neither."""
    found = {folded(one.rule.hears) for one in rules(uow, shop_id, state="on") if one.rule.hears}
    purchases = folded(COMPLETED) in found or program(uow, shop_id) is not None
    return frozenset(found | (_ORDERS if purchases else frozenset()))


def hear(uow: UnitOfWork, shop_id: str, heard: Sequence[HeardEvent]) -> None:
    """Let events earn points and count for tiers. The same events again change nothing."""
    shop = shops.get(uow, shop_id)
    owners = identity.resolve(uow, shop_id, sorted({one.customer_id for one in heard if one.customer_id}))
    known = [
        (owners[one.customer_id], one)
        for one in sorted(heard, key=lambda one: (one.timestamp, one.message_id))
        if one.customer_id and not owners[one.customer_id].startswith(_NOBODYS)
    ]
    kept = rules(uow, shop_id, state="on")
    bought = [(owner, one) for owner, one in known if folded(one.event) in _ORDERS]
    if bought:
        _orders(uow, shop, kept, bought)
    for by in kept:
        if by.rule.kind != "purchase" and by.rule.hears:
            name = folded(by.rule.hears)
            _acts(uow, shop, by, [(owner, one.message_id, one.timestamp) for owner, one in known if folded(one.event) == name])


# -- orders -----------------------------------------------------------------------------------------------------------


def _orders(uow: UnitOfWork, shop: Shop, kept: Sequence[KeptRule], bought: Sequence[tuple[str, HeardEvent]]) -> None:
    purchases: dict[str, list[KeptRule]] = defaultdict(list)
    for one in kept:
        if one.rule.kind == "purchase":
            purchases[one.currency_id].append(one)
    rates = orders.rates_of(uow, shop)
    told: list[tiering.Heard] = []
    asked: list[Asked] = []
    multipliers = tiering.multiplier_bps(uow, shop, sorted({owner for owner, _ in bought}), clock.now()) if purchases else {}
    for owner, event in bought:
        order_id = str(event.properties.get("order_id") or event.properties.get("orderId") or "")[:180]
        if not order_id:
            continue
        if folded(event.event) == folded(COMPLETED):
            amount = _amount(event, shop, rates)
            if amount is None:
                log.warning("an order earned no points: no amount in the shop's currency", extra={"shop_id": shop.shop_id})
                continue
            told.append(tiering.Heard(owner, order_id, event.timestamp, amount))
            asked += [
                Asked(shop.shop_id, owner, wish, currency_id)
                for currency_id, by in purchases.items()
                if (wish := _purchase(by, event, order_id, amount, multipliers.get(owner, WHOLE_BPS))) is not None
            ]
            continue
        whole = folded(event.event) == folded(CANCELLED)
        refund_id = "cancelled" if whole else str(event.properties.get("refund_id") or event.message_id)[:100]
        back = _WHOLE_ORDER if whole else _amount(event, shop, rates)
        amount = _WHOLE_ORDER if back is None else back  # a refund without an amount is of all that is left
        told.append(tiering.Heard(owner, order_id, event.timestamp, amount, refund_id))
        asked += [
            Asked(
                shop.shop_id,
                owner,
                Wish(
                    verb="refund", key=f"refund:{order_id}:{refund_id}"[:200], at=clock.now(), order_id=order_id,
                    amount_minor=amount, source=event.event,
                ),
                currency_id,
            )
            for currency_id in purchases
        ]  # fmt: skip
    tiering.hear(uow, shop, told)
    move(uow, asked)


def _purchase(by: Sequence[KeptRule], event: HeardEvent, order_id: str, amount: int, tier_bps: int) -> Wish | None:
    best = best_multiplier([one.rule for one in by], event.timestamp, amount)
    if best is None:
        return None
    place, multiplier = best
    return Wish(
        verb="earn",
        key=f"order:{order_id}"[:200],
        at=clock.now(),
        order_id=order_id,
        amount_minor=amount,
        multiplier_bps=multiplier * tier_bps // WHOLE_BPS,
        event_at=min(event.timestamp, clock.now()),
        source=by[place].rule_id,
    )


def _amount(event: HeardEvent, shop: Shop, rates: orders.Rates) -> int | None:
    currency = str(event.properties.get("currency") or shop.currency).upper()
    amount = net_goods(event.properties, currency)
    if amount is None or currency == shop.currency:
        return amount
    rate = rates.at(currency, event.timestamp)
    if rate is None:
        return None
    scaled = Decimal(amount) * rate * Decimal(10) ** (minor_digits(shop.currency) - minor_digits(currency))
    return int(scaled)


# -- other acts ---------------------------------------------------------------------------------------------------------


def _acts(uow: UnitOfWork, shop: Shop, by: KeptRule, acts: Sequence[tuple[str, str, datetime]]) -> None:
    """Points for acts of customers, each told once by its id, within the rule's caps."""
    timely = [(owner, act_id, at) for owner, act_id, at in acts if by.rule.holds(at)]
    earned = _earned(uow, shop, by, sorted({owner for owner, _, _ in timely}))
    asked: list[Asked] = []
    for owner, act_id, at in timely:
        days, keys = earned[owner]
        key = f"{by.rule_id}:{act_id}"[:200]
        day = local_day(at, shop.timezone)
        if key in keys or not may_earn(by.rule, days, day):
            continue
        points = streak_points(by.rule, days, day) if by.rule.kind == "check_in" else by.rule.points
        asked.append(Asked(shop.shop_id, owner, _act_wish(by, key, points, at, day), by.currency_id))
        days.append(day)
        keys.add(key)
    move(uow, asked)


def _act_wish(by: KeptRule, key: str, points: int, at: datetime, day: date) -> Wish:
    return Wish(
        verb="earn", key=key, at=clock.now(), points=points, event_at=min(at, clock.now()), source=by.rule_id, note=day.isoformat()
    )


def _earned(uow: UnitOfWork, shop: Shop, by: KeptRule, customers: Sequence[str]) -> dict[str, tuple[list[date], set[str]]]:
    """On which local days customers earned by a rule, and under which keys."""
    found: dict[str, tuple[list[date], set[str]]] = {one: ([], set()) for one in customers}
    for start in range(0, len(customers), 500):
        asked = (
            select(points_account.c.customer_id, points_act.c.note, points_act.c.once)
            .join(points_act, points_act.c.account_id == points_account.c.account_id)
            .where(
                points_account.c.shop_id == shop.shop_id,
                points_account.c.currency_id == by.currency_id,
                points_account.c.customer_id.in_(list(customers[start : start + 500])),
                points_act.c.kind == "earn",
                points_act.c.source == by.rule_id,
            )
        )
        for row in uow.rows(asked):
            days, keys = found[row["customer_id"]]
            if row["note"]:
                days.append(date.fromisoformat(row["note"]))
            keys.add((row["once"] or "").partition(":")[2])
    return found


# -- birthdays ------------------------------------------------------------------------------------------------------------


def give_birthday_points(uow: UnitOfWork, shop: Shop, today: date) -> int:
    """Points for those whose birthday is today in the shop, once a year and rule; returns how many wishes were made."""
    kept = [one for one in rules(uow, shop.shop_id, state="on") if one.rule.kind == "birthday" and one.rule.holds(clock.now())]
    if not kept:
        return 0
    asked = select(points_birthday).where(points_birthday.c.shop_id == shop.shop_id, points_birthday.c.month == today.month)
    born = [
        row["customer_id"]
        for row in uow.rows(asked.order_by(points_birthday.c.customer_id))
        if birthday_in(today.year, row["month"], row["day"]) == today
    ]
    wishes = [
        Asked(
            shop.shop_id,
            customer_id,
            Wish(
                verb="earn", key=f"{by.rule_id}:{today.year}", at=clock.now(), points=by.rule.points, source=by.rule_id,
                note=today.isoformat(),
            ),
            by.currency_id,
        )
        for by in kept
        for customer_id in born
    ]  # fmt: skip
    move(uow, wishes)
    return len(wishes)
