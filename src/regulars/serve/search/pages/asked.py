"""What shoppers search for, and what comes of it."""

from __future__ import annotations

from regulars.console import parts
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.serve.search.analytics import VIEWS, SearchAnalytics, View


def view_of(value: str) -> View:
    """The view of that name."""
    return next(one for one in VIEWS if one == value)


def asked(s: Screen, found: SearchAnalytics, view: str) -> None:
    """Queries with what came of them."""
    words = {
        "top": s.t("Most asked"),
        "without_result": s.t("Without result"),
        "without_click": s.t("Without a click"),
        "exits": s.t("Then left"),
    }
    with parts.box("rg-filters"):
        parts.segmented(s.t("Which queries"), list(words.items()), view, lambda value: s.go(view=value))
    if not found.searches:
        parts.empty(
            "manage_search",
            s.t("No searches in the last 30 days"),
            s.t("Searches over the API count by themselves; the page tracker and your programs tell others as Products Searched."),
        )
        return
    with parts.box("rg-tiles"):
        parts.tile(s.t("Searches"), s.short(found.searches), exact=s.count(found.searches))
        parts.tile(s.t("With a click"), s.share(found.click_share))
        parts.tile(s.t("Into the cart"), s.share(found.cart_share))
        parts.tile(s.t("Ordered"), s.share(found.order_share))
        parts.tile(s.t("Without result"), s.share(found.without_result_share))
        parts.tile(s.t("Then left"), s.share(found.exit_share))
    columns = [
        Column(s.t("Words searched for"), width="long"),
        Column(s.t("Searches"), align="end"),
        Column(s.t("Customers"), align="end"),
        Column(s.t("Without result"), align="end"),
        Column(s.t("With a click"), align="end", hint=s.t("A product was clicked in the same visit, before the next search")),
        Column(s.t("Into the cart"), align="end"),
        Column(s.t("Ordered"), align="end"),
        Column(s.t("Then left"), align="end", hint=s.t("Nothing followed in that visit")),
    ]
    listed = [
        Row(
            [
                Cell(one.query, href=s.url(tab="try", q=one.query, view=None)),
                *(
                    Cell(s.count(value))
                    for value in (one.searches, one.customers, one.without_result, one.clicks, one.carts, one.orders, one.exits)
                ),
            ]
        )
        for one in found.rows
    ]
    with parts.card(flush=True):
        sheet(columns, listed, caption=s.t("What is searched for"), kind="cards")
