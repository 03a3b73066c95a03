"""The frame of every report page: a heading, the period of the data, and the way on when there is no data yet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from regulars.console import parts, periods, shell
from regulars.console.view import Screen
from regulars.values.periods import Period
from regulars.values.zones import local_day


class Span(Protocol):
    """What a report page needs to know about the data's reach."""

    @property
    def first_at(self) -> datetime | None:
        """The oldest order."""

    @property
    def as_of(self) -> datetime:
        """The moment up to which the data are judged."""

    @property
    def currency(self) -> str:
        """The currency of the reports."""

    @property
    def other_currency_orders(self) -> int:
        """Orders no report counts, as they are in another currency."""

    @property
    def empty(self) -> bool:
        """No order at all."""


def report_page(
    s: Screen,
    title: str,
    note: str,
    ask_span: Callable[[], Span],
    build: Callable[[Period], None],
    *,
    usual: str = periods.DEFAULT,
    tools: Callable[[Period], None] | None = None,
    back: tuple[str, str] | None = None,
) -> None:
    """Draw the heading at once, then the page for the chosen period (`usual` without one); without orders, say how to load some."""
    place = shell.head(s, title, note, back=back)

    def show(span: Span) -> None:
        s.currency = span.currency
        if span.empty or span.first_at is None:
            no_orders(s)
            return
        first_on = local_day(span.first_at, s.zone)
        last_on = local_day(span.as_of - timedelta(microseconds=1), s.zone)
        period = periods.chosen(s, first_on, last_on, usual)
        with place:
            if tools is not None:
                tools(period)
            parts.text(s.span(period.start_on, period.last_on), "rg-small rg-faint rg-num rg-span")
            periods.picker(s, period, first_on, last_on, usual)
        if span.other_currency_orders:
            parts.notice(
                s.plural(
                    span.other_currency_orders,
                    "{n} order is in a currency other than {currency} and is left out.",
                    "{n} orders are in a currency other than {currency} and are left out.",
                    currency=span.currency,
                ),
                tone="warn",
            )
        build(period)

    s.load(ask_span, show, skeleton="page")


def no_orders(s: Screen) -> None:
    """Nothing loaded yet: what to do next."""
    with parts.card():
        if s.may("load_data"):
            parts.empty(
                "upload_file",
                s.t("Load your orders to begin"),
                s.t("A CSV, spreadsheet or Parquet file of orders is enough: numbers, regulars and who slips away follow from it."),
                action=s.t("Load orders"),
                href=s.url("/data/load"),
            )
        else:
            parts.empty(
                "hourglass_empty", s.t("No orders yet"), s.t("Somebody with the right to load data has to load the orders first.")
            )


def as_of_words(s: Screen, as_of: datetime | None) -> str:
    """Up to when the figures count."""
    if as_of is None:
        return ""
    return s.t("Figures up to {day}", day=s.day(as_of - timedelta(microseconds=1)))
