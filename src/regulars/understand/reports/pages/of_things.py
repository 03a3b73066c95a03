"""Pictures of products, categories and brands: what is bought together, and what rises or fades."""

from __future__ import annotations

from typing import Any

from regulars.console import parts
from regulars.console.charts import Line, Plot
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.understand.reports.pages.picture import Place, plotted

_MOST = 12


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


def _listed(place: Place, heads: list[str], rows: list[list[str]]) -> None:
    """Every figure as a line; words to the left, figures to the right."""
    if place.kept is not None:
        return
    s = place.s
    with parts.card(s.t("All of them"), classes=place.classes, flush=True) as card:
        if not rows:
            parts.empty("inventory_2", s.t("Nothing in this period"), s.t("Choose a longer period."))
            return
        numbers = [any(sign.isdigit() for sign in cell) and len(cell) < 16 for cell in rows[0]]
        columns = [Column(head, align="end" if i >= len(heads) - 4 and numbers[i] else "") for i, head in enumerate(heads)]
        sheet(columns, [Row([Cell(cell) for cell in row]) for row in rows], caption=s.t("All of them"), kind="sticky")
    place.tools(card)


def _changes(s: Screen, found: list[Any]) -> list[str]:
    sure = {True: s.t("more than chance"), False: s.t("may be chance")}
    return [f"{s.change(one.change)} · {sure[one.significant]}" for one in found]


def _name(key: str, name: str | None) -> str:
    return name or key
