"""Reading events back: by page and filter, counted, and one customer's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from regulars.collect.track import queries
from regulars.collect.track.queries import EventFilters, GroupBy
from regulars.errors import InvalidInput
from regulars.warehouse.local_time import FAR_PAST

if TYPE_CHECKING:
    from regulars.access.domain import Shop
    from regulars.warehouse import Warehouse

MOST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One event as it is kept. Properties of an identify are its traits; nothing in it names a person."""

    source_id: str
    message_id: str
    type: str
    event: str
    customer_id: str | None
    is_known: bool
    user_id: str | None
    anonymous_id: str | None
    timestamp: datetime
    original_at: datetime | None
    sent_at: datetime | None
    received_at: datetime
    session_id: str | None
    product_id: str | None
    product_name: str | None
    category: str | None
    brand: str | None
    variant: str | None
    price: Decimal | None
    quantity: Decimal | None
    value_minor: int | None
    currency: str | None
    order_id: str | None
    coupon: str | None
    query: str | None
    url: str | None
    path: str | None
    title: str | None
    referrer: str | None
    referring_domain: str | None
    utm_source: str | None
    utm_medium: str | None
    utm_campaign: str | None
    utm_term: str | None
    utm_content: str | None
    click_id: str | None
    channel: str | None
    device: str | None
    os: str | None
    browser: str | None
    locale: str | None
    region: str | None
    duration_ms: int | None
    library: str | None
    is_bot: bool
    is_history: bool
    schema_problems: tuple[str, ...]
    properties: dict[str, Any]
    context: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCount:
    """How many events a group holds; `key` has a value for each group that was asked for."""

    key: dict[str, str]
    events: int
    customers: int
    last_received_at: datetime | None


_INSTANTS = ("timestamp", "original_at", "sent_at", "received_at")
_NAMES = tuple(EventRow.__dataclass_fields__)


def listing(
    warehouse: Warehouse,
    shop: Shop,
    wanted: EventFilters,
    *,
    limit: int = 100,
    behind: Sequence[Any] | None = None,
    by: str = "timestamp",
    loaded_behind: str | None = None,
    received_from: datetime = FAR_PAST,
) -> list[EventRow]:
    """Events that pass the filters, the latest first by `timestamp` or `received_at`; `behind` as `place` gave it.

    `loaded_behind` names a part: only events that were loaded after it, and (which makes it quick) received at or after
    `received_from`; that is read only together with it.
    """
    if by not in ("timestamp", "received_at"):
        raise InvalidInput(f"events are not sorted by '{by}'", mend="choose timestamp or received_at", code="bad_sort")
    place = None
    if behind is not None:
        try:
            place = (datetime.fromisoformat(str(behind[0])), str(behind[1]), str(behind[2]))
        except (ValueError, IndexError):
            raise InvalidInput(
                "the cursor is not one of ours", mend="send `next` of the page before, unchanged", code="bad_cursor"
            ) from None
    wanted = replace(wanted, following=loaded_behind is not None)
    found = queries.chosen(warehouse.table("events"), shop.shop_id, wanted)
    page = queries.newest_first(found, by=by, behind=place, limit=limit)
    told = {"behind": loaded_behind, "since": _text(received_from)} if loaded_behind is not None else {}
    return [_row(row) for row in warehouse.rows(page, **told)]


def place(row: EventRow, by: str = "timestamp") -> list[str]:
    """Where a page ended."""
    moment: datetime = getattr(row, by)
    return [moment.replace(tzinfo=None).isoformat(), row.source_id, row.message_id]


def counts(warehouse: Warehouse, shop: Shop, wanted: EventFilters, by: Sequence[GroupBy]) -> list[EventCount]:
    """How many events pass the filters, by group, the largest first; without groups one line."""
    if len(set(by)) != len(by) or len(by) > 3:
        raise InvalidInput("events are counted by at most three different groups", mend="name each group once", code="bad_group")
    found = queries.chosen(warehouse.table("events"), shop.shop_id, wanted)
    return [
        EventCount(
            key={name: _said(row[f"by_{name}"]) for name in by},
            events=int(row["events"] or 0),
            customers=int(row["customers"] or 0),
            last_received_at=_utc(row["last_received_at"]),
        )
        for row in warehouse.rows(queries.counted(found, by, shop.timezone))
    ]


def _row(row: dict[str, Any]) -> EventRow:
    values = {name: row[name] for name in _NAMES}
    for name in _INSTANTS:
        values[name] = _utc(values[name])
    values["schema_problems"] = tuple(row["schema_problems"].split(";")) if row["schema_problems"] else ()
    values["properties"] = json.loads(row["properties"])
    values["context"] = json.loads(row["context"]) if row["context"] else None
    return EventRow(**values)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)


def _said(value: Any) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ") if (value.hour or value.minute) else value.date().isoformat()
    return str(value)
