"""Settings: what other currencies are worth, and the orders that wait for a rate."""

from __future__ import annotations

from datetime import date

from regulars.collect.orders import rates
from regulars.collect.orders.domain.rates import CurrencyRate
from regulars.collect.orders.rates import WaitingOrders
from regulars.console import forms, parts, screen, shell
from regulars.console.settings_pages.tabs import tabs
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.errors import InvalidInput
from regulars.values import clock
from regulars.values.zones import local_day


@screen("/settings/rates", permission="manage_shop", title="Exchange rates", parent="/settings/shop")
def rates_page(s: Screen) -> None:
    """Rates by currency and day."""
    tools = shell.head(s, s.t("Settings"))
    with tools:
        parts.button(s.t("Add a rate"), lambda: _add(s), icon="add", kind="primary")
    tabs(s)

    def ask() -> tuple[list[CurrencyRate], list[WaitingOrders]]:
        with s.records.reading() as uow:
            told = rates.told_rates(uow, s.shop.shop_id)
        return told, rates.waiting_orders(s.warehouse, s.shop)

    s.load(ask, lambda found: _draw(s, *found), skeleton="table")


def _draw(s: Screen, told: list[CurrencyRate], waiting: list[WaitingOrders]) -> None:
    if waiting:
        note = s.t("They were told in a currency without a rate for their day, and count nowhere until one is entered.")
        with parts.card(s.t("Orders that wait for a rate"), note, flush=True):
            columns = [
                Column(s.t("Currency")),
                Column(s.t("Orders"), align="end"),
                Column(s.t("From"), align="end"),
                Column(s.t("To"), align="end"),
                Column("", align="end"),
            ]
            rows = [
                Row(
                    [
                        Cell(one.currency),
                        Cell(s.count(one.orders), tone="warn"),
                        Cell(s.day(one.first_at)),
                        Cell(s.day(one.last_at)),
                        Cell(s.t("Add a rate"), action="add"),
                    ],
                    key=one.currency,
                )
                for one in waiting
            ]

            def add(index: int, _: str) -> None:
                _add(s, waiting[index].currency, local_day(waiting[index].first_at, s.shop.timezone))

            sheet(columns, rows, caption=s.t("Orders that wait for a rate"), kind="cards", on_open=add)
    note = s.t("What one unit is worth in {currency}, from the beginning of a day until the next rate.", currency=s.shop.currency)
    with parts.card(s.t("Exchange rates"), note, flush=True):
        if not told:
            words = s.t("Orders in other currencies than the shop's are set aside until their rate is entered here.")
            parts.empty("currency_exchange", s.t("No rate yet"), words)
            return
        columns = [Column(s.t("Currency")), Column(s.t("From")), Column(s.t("Rate"), align="end"), Column("", align="end")]
        rows = [
            Row(
                [Cell(one.currency), Cell(one.from_on.isoformat()), Cell(f"{one.rate:f}"), Cell(s.t("Take back"), action="back")],
                key=f"{one.currency}{one.from_on}",
            )
            for one in told
        ]
        sheet(columns, rows, caption=s.t("Exchange rates"), kind="cards", on_open=lambda index, _: _take_back(s, told[index]))


def _add(s: Screen, currency: str = "", day: date | None = None) -> None:
    from_on = day or local_day(clock.now(), s.shop.timezone)
    values: forms.Values = {"currency": currency, "from_on": from_on.isoformat(), "rate": ""}
    dialog = forms.Dialog(s, s.t("Add a rate"))
    with dialog:
        forms.text_field(values, "currency", s.t("Currency"), most=3, placeholder="USD")
        hint = s.t("The first day in the shop's time zone.")
        forms.text_field(values, "from_on", s.t("From"), most=10, placeholder="2026-01-01", hint=hint)
        worth = s.t("What one unit is worth in {currency}", currency=s.shop.currency)
        forms.text_field(values, "rate", worth, most=40, placeholder="7.1034")

    def tell() -> CurrencyRate:
        try:
            begins = date.fromisoformat(str(values["from_on"]).strip())
        except ValueError:
            raise InvalidInput("the day cannot be read", mend="write it as 2026-01-01", code="bad_day") from None
        with s.records.unit() as uow:
            return rates.tell_rate(
                uow, s.caller, s.shop, currency=str(values["currency"]), rate=str(values["rate"]), from_on=begins
            )

    def done(_: CurrencyRate) -> None:
        s.notify(s.t("Saved. Orders that waited are taken in a few seconds."))
        dialog.done()

    dialog.buttons(s.t("Save"), s.act(tell, done, permission="manage_shop"))
    dialog.open()


def _take_back(s: Screen, one: CurrencyRate) -> None:
    def take_back() -> None:
        with s.records.unit() as uow:
            rates.take_back_rate(uow, s.caller, s.shop, currency=one.currency, from_on=one.from_on)

    words = s.t("The rate before it holds for its days; without one, their orders are set aside again.")
    forms.sure(s, s.t("Take this rate back?"), words, s.t("Take back"), take_back, done=lambda _: s.redraw())
