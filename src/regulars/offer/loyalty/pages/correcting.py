"""Corrections: points given or taken by hand, and those that wait for a second operator."""

from __future__ import annotations

from typing import Any, Literal

from regulars.console import parts, screen
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.offer.loyalty import corrections
from regulars.offer.loyalty.corrections import Correction
from regulars.offer.loyalty.pages.tabs import begin


@screen("/points/corrections", permission="move_points", title="Corrections", parent="/points")
def corrections_page(s: Screen) -> None:
    """What was given or taken by hand?"""
    begin(s)

    def ask() -> list[Correction]:
        with s.records.reading() as uow:
            return corrections.corrections(uow, s.shop.shop_id)

    s.load(ask, lambda found: _draw(s, found), skeleton="table")


def _draw(s: Screen, found: list[Correction]) -> None:
    if not found:
        words = s.t("Points are given or taken by hand on a customer's page; large amounts wait here for a second operator.")
        parts.empty("fact_check", s.t("No corrections"), words, action=s.t("Customers"), href=s.url("/customers"))
        return
    may = s.may("manage_offers")
    tones: dict[str, Literal["good", "warn", "bad"]] = {"approved": "good", "waiting": "warn", "refused": "bad"}
    columns = [
        Column(s.t("When"), align="nowrap"),
        Column(s.t("Customer")),
        Column(s.word("loyalty", "points"), align="end"),
        Column(s.t("Why"), width="long"),
        Column(s.t("State")),
        *([Column("", align="end"), Column("", align="end")] if may else []),
    ]
    rows = [
        Row(
            [
                Cell(s.instant(one.asked_at)),
                Cell(one.customer_id, href=s.customer_url(one.customer_id)),
                Cell(signed(s, one.points), sub=_applied(s, one)),
                Cell(s.word("correction", one.reason), sub=one.note),
                Cell(s.word("correction state", one.state), badge=True, tone=tones.get(one.state, "")),
                *(
                    [
                        Cell(s.t("Approve"), action="approve") if one.state == "waiting" else Cell(""),
                        Cell(s.t("Refuse"), action="refuse") if one.state == "waiting" else Cell(""),
                    ]
                    if may
                    else []
                ),
            ],
            key=one.request_id,
        )
        for one in found
    ]

    def opened(index: int, action: str) -> Any:
        one = found[index]
        return s.act(lambda: _decide(s, one, action == "approve"), lambda _: s.redraw(), permission="manage_offers")()

    with parts.card(flush=True):
        sheet(columns, rows, caption=s.t("Corrections"), kind="cards", on_open=opened)


def signed(s: Screen, points: int) -> str:
    """A number of points with its sign."""
    return ("+" if points > 0 else "−" if points < 0 else "") + s.count(abs(points))


def _applied(s: Screen, one: Correction) -> str:
    return "" if one.applied in (None, one.points) else s.t("applied: {points}", points=signed(s, one.applied or 0))


def _decide(s: Screen, one: Correction, approve: bool) -> Correction:
    with s.records.unit() as uow:
        return corrections.decide(uow, s.caller, s.shop, one.request_id, approve=approve)
