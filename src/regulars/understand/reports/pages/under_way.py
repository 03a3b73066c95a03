"""Asking on a page: what is quick is simply there; what takes longer shows how far it is and can be cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from nicegui import ui

from regulars.collect import imports
from regulars.console import parts
from regulars.console.view import Screen
from regulars.errors import InvalidInput, NotEnoughData, RegularsError
from regulars.understand.questions import Desk
from regulars.understand.reports.domain.answers import Answered
from regulars.understand.reports.domain.running import Run
from regulars.understand.reports.service import book_of

_LOOKED_AFTER_SECONDS = 0.08
_TOLD_AFTER_SECONDS = 1.0


def ask_here(
    s: Screen, kind: str, question: Mapping[str, Any], show: Callable[[Answered], None], *, height: int = 320, title: str = ""
) -> None:
    """Ask a report in this place; draw its answer when it is there."""
    place = parts.box("rg-load")
    with place:
        shape = parts.box("rg-skeleton")
        shape.style(f"height: {height}px; width: 100%")
        shape.props("aria-hidden=true")
    s.follow(_answer(s, place, kind, question, show, title))


async def _answer(
    s: Screen, place: Any, kind: str, question: Mapping[str, Any], show: Callable[[Answered], None], title: str
) -> None:
    book, shop_id = book_of(s.warehouse), s.shop.shop_id
    try:
        run = await asyncio.to_thread(book.start, Desk(s.warehouse, s.shop), kind, question)
        words: parts.Text | None = None
        while run.state in ("waiting", "running"):
            await asyncio.sleep(_LOOKED_AFTER_SECONDS)
            if place.is_deleted:
                book.cancel(run.run_id, shop_id)
                return
            run = book.get(run.run_id, shop_id)
            if run.seconds > _TOLD_AFTER_SECONDS and run.state in ("waiting", "running"):
                if words is None:
                    words = _waiting(s, place, partial(book.cancel, run.run_id, shop_id), title)
                words.say(_how_far(s, run))
        if place.is_deleted:
            return
        place.clear()
        with place:
            _ended(s, run, show, title)
    except Exception as error:
        if not place.is_deleted:
            place.clear()
            with place, parts.card(title):
                s.say_error(error)


def _waiting(s: Screen, place: Any, cancel: Callable[[], Any], title: str) -> parts.Text:
    place.clear()
    with place, parts.card(title), parts.box("rg-row rg-waiting"):
        parts.icon("hourglass_top")
        words = parts.text("", "rg-num rg-muted")
        parts.button(s.t("Cancel"), cancel, icon="close")
    return words


def _how_far(s: Screen, run: Run) -> str:
    told = s.t("Asking for {time}", time=s.duration(run.seconds))
    return f"{told} · {run.percent:.0f}%" if run.percent else told


def _ended(s: Screen, run: Run, show: Callable[[Answered], None], title: str) -> None:
    if run.answer is not None:
        show(run.answer)
        return
    if run.state == "cancelled":
        with parts.card(title):
            parts.empty("block", s.t("Cancelled"), s.t("The question was stopped. Nothing else was touched."))
        return
    failure = run.failure
    if failure is not None and failure.code in HOW_TO_PROVIDE:
        with parts.card(title):
            how_to_provide(s, failure.code)
        return
    error: RegularsError = InvalidInput("the question failed", code="error")
    if failure is not None:
        kind = NotEnoughData if failure.code.startswith("no_") else InvalidInput
        error = kind(failure.message, mend=failure.mend, code=failure.code)
    with parts.card(title):
        s.say_error(error)


#: What is missing -> where it is provided.
HOW_TO_PROVIDE = (
    "no_orders", "no_visits", "no_reviews", "no_events", "no_costs", "no_promotions", "no_market", "no_delivery", "no_stock", "no_tickets",
    "no_reasons_of_refunds", "no_reasons_of_reviews", "no_reasons_of_tickets",
)  # fmt: skip


def how_to_provide(s: Screen, code: str) -> None:
    """What a figure needs that is not there yet, and the way to provide it."""
    match code:
        case "no_orders":
            parts.empty(
                "upload_file",
                s.t("No orders yet"),
                s.t("Load a file of orders, or let the shop send Order Completed."),
                action=s.t("Load orders") if s.may("load_data") else "",
                href=s.url("/data/load"),
            )
        case "no_visits":
            parts.empty(
                "travel_explore",
                s.t("No visits yet"),
                s.t("Visits are cut from events. Put the tracker into the shop's pages, or point an SDK here."),
                action=s.t("Sources"),
                href=s.url("/events/sources"),
            )
        case "no_reviews":
            parts.empty(
                "star_half",
                s.t("No reviews yet"),
                s.t("Load a file of reviews, with a rating and a day."),
                action=s.t("Load data") if s.may("load_data") else "",
                href=s.url("/data/load"),
            )
        case "no_costs":
            parts.empty(
                "request_quote",
                s.t("No costs of campaigns yet"),
                s.t("Load the exports of the advertising platforms, or a table of day, campaign and cost."),
                action=s.t("Load costs") if s.may("load_data") else "",
                href=s.url("/data/load", kind="costs"),
            )
            template_button(s, "costs")
        case "no_market":
            parts.empty(
                "balance",
                s.t("No prices of competitors yet"),
                s.t("Load a table of day, competitor, product and price; or of category and share or sales."),
                action=s.t("Load what competitors do") if s.may("load_data") else "",
                href=s.url("/data/load", kind="competition"),
            )
            template_button(s, "competition")
        case "no_promotions":
            parts.empty(
                "sell",
                s.t("No promotions in this time"),
                s.t("They are taken from the coupons of orders, and from the events Promotion Viewed and Promotion Clicked."),
                action=s.t("Load orders") if s.may("load_data") else "",
                href=s.url("/data/load"),
            )
        case "no_delivery":
            parts.empty(
                "local_shipping",
                s.t("No deliveries yet"),
                s.t("Load orders with their arrival and the promised day, or send Order Shipped and Order Delivered."),
                action=s.t("Load orders") if s.may("load_data") else "",
                href=s.url("/data/load"),
            )
        case "no_stock":
            parts.empty(
                "inventory_2",
                s.t("No stock yet"),
                s.t("Load a file of products with their stock, or connect the shop's platform."),
                action=s.t("Load data") if s.may("load_data") else "",
                href=s.url("/data/load"),
            )
        case "no_tickets" | "no_reasons_of_tickets":
            parts.empty(
                "support_agent",
                s.t("No tickets yet"),
                s.t(
                    "Send Ticket Opened (with a reason) and Ticket Answered from the help desk, or load them from a file of events."
                ),
                action=s.t("Sources"),
                href=s.url("/events/sources"),
            )
        case "no_reasons_of_refunds":
            parts.empty(
                "undo",
                s.t("No reasons of refunds yet"),
                s.t("Load orders with a column of the reason, or send Order Refunded with reason."),
                action=s.t("Load orders") if s.may("load_data") else "",
                href=s.url("/data/load"),
            )
        case "no_reasons_of_reviews":
            parts.empty(
                "rate_review",
                s.t("No complaints in reviews yet"),
                s.t("Load reviews with their words, in Chinese or English."),
                action=s.t("Load data") if s.may("load_data") else "",
                href=s.url("/data/load"),
            )
        case _:
            parts.empty(
                "sensors",
                s.t("No events yet"),
                s.t("Reports over events need a source: the tracker, an SDK, a shop platform or a file of events."),
                action=s.t("Sources"),
                href=s.url("/events/sources"),
            )


def template_button(s: Screen, kind: imports.Kind) -> None:
    """A table to fill in."""
    if not s.may("load_data"):
        return
    with parts.box("rg-row").style("justify-content: center; padding-bottom: 16px"):
        parts.button(s.t("Table to fill in"), lambda: ui.download.content(*imports.template(kind, s.language)), icon="table_view")
