"""The quote of a shop: the cart priced under what is in force, with names and words; it writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from regulars.access.domain import Shop
from regulars.errors import NotFound
from regulars.offer import loyalty
from regulars.offer.promotions import counting, coupons
from regulars.offer.promotions.domain.carts import Buyer, Cart, PointsAsked, Store, Usage
from regulars.offer.promotions.domain.offers import Layer, Offer, Reason
from regulars.offer.promotions.domain.quoting import POINTS, Mode, Priced, PricedShipping, Totals, price_cart
from regulars.offer.promotions.in_force import InForce, in_force
from regulars.offer.promotions.tables import priced_order
from regulars.offer.promotions.words import missing_in_words, reason_in_words
from regulars.values import clock
from regulars.values.zones import local_day

if TYPE_CHECKING:
    from regulars.records import UnitOfWork

#: Only the nearest thresholds are worth a word.
_MOST_HINTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsWanted:
    """Points that shall pay a part. Without a `balance` they are those of the points ledger, and a commit spends them there."""

    redeem: int
    step_points: int = 100
    step_minor: int = 100
    max_bps: int = 10_000
    balance: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a storefront asks: a cart, who buys it and how. What is None of the customer is looked up."""

    cart: Cart
    customer_id: str = ""
    segments: frozenset[str] | None = None
    tier: str | None = None
    new_customer: bool | None = None
    traits: Mapping[str, str] = field(default_factory=dict)
    channel: str = ""
    mode: Mode = "requested"
    codes: tuple[str, ...] = ()
    points: PointsWanted | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedDiscount:
    """What one source took off a line: a promotion's id, a coupon's code, or `points`."""

    source: str
    name: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedLine:
    """A line from its list price to what it costs, in minor units."""

    id: str
    list: int
    discounts: tuple[QuotedDiscount, ...]
    discount: int
    net: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedCode:
    """A code that was asked for and did not apply."""

    id: str
    reason: Reason
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedOffer:
    """What became of one offer: what it took off, or why nothing."""

    id: str
    promotion_id: str
    name: str
    layer: Layer
    amount: int
    reason: Reason | None
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteHint:
    """What is missing to a threshold, and what reaching it brings, in words."""

    id: str
    name: str
    missing_minor: int
    missing_qty: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A priced cart. Amounts are minor units of `currency`; `applied` is in the order of application."""

    currency: str
    lines: list[QuotedLine]
    shipping: PricedShipping
    totals: Totals
    applied: list[str]
    rejected: list[RejectedCode]
    offers: list[QuotedOffer]
    hints: list[QuoteHint]
    warnings: list[str]
    priced_at: datetime


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A price, and what it was reckoned with."""

    asked: Asked
    priced: Priced
    day: str
    at: datetime
    usage: Mapping[str, Usage]


def reckon(uow: UnitOfWork, shop: Shop, asked: Asked, *, at: datetime | None = None, extra: Sequence[Offer] = ()) -> Reckoned:
    """Price a cart under what is in force now.

    Parameters
    ----------
    extra : offers that are looked at as if they ran already, for a preview.
    """
    now = at or clock.now()
    day = local_day(now, shop.timezone).isoformat()
    force = in_force(uow, shop.shop_id)
    held = {offer.id: offer for offer in coupons.offers_of_codes(uow, shop.shop_id, force, asked.codes)} if asked.codes else {}
    if asked.mode == "best" and asked.customer_id:
        held |= {offer.id: offer for offer in coupons.offers_of_wallet(uow, shop.shop_id, force, asked.customer_id)}
    promotions = {offer.id: offer for offer in force.promotions}
    for offer in extra:
        (promotions if offer.code is None else held)[offer.id] = offer
    usage = counting.usage_of(uow, shop.shop_id, [*promotions.values(), *held.values()], asked.customer_id, day)
    priced = price_cart(
        asked.cart,
        buyer_of(uow, shop, asked, force),
        Store(timezone=shop.timezone, now=now, channel=asked.channel),
        promotions=promotions.values(),
        coupons=held.values(),
        mode=asked.mode,
        codes=asked.codes,
        usage=usage,
        points=_points(uow, shop, asked),
    )
    return Reckoned(asked, priced, day, now, usage)


def _points(uow: UnitOfWork, shop: Shop, asked: Asked) -> PointsAsked | None:
    """What is asked of points, with the balance they have."""
    wanted = asked.points
    if wanted is None:
        return None
    balance = wanted.balance
    if balance is None:
        balance = loyalty.paying.spendable(uow, shop.shop_id, asked.customer_id) if asked.customer_id else 0
    return PointsAsked(
        balance=balance,
        redeem=wanted.redeem,
        step_points=wanted.step_points,
        step_minor=wanted.step_minor,
        max_bps=wanted.max_bps,
    )


def _tier(uow: UnitOfWork, shop: Shop, customer_id: str) -> str | None:
    """The tier a customer has; None where the shop has none."""
    try:
        return str(loyalty.membership(uow, shop, customer_id).tier_id)
    except NotFound:
        return None


def buyer_of(uow: UnitOfWork, shop: Shop, asked: Asked, force: InForce) -> Buyer:
    """The customer as far as offers ask: where nobody says it, the tier is the ledger's, and new is who has no order priced here."""
    newness = asked.new_customer
    if newness is None and force.asks_newness and asked.customer_id:
        orders = select(priced_order.c.order_id).where(
            priced_order.c.shop_id == shop.shop_id,
            priced_order.c.customer_id == asked.customer_id,
            priced_order.c.state == "committed",
        )
        newness = uow.one(orders.limit(1)) is None
    tier = asked.tier
    if tier is None and force.asks_tiers and asked.customer_id:
        tier = _tier(uow, shop, asked.customer_id)
    return Buyer(
        id=asked.customer_id,
        segments=asked.segments or frozenset(),
        tier=tier,
        new_customer=bool(newness),
        traits=asked.traits,
    )


def in_words(found: Reckoned, language: str) -> Quote:
    """The price with names, reasons and hints in one language."""
    priced = found.priced
    names = {one.id: one.offer.name or one.id for one in priced.outcomes}
    names[POINTS] = "积分" if language == "zh" else "Points"
    hints = sorted(
        (one for one in priced.outcomes if one.missing is not None and one.reason in (None, "THRESHOLD_NOT_MET")),
        key=lambda one: (one.missing.minor if one.missing else 0, one.missing.qty if one.missing else 0, one.id),
    )
    return Quote(
        currency=priced.currency,
        lines=[
            QuotedLine(
                id=line.id,
                list=line.list,
                discounts=tuple(
                    QuotedDiscount(source=one.source, name=names[one.source], amount=one.amount) for one in line.discounts
                ),
                discount=line.discount,
                net=line.net,
            )
            for line in priced.lines
        ],
        shipping=priced.shipping,
        totals=priced.totals,
        applied=list(priced.applied),
        rejected=[
            RejectedCode(id=one.id, reason=one.reason, words=reason_in_words(one.reason, language)) for one in priced.rejected
        ],
        offers=[
            QuotedOffer(
                id=one.id,
                promotion_id=one.offer.counted_as,
                name=names[one.id],
                layer=one.offer.layer,
                amount=one.amount,
                reason=one.reason,
                words="" if one.reason is None else reason_in_words(one.reason, language),
            )
            for one in priced.outcomes
        ],
        hints=[
            QuoteHint(
                id=one.id,
                name=names[one.id],
                missing_minor=one.missing.minor,
                missing_qty=one.missing.qty,
                words=missing_in_words(one.missing, priced.currency, language),
            )
            for one in hints[:_MOST_HINTS]
            if one.missing is not None
        ],
        warnings=[] if priced.complete else [_INCOMPLETE[language == "zh"]],
        priced_at=found.at,
    )


_INCOMPLETE = (
    "There are more combinations of coupons than can be tried; a cheaper one may exist",
    "优惠券组合过多，未能全部比较；可能还有更优惠的组合",
)


def quote(uow: UnitOfWork, shop: Shop, asked: Asked, *, language: str = "en", extra: Sequence[Offer] = ()) -> Quote:
    """What a cart costs now, line by line, and why; nothing is written and nothing reserved.

    Raises
    ------
    InvalidInput : the cart cannot be counted.
    """
    return in_words(reckon(uow, shop, asked, extra=extra), language)
