"""How an event is shown: as a line of a list, and whole in a dialog."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from regulars.collect.track.reading import EventRow
from regulars.console import forms, parts
from regulars.console.sheet import Cell, Column, Row
from regulars.console.view import Screen
from regulars.values import clock

_FRESH_SECONDS = 4.0
#: What the whole event is shown as, in this order; what is empty is left out.
_FIELD_WORDS = {
    "session_id": "Session",
    "product_id": "Product number",
    "product_name": "Product",
    "category": "Category",
    "brand": "Brand",
    "variant": "Variant",
    "price": "Price",
    "quantity": "Quantity",
    "currency": "Currency",
    "order_id": "Order",
    "coupon": "Coupon",
    "query": "Searched for",
    "url": "Address",
    "title": "Title",
    "referrer": "Page before",
    "utm_source": "Campaign source",
    "utm_medium": "Campaign medium",
    "utm_campaign": "Campaign",
    "utm_term": "Campaign term",
    "utm_content": "Campaign content",
    "click_id": "Paid click",
    "channel": "Channel",
    "device": "Device",
    "os": "System",
    "browser": "Browser",
    "locale": "Language",
    "region": "Region",
    "duration_ms": "Duration (ms)",
    "library": "Sent by",
}


def columns(s: Screen) -> list[Column]:
    """The heads of a list of events."""
    return [
        Column(s.t("Received"), align="nowrap"),
        Column(s.t("Event"), align="nowrap"),
        Column(s.t("Customer or visitor"), align="nowrap"),
        Column(s.t("What about"), width="clip"),
        Column(s.t("Source"), align="nowrap", width="drop"),
    ]


def key_of(event: EventRow) -> str:
    """What makes an event one."""
    return f"{event.source_id}/{event.message_id}"


def row(s: Screen, event: EventRow, names: Mapping[str, str], *, fresh: bool = False) -> Row:
    """An event as a line; a click opens it."""
    told = [s.t("Breaks its schema")] if event.schema_problems else []
    told += [s.t("Bot")] if event.is_bot else []
    told += [s.t("History")] if event.is_history else []
    return Row(
        [
            Cell(at_clock(s, event.received_at), hint=s.instant(event.received_at)),
            Cell(event.event, sub=" · ".join(told), hint=problem_words(s, event.schema_problems)),
            Cell(
                short_id(event.customer_id) or "–",
                href=s.customer_url(event.customer_id) if event.customer_id and s.may("read_customers") else "",
                hint=event.customer_id or "",
                tone="" if event.is_known else "faint",
            ),
            Cell(about(event), hint=about(event)),
            Cell(names.get(event.source_id, event.source_id)),
        ],
        key=key_of(event),
        opens=key_of(event),
        fresh=fresh,
    )


def is_fresh(event: EventRow) -> bool:
    """Whether it came just now."""
    return clock.now() - event.received_at < timedelta(seconds=_FRESH_SECONDS)


def about(event: EventRow) -> str:
    """What it is about, in a few words."""
    money = f"{event.price.normalize():f} {event.currency or ''}".strip() if event.price is not None else ""
    told = (event.order_id, event.product_name or event.product_id, money, event.query, event.path or event.title)
    words = [word for word in told if word]
    if words:
        return " · ".join(words[:3])
    plain = [f"{name}: {value}" for name, value in event.properties.items() if isinstance(value, str | int | float)]
    return ", ".join(plain[:3])


def short_id(customer_id: str | None) -> str:
    """An id that fits into a list."""
    if customer_id is None:
        return ""
    return customer_id if len(customer_id) <= 14 else customer_id[:10] + "…"


def at_clock(s: Screen, moment: datetime) -> str:
    """The time of day on the shop's clock, with the day where it is not today."""
    local = moment.astimezone(ZoneInfo(s.zone))
    if local.date() == clock.today(s.zone):
        return f"{local:%H:%M:%S}"
    return f"{s.day(local.date())} {local:%H:%M}"


def since_words(s: Screen, moment: datetime) -> str:
    """`14:05` today, else with its day: for sentences such as "nothing since ..."."""
    local = moment.astimezone(ZoneInfo(s.zone))
    return f"{local:%H:%M}" if local.date() == clock.today(s.zone) else s.instant(moment)


def open_event(s: Screen, event: EventRow, names: Mapping[str, str]) -> None:
    """The whole event in a dialog."""
    dialog = forms.Dialog(s, event.event, wide=True)
    with dialog:
        with parts.box("rg-row"):
            parts.badge(event.type, plain=True)
            parts.badge(s.t("Known customer") if event.is_known else s.t("Visitor"), "good" if event.is_known else "")
            if event.is_bot:
                parts.badge(s.t("Bot"), "info")
            if event.is_history:
                parts.badge(s.t("History"))
        _problems(s, event.schema_problems)
        with parts.box("rg-scroll rg-stack"):
            parts.facts([*_times(s, event), *_who(s, event, names), *_fields(s, event)])
            _json(s, s.t("Properties"), event.properties)
            if event.context:
                _json(s, s.t("Circumstances"), event.context)
    with dialog.foot:
        if event.customer_id and s.may("read_customers"):
            parts.button(s.t("What else they did"), icon="person_search", href=s.customer_url(event.customer_id))
        parts.button(s.t("Close"), dialog.close, kind="primary")
    dialog.open()


def problem_words(s: Screen, problems: Sequence[str]) -> str:
    """Broken properties in words: `price: not a number`."""
    said = []
    for problem in problems:
        name, _, code = problem.partition(":")
        said.append(f"{name}: {s.word('problem', code)}" if code else s.word("problem", name))
    return "; ".join(said)


def _problems(s: Screen, problems: Sequence[str]) -> None:
    if problems:
        parts.notice(s.t("Breaks its schema"), problem_words(s, problems), tone="warn")


def _times(s: Screen, event: EventRow) -> list[tuple[str, str]]:
    told = [(s.t("Happened"), s.instant(event.timestamp)), (s.t("Received"), s.instant(event.received_at))]
    if event.original_at and event.original_at != event.timestamp:
        told.append((s.t("On the device's clock"), s.instant(event.original_at)))
    return told


def _who(s: Screen, event: EventRow, names: Mapping[str, str]) -> list[tuple[str, str]]:
    told = [
        (s.t("Source"), names.get(event.source_id, event.source_id)),
        (s.t("Message"), event.message_id),
        (s.t("Customer"), event.customer_id or ""),
        (s.t("Customer as told"), event.user_id if event.user_id and event.user_id != event.customer_id else ""),
        (s.t("Device as told"), event.anonymous_id if event.anonymous_id != event.customer_id else ""),
    ]
    return [(name, value) for name, value in told if value]


def _fields(s: Screen, event: EventRow) -> list[tuple[str, str]]:
    told = []
    for name, words in _FIELD_WORDS.items():
        value = getattr(event, name)
        if value not in (None, ""):
            told.append((s.t(words), f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)))
    return told


def _json(s: Screen, title: str, value: Mapping[str, object]) -> None:
    parts.text(title, "rg-strong", "h3")
    parts.code(json.dumps(value, ensure_ascii=False, indent=2), s.t("Copy"), wrap=True)
