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


#: What is missing -> what it is, how it is provided, and the words of the way there.
_MISSING_WORDS = {
    "no_orders": ("No orders yet", "Load a file of orders, or let the shop send Order Completed.", "Load orders"),
    "no_visits": (
        "No visits yet", "Visits are cut from events. Put the tracker into the shop's pages, or point an SDK here.", "Sources",
    ),
    "no_reviews": ("No reviews yet", "Load a file of reviews, with a rating and a day.", "Load data"),
    "no_events": (
        "No events yet", "Reports over events need a source: the tracker, an SDK, a shop platform or a file of events.", "Sources",
    ),
    "no_costs": (
        "No costs of campaigns yet", "Load the exports of the advertising platforms, or a table of day, campaign and cost.", "Load costs",
    ),
    "no_promotions": (
        "No promotions in this time",
        "They are taken from the coupons of orders, and from the events Promotion Viewed and Promotion Clicked.",
        "Load orders",
    ),
    "no_market": (
        "No prices of competitors yet",
        "Load a table of day, competitor, product and price; or of category and share or sales.",
        "Load what competitors do",
    ),
    "no_delivery": (
        "No deliveries yet",
        "Load orders with their arrival and the promised day, or send Order Shipped and Order Delivered.",
        "Load orders",
    ),
    "no_stock": ("No stock yet", "Load a file of products with their stock, or connect the shop's platform.", "Load data"),
    "no_tickets": (
        "No tickets yet",
        "Send Ticket Opened (with a reason) and Ticket Answered from the help desk, or load them from a file of events.",
        "Sources",
    ),
    "no_reasons_of_refunds": (
        "No reasons of refunds yet", "Load orders with a column of the reason, or send Order Refunded with reason.", "Load orders",
    ),
    "no_reasons_of_reviews": (
        "No complaints in reviews yet", "Load reviews with their words, in Chinese or English.", "Load data",
    ),
}  # fmt: skip
_MISSING_WORDS["no_reasons_of_tickets"] = _MISSING_WORDS["no_tickets"]

HOW_TO_PROVIDE = tuple(_MISSING_WORDS)

_ICONS = {
    "no_orders": "upload_file", "no_visits": "travel_explore", "no_reviews": "star_half", "no_events": "sensors",
    "no_costs": "request_quote", "no_promotions": "sell", "no_market": "balance", "no_delivery": "local_shipping",
    "no_stock": "inventory_2", "no_tickets": "support_agent", "no_reasons_of_tickets": "support_agent", "no_reasons_of_refunds": "undo",
    "no_reasons_of_reviews": "rate_review",
}  # fmt: skip
#: What is provided by a source of events; all else is a file.
_SENT = frozenset({"no_visits", "no_events", "no_tickets", "no_reasons_of_tickets"})
#: What a table to fill in is there for, and the kind of file it is.
_TABLES: dict[str, imports.Kind] = {"no_costs": "costs", "no_market": "competition"}


def how_to_provide(s: Screen, code: str) -> None:
    """What a figure needs that is not there yet, and the way to provide it."""
    title, told, action = _MISSING_WORDS[code]
    kind = _TABLES.get(code)
    sent = code in _SENT
    way = s.url("/events/sources") if sent else s.url("/data/load", **({"kind": kind} if kind else {}))
    parts.empty(_ICONS[code], s.t(title), s.t(told), action=s.t(action) if sent or s.may("load_data") else "", href=way)
    if kind:
        template_button(s, kind)


def template_button(s: Screen, kind: imports.Kind) -> None:
    """A table to fill in."""
    if not s.may("load_data"):
        return
    with parts.box("rg-row").style("justify-content: center; padding-bottom: 16px"):
        parts.button(s.t("Table to fill in"), lambda: ui.download.content(*imports.template(kind, s.language)), icon="table_view")
