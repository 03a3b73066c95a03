"""Rows of a database as messages, told so that a run that was cut off anywhere can be done again.

Of an order the connector remembers what the stream surely has (`told`) and what it may have (`telling`, written before it is handed
over). What may have been told is told again under the same ids; what changed meanwhile is told as a change.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from regulars.collect.imports.domain.mapping import recognise
from regulars.collect.platforms.domain.facts import (
    FIELDS,
    NEEDED,
    Take,
    customer_of,
    event_of,
    order_of,
    product_of,
    refunded_since,
)
from regulars.collect.platforms.domain.messages import Message, Setting, digest, moment
from regulars.collect.platforms.domain.orders import Order, order_messages
from regulars.collect.platforms.domain.payload import Reader
from regulars.errors import InvalidInput

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What an order's change comes to, and what is to be remembered of it; nothing where nothing changed."""

    messages: list[Message]
    telling: dict[str, str] | None


def columns_of(take: Take, columns: Sequence[str], given: Mapping[str, str], name: str = "the query") -> dict[str, str]:
    """Which column is which field: as given, else recognised by the same words as files.

    Raises
    ------
    InvalidInput : a field that there is none of, a column that the query does not give, a needed field without a column.
    """
    for field, column in given.items():
        if field not in FIELDS[take]:
            raise InvalidInput(
                f"'{field}' is not a field of {take}",
                mend=f"choose from {', '.join(FIELDS[take])}",
                code="unknown_field",
                field=field,
            )
        if column and column not in columns:
            raise InvalidInput(
                f"{name} has no column '{column}' for {field}",
                mend=f"its columns are: {', '.join(columns)}",
                code="unknown_column",
                field=field,
                column=column,
            )
    if take == "events":
        found = {field: column for field in FIELDS[take] for column in columns if column.casefold() == field}
    else:
        found = {one.field: one.column for one in recognise(take, tuple(columns), given=given, name=name).columns}
        found |= {field: field for field in FIELDS[take] if field in columns and field not in found and field not in given}
    found |= given
    chosen = {field: column for field, column in found.items() if column and field in FIELDS[take]}
    for group in NEEDED[take]:
        if not any(field in chosen for field in group):
            raise InvalidInput(
                f"no column of {name} is {' or '.join(group)} ({FIELDS[take][group[0]]})",
                mend=f"name it in the mapping, for example {group[0]}=COLUMN; the columns are: {', '.join(columns)}",
                code="missing_column",
                missing=list(group),
            )
    return chosen


def fields_of(row: Row, mapping: Mapping[str, str], zone: str) -> Reader:
    """A row by field names, its cells as the payload reader takes them."""
    return Reader({field: cell(row[column]) for field, column in mapping.items()}, zone=zone)


def cell(value: Any) -> Any:
    """A cell as text, number or time."""
    match value:
        case None | str() | bool() | int() | float() | Decimal() | datetime() | date():
            return value
        case time() | UUID():
            return str(value)
        case bytes() | memoryview():
            return bytes(value).decode("utf-8", "replace")
        case dict():
            return {str(key): cell(inner) for key, inner in value.items()}
        case list() | tuple():
            return [cell(inner) for inner in value]
        case _:
            return str(value)


def order_from(rows: Sequence[Row], mapping: Mapping[str, str], setting: Setting) -> Order:
    """One order of all its rows: what is told of the whole order is the first cell of it that is filled."""
    readers = [fields_of(row, mapping, setting.zone) for row in rows]
    head: dict[str, Any] = {}
    for reader in readers:
        for field, value in reader.of.items():
            if head.get(field) in (None, ""):
                head[field] = value
    return order_of(Reader(head, zone=setting.zone), readers, setting)


def tell_order(
    order: Order, told: Mapping[str, str] | None, telling: Mapping[str, str] | None, now: datetime, library: str
) -> Told:
    """What is to be told of an order, given what was told and what may have been."""
    given_back = sum((refund.total for refund in order.refunds), Decimal(0))
    mark = digest([order.properties(), order.state, dict(order.traits), given_back])
    if order.state in ("unpaid", "draft"):
        return Told([], None)
    if told is not None and told["digest"] == mark and telling is None:
        return Told([], None)
    again = telling is not None and telling["digest"] == mark
    at = datetime.fromisoformat(telling["at"]) if telling is not None and again else now
    changed = order.updated_at if order.updated_at is not None and order.updated_at > order.ordered_at else at
    first = told is None and (telling is None or again)
    messages = []
    for step in _refunds(order, told, telling, given_back):
        messages += order_messages(replace(step, is_new=first, updated_at=max(changed, order.ordered_at)), library)
    unique = {message["messageId"]: message for message in messages if told is None or message.get("event") != "Order Completed"}
    return Told(list(unique.values()), {"digest": mark, "refunded": format(given_back, "f"), "at": moment(at)})


def _refunds(order: Order, told: Mapping[str, str] | None, telling: Mapping[str, str] | None, given_back: Decimal) -> list[Order]:
    """The order with what was given back since; in two steps where a sum between may have been told."""
    before = Decimal(told["refunded"]) if told else Decimal(0)
    between = Decimal(telling["refunded"]) if telling else before
    if between in (before, given_back) or not order.refunds:
        return [refunded_since(order, before)]
    half = replace(order, refunds=(replace(order.refunds[0], total=between),))
    return [refunded_since(half, before), refunded_since(order, between)]


def row_message(take: Take, row: Row, mapping: Mapping[str, str], setting: Setting, state: str, seen_at: datetime) -> Message:
    """One customer, product or event; the same content at the same cursor value is the same message."""
    reader = fields_of(row, mapping, setting.zone)
    match take:
        case "customers":
            return customer_of(reader, setting, seen_at, state)
        case "products":
            return product_of(reader, setting, seen_at, state)
        case _:
            used = set(mapping.values())
            more = {name: cell(value) for name, value in row.items() if name not in used and value is not None}
            return event_of(reader, setting, seen_at, more)


def key_of(order_id: str) -> str:
    """What an order is remembered under."""
    return hashlib.blake2b(order_id.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
