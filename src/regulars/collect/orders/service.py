"""The verbs of orders that arrive as events: project messages, make room for files, fold again, rebuild.

What messages told is kept as small facts in the warehouse (`order_facts`), beside what is folded from them and in the same
transaction: so a refund may come before its order, a message may come twice, and events may expire while their orders stay.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from regulars.collect.orders.checks import CHECKS
from regulars.collect.orders.domain import FROM_EVENTS, Folded, OrderFact, Rates, fold, is_order_event, read
from regulars.collect.orders.queries import EVENT_COLUMNS, in_month, months_of, order_events, orders_told
from regulars.collect.orders.stored import Known, delete_rows, kept_before, merge_rows, put_back, read_known
from regulars.values.clock import now
from regulars.work import enqueue, is_asked_for

if TYPE_CHECKING:
    from regulars.access.domain import Shop
    from regulars.records import UnitOfWork
    from regulars.warehouse import Warehouse

__all__ = [
    "CHECKS",
    "TELL",
    "OrderProblem",
    "Projected",
    "changes_wait",
    "fold_again",
    "known_orders",
    "make_room",
    "note_changes",
    "project",
    "project_events",
    "rebuild",
]

#: The job that tells that orders have arrived.
TELL = "orders.tell"
_TOLD_AFTER = timedelta(seconds=60)
_ORDERS_AT_ONCE = 1_000
_MESSAGES_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class OrderProblem:
    """What of a message about an order cannot be taken: a code of the catalogue, `other_currency` or `total:missing`."""

    source_id: str
    message_id: str
    order_id: str | None
    code: str


@dataclass(frozen=True, slots=True)
class Projected:
    """Rows that were new, changed or removed, and what could not be taken."""

    orders: int = 0
    lines: int = 0
    refunds: int = 0
    problems: tuple[OrderProblem, ...] = field(default=())

    @property
    def changed(self) -> bool:
        """Whether any number that is derived from orders is stale."""
        return bool(self.orders or self.lines or self.refunds)

    def __add__(self, other: Projected) -> Projected:
        return Projected(
            self.orders + other.orders, self.lines + other.lines, self.refunds + other.refunds, self.problems + other.problems
        )


def project(
    warehouse: Warehouse, shop: Shop, messages: Iterable[Mapping[str, Any]], *, rates: Rates | Mapping[str, Decimal] | None = None
) -> Projected:
    """Take what accepted messages tell about orders into orders, order_lines and refunds.

    The result depends on the set of messages and loads only, not on their order, their batches or repetitions. It is one warehouse
    transaction, or a part of the one that runs.

    Parameters
    ----------
    messages : in Segment form, cleaned of what names people, with the loader's `source_id`, `customer_id` (the id as
        told, before merges) and corrected `timestamp` (an instant or ISO text); other events are passed over.
    rates : the shop's rates, or currency -> how much of the shop's currency one unit is worth always; orders in any other currency are left out as a problem.
    """
    return _take(warehouse, shop, messages, rates or {}, anew=False)


def _take(
    warehouse: Warehouse, shop: Shop, messages: Iterable[Mapping[str, Any]], rates: Rates | Mapping[str, Decimal], *, anew: bool
) -> Projected:
    """Keep what messages tell and fold their orders; `anew` replaces what is kept of the same messages."""
    facts: dict[tuple[str, str], OrderFact] = {}
    problems: list[OrderProblem] = []
    for message in messages:
        event = message.get("event")
        if not isinstance(event, str) or not is_order_event(event):
            continue
        fact, codes = read(message, shop.currency, rates, shop.timezone)
        named = str(message.get("source_id") or ""), str(message.get("messageId") or "")
        problems += [OrderProblem(*named, fact.order_id if fact else None, code) for code in codes]
        if fact is not None:
            facts.setdefault(named, fact)
    if not facts:
        return Projected(problems=tuple(problems))
    with warehouse.transaction():
        rows = [fact.row(shop.shop_id) for fact in facts.values()]
        if not merge_rows(warehouse, "order_facts", rows, update=anew):
            return Projected(problems=tuple(problems))
        folded = fold_again(warehouse, shop.shop_id, sorted({fact.order_id for fact in facts.values()}))
    found = [problem for problem in folded.problems if (problem.source_id, problem.message_id) in facts]
    seen = {(problem.source_id, problem.message_id, problem.code) for problem in problems}
    more = [problem for problem in found if (problem.source_id, problem.message_id, problem.code) not in seen]
    return Projected(folded.orders, folded.lines, folded.refunds, (*problems, *more))


def project_events(
    warehouse: Warehouse, shop: Shop, events: pa.Table, *, rates: Rates | Mapping[str, Decimal] | None = None
) -> Projected:
    """`project` for rows of the warehouse table `events` (a part as the loader archives it)."""
    names = [name for name in events.column("event").unique().to_pylist() if is_order_event(name)]
    if not names:
        return Projected()
    chosen = events.filter(pc.is_in(events.column("event"), value_set=pa.array(names, events.schema.field("event").type)))
    return project(warehouse, shop, map(_message, chosen.select(EVENT_COLUMNS).to_pylist()), rates=rates)


def fold_again(warehouse: Warehouse, shop_id: str, order_ids: Sequence[str]) -> Projected:
    """Fold all that is known of these orders into their rows; what is right already is not touched."""
    done = Projected()
    with warehouse.transaction():
        for start in range(0, len(order_ids), _ORDERS_AT_ONCE):
            known = read_known(warehouse, shop_id, order_ids[start : start + _ORDERS_AT_ONCE])
            done += _write(warehouse, shop_id, known)
    return done


def known_orders(warehouse: Warehouse, shop_ids: Sequence[str]) -> pa.Table:
    """Which orders messages have told of: rows of shop_id and order_id."""
    return warehouse.query(orders_told(shop_ids))


def make_room(warehouse: Warehouse, shop_id: str, order_ids: Sequence[str]) -> None:
    """Leave of these orders only what files said, so that another file can be merged with that; `fold_again` comes after it."""
    with warehouse.transaction():
        for start in range(0, len(order_ids), _ORDERS_AT_ONCE):
            put_back(warehouse, shop_id, order_ids[start : start + _ORDERS_AT_ONCE])


def rebuild(warehouse: Warehouse, shop: Shop, *, rates: Rates | Mapping[str, Decimal] | None = None) -> Projected:
    """Project anew from the table `events`, into which archived parts have been loaded; what files said stays.

    Facts whose events have expired stay as they are, so nothing of their orders is lost.
    """
    done = Projected()
    with warehouse.transaction():
        told = known_orders(warehouse, [shop.shop_id]).column("order_id").to_pylist()
        events = order_events(shop.shop_id)
        for month in [row["month"] for row in warehouse.rows(months_of(events))]:
            batch: list[dict[str, Any]] = []
            for row in warehouse.rows(in_month(events, month)):
                batch.append(_message(row))
                if len(batch) == _MESSAGES_AT_ONCE:
                    done += _take(warehouse, shop, batch, rates or {}, anew=True)
                    batch = []
            done += _take(warehouse, shop, batch, rates or {}, anew=True)
        return done + fold_again(warehouse, shop.shop_id, told)


def note_changes(uow: UnitOfWork, shop_id: str) -> None:
    """Have it told that orders have arrived: at most once a minute, however many messages come."""
    enqueue(uow, TELL, {}, shop_id=shop_id, key=f"{TELL}:{shop_id}", run_at=now() + _TOLD_AFTER)


def changes_wait(uow: UnitOfWork, shop_id: str) -> bool:
    """Whether orders have arrived of which it is yet to be told."""
    return is_asked_for(uow, TELL, shop_id)


def _write(warehouse: Warehouse, shop_id: str, known: Mapping[str, Known]) -> Projected:
    """Fold each order and write the rows that differ."""
    folded: dict[str, Folded] = {}
    before: list[dict[str, Any]] = []
    for order_id, order in known.items():
        if not order.facts:
            continue
        imported = order.imported
        made = folded[order_id] = fold(shop_id, order_id, order.facts, imported)
        if imported is not None:
            kept = kept_before(shop_id, order_id, imported, made.lines)
            if kept != order.before:
                before.append(kept)
    merge_rows(warehouse, "order_facts", before)
    orders = [made.order for made in folded.values() if made.order is not None]
    gone = [order.header for order_id, order in known.items() if order_id in folded and order.header and not folded[order_id].order]
    changed = merge_rows(warehouse, "orders", orders) + delete_rows(warehouse, "orders", gone)
    counts = {}
    for table, key in (("order_lines", ("order_id", "line_key")), ("refunds", ("refund_id", "line_key"))):
        rows = [row for made in folded.values() for row in (made.lines if table == "order_lines" else made.refunds)]
        there = {tuple(row[name] for name in key) for row in rows}
        stored = [row for order_id in folded for row in _stored(known[order_id], table)]
        left_over = [row for row in stored if tuple(row[name] for name in key) not in there]
        counts[table] = delete_rows(warehouse, table, left_over) + merge_rows(warehouse, table, rows)
    problems = tuple(
        OrderProblem(fact.source_id, fact.message_id, fact.order_id, code)
        for made in folded.values()
        for fact, code in made.problems
    )
    return Projected(changed, counts["order_lines"], counts["refunds"], problems)


def _stored(order: Known, table: str) -> Iterator[dict[str, Any]]:
    """The stored rows that folding answers for: all lines, and the refunds that no file has booked."""
    if table == "order_lines":
        yield from order.lines
    else:
        yield from (row for row in order.refunds if row["load_id"] == FROM_EVENTS)


def _message(row: Mapping[str, Any]) -> dict[str, Any]:
    """A stored event as the message it was; what became a column is taken from there."""
    told = json.loads(row["properties"] or "{}")
    properties = told if isinstance(told, dict) else {}
    properties |= {name: row[name] for name in ("order_id", "currency", "coupon") if row[name] is not None}
    return {
        "event": row["event"],
        "messageId": row["message_id"],
        "source_id": row["source_id"],
        "customer_id": row["user_id"] or row["anonymous_id"],
        "timestamp": row["timestamp"],
        "properties": properties,
    }
