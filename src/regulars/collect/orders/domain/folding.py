"""All that is known of one order, folded into its rows: a plain function of a set, so arrival order cannot matter.

    facts (messages) + imported (what files said) -> order, lines, refunds

The first Order Completed by its own time sets time and money; updates replace what they tell, in order of their time; one
cancellation cancels. Against a file: the earliest time counts; total and state are those of whoever spoke last (a file speaks when
it is loaded); the file's lines stand, and only where a file has none that names a product do the event's lines come in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from regulars.collect.orders.domain.facts import DELIVERY, OrderFact, OrderKind
from regulars.collect.orders.domain.goods import Exchange, exchange, lines, priced
from regulars.collect.orders.domain.refunding import Owed, refund_rows
from regulars.guard.privacy import is_visitor
from regulars.values.amounts import LARGEST_AMOUNT
from regulars.values.ids import made_at
from regulars.values.money import Money

#: The `load_id` of rows that no file has brought.
FROM_EVENTS = "events"

Row = dict[str, Any]

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_RANK: dict[OrderKind, int] = {"completed": 0, "updated": 1, "cancelled": 2, "refunded": 3, "shipped": 4, "delivered": 5}
#: Facts that speak of no money need no currency.
_WITHOUT_MONEY = ("cancelled", "shipped", "delivered")
_TEXTS = {"channel": "channel", "region": "region", "seller_id": "seller_id", "coupon": "coupon_code"}


@dataclass(frozen=True, slots=True)
class Imported:
    """What files said of an order: rows of the warehouse, as the loads left them."""

    header: Row
    lines: Sequence[Row]
    refunds: Sequence[Row] = ()

    @property
    def said_at(self) -> datetime:
        """When the files spoke: the load's time, which its id holds."""
        return made_at(self.header["load_id"]) or _LONG_AGO

    @property
    def names_products(self) -> bool:
        """Whether any line says what was bought; a bare line stands in for a header without lines."""
        return any(line["product_id"] or line["product_name"] for line in self.lines)


@dataclass(frozen=True, slots=True)
class Folded:
    """The rows of one order, and the facts that cannot be used, with why."""

    order: Row | None
    lines: list[Row] = field(default_factory=list)
    refunds: list[Row] = field(default_factory=list)
    problems: list[tuple[OrderFact, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Told:
    """What completed and updated orders told together, in minor units; the last one that told a thing counts."""

    total: int | None = None
    subtotal: int | None = None
    shipping: int | None = None
    tax: int | None = None
    discount: int | None = None
    total_at: datetime = _LONG_AGO
    texts: dict[str, str] = field(default_factory=dict)
    goods: tuple[OrderFact, Exchange] | None = None


def fold(shop_id: str, order_id: str, facts: Iterable[OrderFact], imported: Imported | None = None) -> Folded:
    """The rows that everything known of one order makes.

    Without an Order Completed and without a file there is no order, only the refunds that tell their own amount. An order whose total
    nobody can tell waits (`total:missing`); one in a currency without a rate is left out (`other_currency`).
    """
    known = sorted(facts, key=lambda fact: fact.place)
    rated, problems = _rated(known, imported)
    completed = [(fact, rate) for fact, rate in rated if fact.kind == "completed"]
    told = _told(completed, [(fact, rate) for fact, rate in rated if fact.kind == "updated"])
    header, rows = _order(shop_id, order_id, known, completed, told, imported)
    if header is None and completed:
        problems.append((completed[0][0], "total:missing"))
    refunds: list[Row] = []
    if header is None or header["status"] == "placed":
        given = [(fact, rate) for fact, rate in rated if fact.kind == "refunded"]
        refunds, unknown = refund_rows(given, _owed(header, rows, imported), shop_id, FROM_EVENTS)
        problems += unknown
    return Folded(header, rows, refunds, problems)


def _rated(
    known: Sequence[OrderFact], imported: Imported | None
) -> tuple[list[tuple[OrderFact, Exchange]], list[tuple[OrderFact, str]]]:
    """Facts with their exchange; those in another currency without a rate are set aside."""
    naming = min((fact for fact in known if fact.currency), key=lambda fact: (_RANK[fact.kind], fact.place), default=None)
    currency, rate = (naming.currency, naming.rate) if naming and not imported else (None, None)
    rated: list[tuple[OrderFact, Exchange]] = []
    problems: list[tuple[OrderFact, str]] = []
    for fact in known:
        if found := exchange(fact, currency, rate):
            rated.append((fact, found))
        elif fact.kind in _WITHOUT_MONEY:
            rated.append((fact, Exchange(fact.shop_currency)))
        else:
            problems.append((fact, "other_currency"))
    return rated, problems


def _told(completed: Sequence[tuple[OrderFact, Exchange]], updated: Sequence[tuple[OrderFact, Exchange]]) -> _Told:
    """The first completed order that tells its money, then every update over it."""
    first = next(
        (each for each in completed if each[0].total is not None or each[0].has_money), completed[0] if completed else None
    )
    told = _Told()
    for fact, rated in ([first] if first else []) + list(updated):
        for name in ("total", "subtotal", "shipping", "tax", "discount"):
            amount = rated.minor(getattr(fact, name))
            if amount is not None:
                setattr(told, name, abs(amount) if name == "discount" else amount)
        if fact.total is not None:
            told.total_at = fact.told_at
        if fact.products:
            told.goods = (fact, rated)
        told.texts |= {name: text for name in _TEXTS if (text := getattr(fact, name)) is not None}
    return told


def _order(
    shop_id: str,
    order_id: str,
    known: Sequence[OrderFact],
    completed: Sequence[tuple[OrderFact, Exchange]],
    told: _Told,
    imported: Imported | None,
) -> tuple[Row | None, list[Row]]:
    money = _money_of_file(told, imported) if imported else _money(told) if completed else None
    if money is None:
        return None, []
    amounts, goods = money
    times = [fact.told_at for fact, _ in completed]
    header: Row = dict.fromkeys((*_TEXTS.values(), "cancelled_at", *DELIVERY))
    if imported:
        header |= imported.header
        times.append(imported.header["ordered_at"].replace(tzinfo=UTC))
    else:
        header |= {"currency": completed[0][1].currency, "source": FROM_EVENTS, "load_id": FROM_EVENTS}
    for name, column in _TEXTS.items():
        header[column] = header[column] or told.texts.get(name)
    header |= amounts | _state(known, imported) | _delivery(known, imported)
    header |= {
        "shop_id": shop_id,
        "order_id": order_id,
        "customer_id": _customer(known, imported),
        "ordered_at": min(times).astimezone(UTC).replace(tzinfo=None),
    }
    copied = {name: header[name] for name in ("customer_id", "ordered_at", "status")}
    if imported and (imported.names_products or not goods):
        return header, [{**line, **copied} for line in imported.lines]
    shared = {"shop_id": shop_id, "order_id": order_id, "currency": header["currency"], "load_id": FROM_EVENTS}
    return header, [{**shared, **copied, **line} for line in goods]


def _money(told: _Told) -> tuple[Row, list[Row]] | None:
    """Amounts and lines of an order known by events alone; None where nothing tells what it comes to."""
    shipping, tax, discount = told.shipping or 0, told.tax or 0, told.discount or 0
    items = told.subtotal
    if items is None and told.total is not None:
        items = told.total - shipping - tax + discount
    goods = _goods(told, items)
    if items is None and (not goods or all(line["unit_price"] is None for line in goods)):
        return None
    sums = _sums(goods)
    items = sums["items_minor"] if goods else items or 0
    total = told.total if told.total is not None else items - discount + shipping + tax
    if tax and goods and abs(total - (items - discount + shipping)) <= 1 + len(goods):
        tax = 0  # prices include it
    amounts = {"total_minor": total, "shipping_minor": shipping, "tax_minor": tax, "discount_minor": discount}
    return {**sums, **amounts, "items_minor": items}, [_with_price(line) for line in goods]


def _money_of_file(told: _Told, imported: Imported) -> tuple[Row, list[Row]]:
    """The file's amounts, or the events' where they spoke later; the events' lines where the file names no product."""
    header = imported.header
    goods = [] if imported.names_products else _goods(told, header["items_minor"])
    amounts = _sums(goods) if goods else {}
    if told.total is not None and told.total_at > imported.said_at:
        amounts["total_minor"] = told.total
        for name in ("shipping", "tax", "discount"):
            if (amount := getattr(told, name)) is not None:
                amounts[f"{name}_minor"] = amount
    return amounts, [_with_price(line) for line in goods]


def _goods(told: _Told, items: int | None) -> list[Row]:
    """The products told last, as lines that still lack what they share with their order."""
    if told.goods is None:
        return []
    fact, rated = told.goods
    return [
        {
            "line_key": line.key,
            "kind": "product",
            "product_id": line.product.product_id,
            "product_name": line.product.name,
            "category": line.product.category,
            "brand": line.product.brand,
            "seller_id": line.product.seller_id,
            "variant": line.product.variant,
            "quantity": line.product.quantity,
            "unit_price": line.unit_price,
            "amount_minor": amount,
            "priced_in": rated.currency,
        }
        for line, amount in priced(lines(fact.products or (), rated), items)
    ]


def _with_price(line: Row) -> Row:
    """The line with the price its share makes, where none was told."""
    row = {name: value for name, value in line.items() if name != "priced_in"}
    if row["unit_price"] is None:
        major = Money(row["amount_minor"], line["priced_in"]).major
        price = major / row["quantity"] if row["quantity"] else major
        row["unit_price"] = min(price, LARGEST_AMOUNT).quantize(Decimal("0.0001"))
    return row


def _sums(goods: Sequence[Row]) -> Row:
    return {
        "items_minor": sum(line["amount_minor"] for line in goods),
        "units": sum((line["quantity"] for line in goods), start=Decimal(0)),
        "line_count": len(goods),
    }


def _state(known: Sequence[OrderFact], imported: Imported | None) -> Row:
    """One cancellation cancels, whoever tells it; a file's `unpaid` stands until an event tells the order later."""
    cancelled = [fact.told_at.astimezone(UTC).replace(tzinfo=None) for fact in known if fact.kind == "cancelled"]
    state, at = (imported.header["status"], imported.header["cancelled_at"]) if imported else ("placed", None)
    if cancelled or state == "cancelled":
        return {"status": "cancelled", "cancelled_at": min([*cancelled, *([at] if at else [])], default=None)}
    if imported and state == "unpaid":
        paid = any(fact.kind in ("completed", "updated") and fact.told_at > imported.said_at for fact in known)
        return {"status": "placed" if paid else "unpaid", "cancelled_at": None}
    return {"status": state, "cancelled_at": at}


def _delivery(known: Sequence[OrderFact], imported: Imported | None) -> Row:
    """The first parcel sent, the last one that arrived and the last promise; a file's word stands against what was told before it."""
    found: Row = {}
    for name, pick in (("shipped_at", min), ("delivered_at", max), ("promised_at", None)):
        of_file = imported.header.get(name) if imported else None
        told = [
            moment.astimezone(UTC).replace(tzinfo=None)
            for fact in known
            if (moment := getattr(fact, name)) is not None
            and not (of_file is not None and imported is not None and fact.told_at <= imported.said_at)
        ]
        found[name] = of_file if not told else told[-1] if pick is None else pick(told)
    return found


def _customer(known: Sequence[OrderFact], imported: Imported | None) -> str | None:
    """Whose order it is: a known customer before a visitor; a file's word where it spoke after the order was completed."""
    told = [fact for fact in sorted(known, key=lambda fact: (_RANK[fact.kind], fact.place)) if fact.customer_id]
    named = [str(fact.customer_id) for fact in told]
    if imported and imported.header["customer_id"]:
        later = not told or imported.said_at >= told[0].told_at
        named.insert(0 if later else len(named), imported.header["customer_id"])
    return next((each for each in named if not is_visitor(each)), named[0] if named else None)


def _owed(header: Row | None, rows: Sequence[Row], imported: Imported | None) -> Owed:
    units: dict[str, int] = {}
    for line in rows:
        name = line["product_id"] or line["product_name"]
        if name and line["quantity"]:
            units.setdefault(name, round(line["amount_minor"] / line["quantity"]))
    booked = sum(row["amount_minor"] for row in imported.refunds) if imported else 0
    if header is None:
        return Owed(None, None, units, booked)
    return Owed(header["total_minor"], header["customer_id"], units, booked)
