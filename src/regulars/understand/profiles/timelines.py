"""What one customer did, newest first: orders with their lines, refunds, reviews, events, segments, and when it registered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import ibis
import ibis.expr.types as ir

from regulars.errors import InvalidInput
from regulars.understand.profiles import cursor as cursors
from regulars.understand.profiles import queries
from regulars.understand.profiles.domain import Timeline, TimelineEntry, TimelineLine
from regulars.values.money import Money
from regulars.warehouse import Warehouse, placeholder, unbound

if TYPE_CHECKING:
    from regulars.access import Shop

MOST_ENTRIES = 200
_LINES = 20
#: Between the order numbers of one text; no number holds it.
_BETWEEN = "\x1f"

Kind = Literal["order", "refund", "review", "registered", "event", "segment"]
#: At the same instant a refund is told before (above) the order it belongs to.
KINDS: tuple[Kind, ...] = ("segment", "refund", "review", "order", "event", "registered")
#: What files and platforms tell, without the many events.
FACTS: tuple[Kind, ...] = ("order", "refund", "review", "registered")
#: Events that are told as orders already.
_TOLD = ("Order Completed", "Order Refunded", "Order Cancelled", "Order Updated", "Order Shipped", "Order Delivered")


def timeline(
    warehouse: Warehouse, shop: Shop, customer_id: str, *, currency: str, cursor: str | None = None, limit: int = 20,
    kinds: Sequence[Kind] = KINDS,
) -> Timeline:  # fmt: skip
    """A page of a customer's history, of some kinds or all; every order with its 20 largest lines.

    Raises
    ------
    InvalidInput : a foreign cursor, or a limit outside 1 to 200.
    """
    if not 1 <= limit <= MOST_ENTRIES:
        raise InvalidInput(f"a page of {limit} entries", mend=f"ask for 1 to {MOST_ENTRIES}", code="bad_limit")
    after = _after(cursor)
    found: list[tuple[datetime, int, str, dict[str, Any]]] = []
    for place, kind in enumerate(KINDS):
        if kind not in kinds:
            continue
        rows = _source(kind)
        if after is not None:
            rows = _beyond(rows, place, after)
        newest = rows.order_by(rows["at"].desc(), rows.id.asc()).limit(limit + 1)
        asked = warehouse.rows(newest, shop_id=shop.shop_id, customer_id=customer_id)
        found += [(row["at"], place, row["id"], row) for row in asked]
    found.sort(key=lambda entry: (-entry[0].replace(tzinfo=UTC).timestamp(), entry[1], entry[2]))
    shown = found[:limit]
    orders = [row["id"] for _, place, _, row in shown if KINDS[place] == "order"]
    lines = _lines(warehouse, shop.shop_id, customer_id, orders)
    names = _product_names(warehouse, shop.shop_id, [row["product_id"] for _, place, _, row in shown if KINDS[place] == "review"])
    entries = [_entry(KINDS[place], row, lines.get(row["id"], []), names, currency) for _, place, _, row in shown]
    last = shown[-1] if len(found) > limit else None
    return Timeline(entries, cursors.encode("timeline", last[0].isoformat(), last[1], last[2]) if last else None)


_TABLES: Mapping[Kind, str] = {
    "order": "orders", "refund": "refunds", "review": "reviews", "registered": "customers", "event": "events",
    "segment": "segment_changes",
}  # fmt: skip


@cache
def _source(kind: Kind) -> ir.Table:
    """One kind of entry of one customer: at, id, and what belongs to it."""
    table = unbound(_TABLES[kind])
    rows = table.filter(table.shop_id == queries.SHOP, table.customer_id == queries.CUSTOMER)
    match kind:
        case "order":
            return rows.select("status", "units", "line_count", "currency", "total_minor", at=rows.ordered_at, id=rows.order_id)
        case "refund":
            return rows.group_by(id=rows.refund_id).aggregate(
                at=rows.refunded_at.min(),
                kind=rows.kind.min(),
                units=rows.quantity.sum(),
                line_count=rows.count(),
                total_minor=rows.amount_minor.sum(),
                currency=rows.currency.min(),
                product_name=rows.product_name.min(),
            )
        case "review":
            rows = rows.filter(rows.reviewed_at.notnull())
            return rows.select("rating", "product_id", at=rows.reviewed_at, id=rows.review_id)
        case "registered":
            rows = rows.filter(rows.registered_at.notnull())
            return rows.select(at=rows.registered_at, id=rows.customer_id)
        case "event":
            rows = rows.filter(rows.type.isin(("track", "page", "screen")), ~rows.event.isin(_TOLD))
            # A key of 64 bits as text, so that it has an order beside other ids.
            return rows.select(
                "event", "product_name", "product_id", "query", "path", at=rows.timestamp, id=rows.event_key.cast("string")
            )
        case "segment":
            return rows.select("segment_id", "entered", at=rows["at"], id=rows.segment_id.concat(" ", rows.run.cast("string")))


def _after(cursor: str | None) -> tuple[datetime, int, str] | None:
    if cursor is None:
        return None
    at, place, key = cursors.decode(cursor, "timeline", str, int, str)
    try:
        return datetime.fromisoformat(str(at)), int(place), str(key)
    except ValueError:
        raise InvalidInput(
            "the cursor does not belong to this list", mend="begin again without a cursor", code="bad_cursor"
        ) from None


def _beyond(rows: ir.Table, place: int, after: tuple[datetime, int, str]) -> ir.Table:
    """The rows that come after the last one shown: earlier, or as early and later in the order of kinds and ids."""
    at, shown_place, key = after
    moment = ibis.timestamp(at)
    if place < shown_place:
        return rows.filter(rows["at"] < moment)
    if place > shown_place:
        return rows.filter(rows["at"] <= moment)
    return rows.filter((rows["at"] < moment) | ((rows["at"] == moment) & (rows.id > key)))


@cache
def _lines_of_orders() -> ir.Table:
    """The largest lines of some orders of one customer; the orders are given as one text."""
    table = unbound("order_lines")
    wanted = placeholder("order_ids").split(_BETWEEN)
    rows = table.filter(table.shop_id == queries.SHOP, table.customer_id == queries.CUSTOMER, wanted.contains(table.order_id))
    by_size = ibis.window(group_by=rows.order_id, order_by=[rows.amount_minor.desc(), rows.line_key.asc()])
    ranked = rows.mutate(place=ibis.row_number().over(by_size))
    largest = ranked.filter(ranked.place < _LINES).order_by("order_id", "place")
    return largest.select("order_id", "product_id", "product_name", "kind", "quantity", "amount_minor", "currency")


def _lines(warehouse: Warehouse, shop_id: str, customer_id: str, order_ids: list[str]) -> dict[str, list[TimelineLine]]:
    if not order_ids:
        return {}
    found: dict[str, list[TimelineLine]] = {}
    asked = {"shop_id": shop_id, "customer_id": customer_id, "order_ids": _BETWEEN.join(order_ids)}
    for row in warehouse.rows(_lines_of_orders(), **asked):
        line = TimelineLine(
            row["product_id"], row["product_name"], row["kind"], float(row["quantity"]), Money(row["amount_minor"], row["currency"])
        )
        found.setdefault(row["order_id"], []).append(line)
    return found


def _product_names(warehouse: Warehouse, shop_id: str, product_ids: list[str | None]) -> dict[str, str]:
    wanted = sorted({product_id for product_id in product_ids if product_id})
    if not wanted:
        return {}
    table = warehouse.table("products")
    rows = table.filter(table.shop_id == shop_id, table.product_id.isin(wanted), table.name.notnull())
    return {row["product_id"]: row["name"] for row in warehouse.rows(rows.select("product_id", "name"))}


def _entry(kind: Kind, row: dict[str, Any], lines: list[TimelineLine], names: dict[str, str], currency: str) -> TimelineEntry:
    at = row["at"].replace(tzinfo=UTC)
    match kind:
        case "order":
            return TimelineEntry(
                kind=kind,
                at=at,
                id=row["id"],
                status=row["status"],
                amount=Money(row["total_minor"], row["currency"]),
                units=float(row["units"]),
                line_count=row["line_count"],
                lines=lines,
            )
        case "refund":
            return TimelineEntry(
                kind=kind,
                at=at,
                id=row["id"],
                status=row["kind"],
                amount=Money(int(row["total_minor"]), row["currency"] or currency),
                units=None if row["units"] is None else float(row["units"]),
                product_name=row["product_name"] if row["line_count"] == 1 else None,
                line_count=row["line_count"],
            )
        case "review":
            rating = None if row["rating"] is None else float(row["rating"])
            name = names.get(row["product_id"]) or row["product_id"]
            return TimelineEntry(kind=kind, at=at, id=row["id"], rating=rating, product_name=name)
        case "registered":
            return TimelineEntry(kind=kind, at=at, id=row["id"])
        case "event":
            about = row["product_name"] or row["product_id"] or row["query"] or row["path"] or ""
            return TimelineEntry(kind=kind, at=at, id=row["id"], name=row["event"], text=about)
        case "segment":
            status = "entered" if row["entered"] else "left"
            return TimelineEntry(kind=kind, at=at, id=row["id"], name=row["segment_id"], status=status)
