"""From products as told to lines with amounts in minor units."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from regulars.collect.orders.domain.facts import OrderFact, Product
from regulars.values.amounts import LARGEST_AMOUNT, to_minor
from regulars.values.money import Money

_PRICE_DIGITS = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Exchange:
    """Turns what a fact told into minor units of the shop's currency; converted before it is rounded."""

    currency: str
    rate: Decimal = Decimal(1)

    def minor(self, amount: Decimal | None) -> int | None:
        """The amount; None where none was told, or one beyond reason."""
        converted = None if amount is None else amount * self.rate
        return None if converted is None or abs(converted) >= LARGEST_AMOUNT else to_minor(converted, self.currency)


@dataclass(frozen=True, slots=True)
class Line:
    """One product of an order: `amount_minor` is None where neither a price nor a share of the order is known."""

    key: int
    product: Product
    unit_price: Decimal | None
    amount_minor: int | None


def exchange(fact: OrderFact, order_currency: str | None, order_rate: Decimal | None) -> Exchange | None:
    """How a fact's amounts become the shop's currency; None where nobody told a rate.

    A fact that names no currency speaks in its order's.
    """
    currency, rate = (fact.currency, fact.rate) if fact.currency else (order_currency, order_rate)
    if currency is None or currency == fact.shop_currency:
        return Exchange(fact.shop_currency)
    return Exchange(fact.shop_currency, rate) if rate is not None else None


def lines(products: Sequence[Product], rated: Exchange) -> list[Line]:
    """Products as lines; equal products of one order are numbered, so that each counts."""
    made: list[Line] = []
    seen: dict[tuple[str, str], int] = {}
    for product in products:
        number = seen[product.identity] = seen.get(product.identity, 0) + 1
        price = None if product.price is None else product.price * rated.rate
        if price is not None and abs(price) >= LARGEST_AMOUNT:
            price = None
        made.append(
            Line(
                line_key(product, number),
                product,
                None if price is None else price.quantize(_PRICE_DIGITS, ROUND_HALF_EVEN),
                rated.minor(None if product.price is None else product.price * product.quantity),
            )
        )
    return made


def priced(made: Sequence[Line], items_minor: int | None) -> list[tuple[Line, int]]:
    """Every line with its amount: where no price was told, its share of what is left of the order, by quantity."""
    known = sum(line.amount_minor for line in made if line.amount_minor is not None)
    bare = [line for line in made if line.amount_minor is None]
    shares = dict(zip((line.key for line in bare), shared(max((items_minor or 0) - known, 0), bare), strict=True))
    return [(line, shares[line.key] if line.amount_minor is None else line.amount_minor) for line in made]


def shared(amount_minor: int, among: Sequence[Line]) -> list[int]:
    """An amount split by quantity, to the last minor unit."""
    weights = [max(int(line.product.quantity * 1000), 0) for line in among]
    return split(amount_minor, weights)


def split(amount_minor: int, weights: Sequence[int]) -> list[int]:
    """An amount split by weights; equally where none has any weight."""
    if not weights:
        return []
    usable = list(weights) if sum(weights) > 0 else [1] * len(weights)
    return [part.minor for part in Money(amount_minor, "XXX").allocate(usable)]


def line_key(product: Product, number: int) -> int:
    """What identifies a line inside its order: product and variant, so that a changed price or quantity is the same line."""
    text = "\x1f".join((*product.identity, str(number)))
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big") >> 1
