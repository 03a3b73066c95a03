"""Pictures of products, categories and brands: what is bought together, and what rises or fades."""

from __future__ import annotations

import re
from typing import Any

from regulars.console import parts
from regulars.console.charts import Line, Plot
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.understand.reports.pages.picture import Place, plotted, value_name
from regulars.understand.reports.pages.words import STOCK_WORDS

_MOST = 12
#: A number with its currency, sign or per cent: such columns stand to the right.
_FIGURE = re.compile(r"[^\w]{0,2}[A-Z]{0,3}[^\w]{0,3}\d[\d., \u00a0\u202f]*[^\w]{0,2}%?")


def affinity(place: Place) -> None:
    """The pairs by how much more often they lie together than chance would have it; on its own page every figure below."""
    s, answer = place.s, place.answered.answer
    pairs = answer.pairs[:_MOST]
    if pairs:
        notes = [
            s.t(
                "{n} together; {share} of those with the first",
                n=s.count(one.baskets),
                share=s.share(one.confidence),
            )
            for one in pairs
        ]
        line = Line(s.t("Lift"), [one.lift for one in pairs], [s.count(one.lift, 2) for one in pairs], "bar", notes=notes)
        names = [f"{_name(one.a, one.a_name)} + {_name(one.b, one.b_name)}" for one in pairs]
        cells = [[{"a": one.a, "b": one.b} for one in pairs]]
        keys = [f"{one.a}\n{one.b}" for one in pairs]
        plotted(place, Plot(place.title, names, s.t("Pair"), [line]), cells, keys=keys)
    if not pairs or not place.href:
        _listed(
            place,
            [
                s.t("The one"),
                s.t("The other"),
                s.t("Together"),
                s.t("Of those with the one"),
                s.t("Of those with the other"),
                s.t("Lift"),
            ],
            [
                [
                    _name(one.a, one.a_name),
                    _name(one.b, one.b_name),
                    s.count(one.baskets),
                    s.share(one.confidence),
                    s.share(one.confidence_back),
                    s.count(one.lift, 2),
                ]
                for one in answer.pairs
            ],
        )


def hot_products(place: Place) -> None:
    """The counts now beside those before, the surest rise first, the surest fall last; on its own page every figure below."""
    s, answer = place.s, place.answered.answer
    half = _MOST // 2
    found = [*answer.rising[:half], *reversed(answer.fading[:half])]
    if found:
        now = Line(s.t("Now"), [one.now for one in found], [s.count(one.now) for one in found], "bar", notes=_changes(s, found))
        before = Line(s.t("Before"), [one.before for one in found], [s.count(one.before) for one in found], "bar", color=7)
        names = [_name(one.key, one.name) for one in found]
        cell = [{"key": one.key} for one in found]
        plotted(place, Plot(place.title, names, s.t("Product"), [now, before]), [cell, []], keys=[one.key for one in found])
    if not found or not place.href:
        every = [*answer.rising, *answer.fading]
        heads = [s.t("Product"), s.t("Now"), s.t("Before"), s.t("Change"), s.t("How sure")]
        rows = zip(every, _changes(s, every), strict=True)
        _listed(
            place,
            heads,
            [[_name(one.key, one.name), s.count(one.now), s.count(one.before), *told.split(" · ")] for one, told in rows],
        )


def price_bands(place: Place) -> None:
    """Revenue and units of each band; on its own page every figure below."""
    s, answer = place.s, place.answered.answer
    s.currency = answer.currency
    bands = answer.bands
    by_category = any(one.category is not None for one in bands)
    shown = bands[: 6 * _MOST]
    if shown:
        names = [(f"{value_name(s, one.category)} · " if by_category else "") + _band(s, one) for one in shown]
        notes = [s.t("{n} orders, {units} units", n=s.count(one.orders), units=s.count(one.units)) for one in shown]
        line = Line(
            s.t("Revenue"),
            [float(one.revenue.major) for one in shown],
            [f"{s.money(one.revenue)} · {s.share(one.share)}" for one in shown],
            "bar",
            notes=notes,
        )
        cells = [{"band": one.band} | ({"category": one.category} if by_category else {}) for one in shown]
        keys = [f"{one.category}\n{one.band}" for one in shown]
        plotted(place, Plot(place.title, names, s.t("Price"), [line], "money"), [cells], keys=keys)
    if not shown or not place.href:
        heads = [s.t("Price"), s.t("Products"), s.t("Orders"), s.t("Units"), s.t("Revenue"), s.t("Share")]
        rows = [
            [
                _band(s, one),
                s.count(one.products),
                s.count(one.orders),
                s.count(one.units),
                s.money(one.revenue),
                s.share(one.share),
            ]
            for one in bands
        ]
        if by_category:
            heads = [s.t("Category"), *heads]
            rows = [[value_name(s, one.category), *row] for one, row in zip(bands, rows, strict=True)]
        _listed(place, heads, rows)


def _band(s: Screen, one: Any) -> str:
    if one.above is None:
        return s.t("up to {price}", price=s.money(one.up_to))
    if one.up_to is None:
        return s.t("above {price}", price=s.money(one.above))
    return f"{s.money(one.above)} – {s.money(one.up_to)}"


def inventory(place: Place) -> None:
    """What lies in each state, by value; on its own page the products below."""
    s, answer = place.s, place.answered.answer
    s.currency = answer.currency
    states = answer.states
    names = [s.t(STOCK_WORDS[one.state]) for one in states]
    notes = [
        s.t("an estimate: {money} lost a day", money=s.money(one.lost_a_day))
        if one.state == "out"
        else s.t("{n} units, {money}", n=s.count(one.stock), money=s.money(one.value))
        for one in states
    ]
    line = Line(s.t("Products"), [one.products for one in states], [s.count(one.products) for one in states], "bar", notes=notes)
    cells = [{"state": one.state} for one in states]
    plotted(place, Plot(place.title, names, s.t("State"), [line]), [cells], keys=[one.state for one in states])
    if not place.href:
        heads = [
            s.t("Product"),
            s.t("State"),
            s.t("In stock"),
            s.t("Stock value"),
            s.t("Sold in 28 days"),
            s.t("Days it lasts"),
            s.t("Lost a day (estimate)"),
        ]
        rows = [
            [
                _name(one.product_id, one.name),
                s.t(STOCK_WORDS[one.state]),
                s.count(one.stock),
                s.money(one.value) if one.value else "–",
                s.count(one.units_28_days),
                s.count(one.days_of_cover, 1) if one.days_of_cover is not None else "–",
                s.money(one.lost_a_day) if one.lost_a_day else "–",
            ]
            for one in answer.products
        ]
        _listed(place, heads, rows)


def _listed(place: Place, heads: list[str], rows: list[list[str]]) -> None:
    """Every figure as a line; words to the left, figures to the right."""
    if place.kept is not None:
        return
    s = place.s
    with parts.card(s.t("All of them"), classes=place.classes, flush=True) as card:
        if not rows:
            parts.empty("inventory_2", s.t("Nothing in this period"), s.t("Choose a longer period."))
            return
        numbers = [all(row[i] == "–" or _FIGURE.fullmatch(row[i]) for row in rows) for i in range(len(heads))]
        columns = [Column(head, align="end" if numbers[i] else "") for i, head in enumerate(heads)]
        sheet(columns, [Row([Cell(cell) for cell in row]) for row in rows], caption=s.t("All of them"), kind="sticky")
    place.tools(card)


def _changes(s: Screen, found: list[Any]) -> list[str]:
    sure = {True: s.t("more than chance"), False: s.t("may be chance")}
    return [f"{s.change(one.change)} · {sure[one.significant]}" for one in found]


def _name(key: str, name: str | None) -> str:
    return name or key
