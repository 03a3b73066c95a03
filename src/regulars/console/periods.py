"""The period picker: presets and free dates, kept in the address, judged by the newest order rather than by today.

A shared address with `period=90d` means the last 90 days of the data whenever it is opened; one with `from` and `to` stays.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from nicegui import ui

from regulars.console import parts
from regulars.console.view import Screen
from regulars.values.periods import Period, add_months

DEFAULT = "12m"
#: preset -> English words; all are texts of the catalogue.
PRESET_WORDS: dict[str, str] = {
    "30d": "Last 30 days",
    "90d": "Last 90 days",
    "12m": "Last 12 months",
    "month": "This month",
    "last_month": "Last month",
    "year": "This year",
    "all": "All time",
}


def preset(name: str, first_on: date, last_on: date) -> Period:
    """The days a preset means for data from `first_on` to `last_on`, both included."""
    month = last_on.replace(day=1)
    match name:
        case "30d" | "90d":
            start = last_on - timedelta(days=int(name[:-1]) - 1)
        case "month":
            start = month
        case "last_month":
            return Period(add_months(month, -1), month)
        case "year":
            start = last_on.replace(month=1, day=1)
        case "all":
            start = first_on
        case _:
            start = max(add_months(month, -11), first_on)
    return Period.between(min(start, last_on), last_on)


def chosen(s: Screen, first_on: date, last_on: date, usual: str = DEFAULT) -> Period:
    """The period of the address; without one the usual one, mostly the last twelve months of the data."""
    start, end = s.date("from"), s.date("to")
    if start and end and start <= end:
        return Period.between(start, end)
    return preset(s.choice("period", tuple(PRESET_WORDS), usual), first_on, last_on)


def narrowed(s: Screen, period: Period) -> Period | None:
    """The period where the address narrows a page that is about all time; None without."""
    start, end = s.date("from"), s.date("to")
    if (start and end and start <= end) or s.choice("period", tuple(PRESET_WORDS), "all") != "all":
        return period
    return None


def given(period: Period | None) -> dict[str, str]:
    """A period as parameters of the API."""
    return {} if period is None else {"from": period.start_on.isoformat(), "to": period.last_on.isoformat()}


def asked(s: Screen) -> tuple[date | None, date | None, str]:
    """What the address says: first day, last day, preset."""
    start, end = s.date("from"), s.date("to")
    if start and end and start <= end:
        return start, end, ""
    return None, None, s.choice("period", tuple(PRESET_WORDS), DEFAULT)


def picker(s: Screen, period: Period, first_on: date, last_on: date, usual: str = DEFAULT) -> None:
    """The button that names the period, and the menu behind it."""
    free = bool(s.date("from") and s.date("to"))
    name = s.choice("period", tuple(PRESET_WORDS), usual)
    button = parts.button(
        s.span(period.start_on, period.last_on) if free else s.t(PRESET_WORDS[name]),
        icon="calendar_today",
        title=s.t("Period: {span}", span=s.span(period.start_on, period.last_on)),
    )
    button.props("aria-haspopup=menu")
    with button, ui.menu().props("anchor='bottom right' self='top right'") as menu, parts.box("rg-menu"):
        for value, words in PRESET_WORDS.items():
            days = preset(value, first_on, last_on)
            item = parts.menu_item(
                s.t(words),
                checked=not free and value == name,
                on_click=lambda value=value: s.go(
                    period=None if value == usual else value, from_=None, to=None, page=None, after=None
                ),
            )
            item.props["title"] = s.span(days.start_on, days.last_on)
        ui.element("hr")
        _free_dates(s, period, first_on, last_on, menu.close)


def _free_dates(s: Screen, period: Period, first_on: date, last_on: date, close: Callable[[], Any]) -> None:
    with parts.box().style("padding: 6px 10px 10px; display: grid; gap: 8px; grid-template-columns: 1fr 1fr"):
        picked = {"from": period.start_on.isoformat(), "to": period.last_on.isoformat()}
        for key, words in (("from", s.t("From")), ("to", s.t("To"))):
            with parts.box("rg-field", "label"):
                parts.text(words)
                field = ui.element("input")
                field.props(f"type=date min={first_on.isoformat()} max={last_on.isoformat()}")
                field.props["value"] = picked[key]
                field.on(
                    "change",
                    lambda event, key=key: picked.update({key: str(event.args)}),
                    js_handler="(event) => emit(event.target.value)",
                )

        def apply() -> None:
            if picked["from"] and picked["to"]:
                start, end = sorted((picked["from"], picked["to"]))
                s.go(period=None, from_=start, to=end, page=None, after=None)
                close()

        parts.button(s.t("Apply"), apply, kind="primary").style("grid-column: span 2")
