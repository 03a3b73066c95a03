"""Pictures of competitors: own prices beside theirs, what they changed, and shares of the market."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from regulars.console import parts
from regulars.console.charts import Line, Plot
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.understand.reports.pages.picture import Place, plotted, time_plot, value_name

_MOST = 12
_LINES = 6


def prices(place: Place) -> None:
    """Products with the widest gap, or categories; on its own page every figure below."""
    s, answer = place.s, place.answered.answer
    s.currency = answer.currency
    if answer.by == "category":
        _categories(place)
        return
    found = [row for row in answer.products if row.own is not None][:_MOST]
    notes = [_gap(s, row.gap) for row in found]
    own = Line(s.t("Own price"), [float(row.own.major) for row in found], [s.money(row.own) for row in found], "bar", notes=notes)
    lines = [own]
    for words, name, color in ((s.t("Median of competitors"), "median", 7), (s.t("Lowest of competitors"), "lowest", 3)):
        prices = [getattr(row, name) for row in found]
        lines.append(Line(words, [float(one.major) for one in prices], [s.money(one) for one in prices], "bar", color=color))
    cells = [{"group": row.key} for row in found]
    if found:
        plot = Plot(place.title, [row.name for row in found], s.t("Product"), lines, "money")
        plotted(place, plot, [cells] * 3, keys=[row.key for row in found])
    if not found or not place.href:
        heads = (
            s.t("Product"), s.t("Category"), s.t("List price"), s.t("Paid on average"), s.t("Competitors"), s.t("Lowest"), s.t("Median"),
            s.t("Our rank"), s.t("Against the median"), s.t("Against the lowest"), s.t("Lately"),
        )  # fmt: skip
        rows = [
            [
                row.name,
                row.category or s.t("Not given"),
                s.money(row.listed),
                s.money(row.paid),
                s.count(row.competitors),
                s.money(row.lowest),
                s.money(row.median),
                "–" if row.rank is None else s.t("{rank} of {all}", rank=s.count(row.rank), all=s.count(row.competitors + 1)),
                s.change(row.gap),
                s.change(row.gap_to_lowest),
                s.t("became dearer") if row.dearer_lately else "",
            ]
            for row in answer.products
        ]
        _listed(place, heads, rows, words=(0, 1))


def _categories(place: Place) -> None:
    s, answer = place.s, place.answered.answer
    found = answer.categories[:_MOST]
    above = [_less(row.index) for row in found]
    notes = [s.t("{n} of {all} products above the median", n=s.count(row.dearer), all=s.count(row.products)) for row in found]
    line = Line(s.t("Against the median"), above, [_gap(s, _less(row.index)) for row in found], "bar", notes=notes)
    if found:
        cells = [{"group": row.key} for row in found]
        plot = Plot(place.title, [value_name(s, row.key) for row in found], s.t("Category"), [line], "share")
        plotted(place, plot, [cells], keys=[row.key for row in found])
    if not found or not place.href:
        heads = (
            s.t("Category"), s.t("Products compared"), s.t("Cheapest of all"), s.t("Below the median"), s.t("Above the median"),
            s.t("Became dearer"), s.t("Against the median"), s.t("Against the lowest"),
        )  # fmt: skip
        rows = [
            [
                s.t("All together") if row.key == "(all)" else value_name(s, row.key),
                *(s.count(n) for n in (row.products, row.cheapest, row.cheaper, row.dearer, row.dearer_lately)),
                s.change(_less(row.index)),
                s.change(_less(row.index_to_lowest)),
            ]
            for row in (*answer.categories, answer.total)
        ]
        _listed(place, heads, rows, words=(0,))


def changes(place: Place) -> None:
    """The log of changed prices."""
    s, answer = place.s, place.answered.answer
    s.currency = answer.currency
    heads = (
        s.t("Day"), s.t("Competitor"), s.t("Product"), s.t("Before"), s.t("Now"), s.t("Change"), s.t("Own price"),
        s.t("Ours against theirs"),
    )  # fmt: skip
    rows = [
        [s.day(one.day), one.competitor, one.name, s.money(one.before), s.money(one.now), s.change(one.change), s.money(one.own), s.change(one.gap)]
        for one in answer.changes
    ]  # fmt: skip
    note = s.t("{up} went up, {down} went down.", up=s.count(answer.up), down=s.count(answer.down))
    _listed(place, heads, rows, words=(0, 1, 2), title=place.title, note=note)


def shares(place: Place) -> None:
    """Our share of each category over time; of one category, beside the competitors'."""
    s, answer = place.s, place.answered.answer
    lines: list[Line] = []
    alone = len(answer.categories) == 1
    for one in answer.categories[:_LINES]:
        values = [bucket.own for bucket in one.buckets]
        lines.append(Line(s.t("Own share") if alone else value_name(s, one.category), values, [s.share(v) for v in values], "line"))
    if alone:
        [one] = answer.categories
        for rival in _largest(one):
            values = [bucket.competitors.get(rival) for bucket in one.buckets]
            lines.append(Line(rival, values, [s.share(v) for v in values], "line"))
    cells = [[{"group": one.category}] * len(answer.buckets) for one in answer.categories[:_LINES]]
    if lines:
        plotted(place, time_plot(place, answer.buckets, answer.complete, lines, answer.interval, "share"), cells)
    if lines and place.href:
        return
    heads = (s.t("Category"), s.t("Own share"), s.t("Change"), s.t("Counted from"), s.t("Competitors"))
    rows = []
    for one in answer.categories:
        bases = {bucket.basis for bucket in one.buckets if bucket.basis}
        rows.append(
            [
                value_name(s, one.category),
                s.share(one.own),
                s.change(one.change),
                ", ".join(s.word("market basis", basis) for basis in sorted(bases)) or "–",
                ", ".join(_largest(one)),
            ]
        )
    _listed(place, heads, rows, words=(0, 3, 4))


def _largest(one: Any) -> list[str]:
    """The competitors with the largest shares, the first few."""
    best: dict[str, float] = {}
    for bucket in one.buckets:
        for rival, share in bucket.competitors.items():
            best[rival] = max(share, best.get(rival, 0.0))
    return sorted(best, key=lambda rival: (-best[rival], rival))[:_LINES]


def _listed(
    place: Place, heads: Sequence[str], rows: list[list[str]], *, words: Sequence[int], title: str = "", note: str = ""
) -> None:
    """Every figure as a line; `words` are the columns that stand to the left."""
    if place.kept is not None:
        return
    s = place.s
    title = title or s.t("All of them")
    with parts.card(title, note, classes=place.classes, flush=True) as card:
        if not rows:
            parts.empty("balance", s.t("Nothing in this period"), s.t("Choose a longer period."))
        else:
            columns = [Column(head, align="" if i in words else "end") for i, head in enumerate(heads)]
            sheet(columns, [Row([Cell(cell) for cell in row]) for row in rows], caption=title, kind="sticky")
    place.tools(card)
    with card.tools:
        parts.button("", place.save, icon="download", kind="quiet", title=s.t("Save data as CSV"))


def _gap(s: Screen, gap: float | None) -> str:
    if gap is None:
        return ""
    if abs(gap) < 0.0005:
        return s.t("at the median")
    share = s.share(abs(gap))
    return s.t("{share} above the median", share=share) if gap > 0 else s.t("{share} below the median", share=share)


def _less(index: float | None) -> float | None:
    return None if index is None else round(index - 1, 4)
