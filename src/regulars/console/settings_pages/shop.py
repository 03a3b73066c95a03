"""Settings of the shop: zone, currency, week, and where the lifecycle stages are cut."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from babel.numbers import get_currency_name, list_currencies

from regulars.access import shops
from regulars.access.domain import Shop
from regulars.console import forms, parts, shell
from regulars.console.numbers import locale_of
from regulars.console.registry import screen
from regulars.console.settings_pages.tabs import WEEKDAY_WORDS, tabs
from regulars.console.view import Screen


@screen("/settings/shop", permission="manage_shop", title="Settings", nav="Settings", icon="settings", order=100, group="Manage")
def shop_page(s: Screen) -> None:
    """How this shop counts: zone, currency, week, cuts."""
    shell.head(s, s.t("Settings"))
    tabs(s)

    def ask() -> Shop:
        with s.records.reading() as uow:
            return shops.get(uow, s.shop.shop_id)

    s.load(ask, lambda shop: _shop_form(s, shop))


def _shop_form(s: Screen, shop: Shop) -> None:
    values: forms.Values = {
        "name": shop.name,
        "timezone": shop.timezone,
        "currency": shop.currency,
        "week_start": str(shop.week_start),
        "language": shop.language,
        "new_within_days": shop.new_within_days,
        "dormant_after_days": shop.dormant_after_days,
        "churned_after_days": shop.churned_after_days,
    }
    locale = locale_of(s.language)
    currencies = [
        (code, f"{code} · {get_currency_name(code, locale=locale)}")
        for code in sorted(list_currencies(locale=locale))
        if len(code) == 3
    ]
    weekdays = [s.t(day) for day in WEEKDAY_WORDS]
    with parts.card(s.t("Shop")), parts.box("rg-form"):
        forms.text_field(values, "name", s.t("Name"))
        forms.text_field(
            values,
            "timezone",
            s.t("Time zone"),
            choices=sorted(available_timezones()),
            hint=s.t("Cuts days, weeks and months. Changing it recounts every report."),
        )
        forms.choice_field(values, "currency", s.t("Currency"), currencies, hint=s.t("Reports count orders in this currency."))
        forms.choice_field(values, "week_start", s.t("Week begins on"), [(str(i), day) for i, day in enumerate(weekdays)])
        forms.choice_field(
            values,
            "language",
            s.t("Language of the shop"),
            [("zh", "中文"), ("en", "English")],
            hint=s.t("For exports and messages; each operator chooses their own for the console."),
        )
    with (
        parts.card(
            s.t("Lifecycle cuts"), s.t("Left empty, dormant and churned are read from the shop's own purchase rhythm.")
        ) as card,
        parts.box("rg-form"),
    ):
        forms.text_field(values, "new_within_days", s.t("New: first order at most this many days ago"), kind="number")
        forms.text_field(
            values,
            "dormant_after_days",
            s.t("Dormant after days without an order"),
            kind="number",
            placeholder=s.t("By the shop's rhythm"),
        )
        forms.text_field(
            values,
            "churned_after_days",
            s.t("Churned after days without an order"),
            kind="number",
            placeholder=s.t("By the shop's rhythm"),
        )
    card.props["id"] = "lifecycle"

    def save() -> Shop:
        changes: dict[str, Any] = {name: values[name] for name in ("name", "timezone", "currency", "language")}
        changes["week_start"] = int(values["week_start"])
        changes["new_within_days"] = _days(values["new_within_days"]) or shop.new_within_days
        changes["dormant_after_days"] = _days(values["dormant_after_days"])
        changes["churned_after_days"] = _days(values["churned_after_days"])
        with s.records.unit() as uow:
            return shops.change(uow, s.caller, shop.shop_id, **changes)

    with parts.box("rg-row"):
        parts.button(s.t("Save"), s.act(save, s.t("Saved. Reports follow in a moment."), permission="manage_shop"), kind="primary")


def _days(value: Any) -> int | None:
    text = str(value or "").strip()
    return int(float(text)) if text else None
