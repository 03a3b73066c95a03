"""What sold, by product, category and the like: the table that the overview and the metrics page share."""

from __future__ import annotations

from typing import Literal

from regulars.console import parts
from regulars.console.parts import Tone
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.understand.metrics.domain import BreakdownRow, Dimension

CellTone = Tone | Literal["faint"]
DIMENSION_WORDS = {
    "category": "Category",
    "product": "Product",
    "brand": "Brand",
    "seller": "Seller",
    "channel": "Channel",
    "region": "Region",
}


def breakdown_sheet(s: Screen, rows: tuple[BreakdownRow, ...], by: Dimension, caption: str, *, wide: bool = False) -> None:
    if not rows:
        parts.empty("category", s.t("Nothing in this period"), s.t("Choose a longer period, or load newer orders."))
        return
    top = max((row.item_revenue.minor for row in rows if row.key != "(other)"), default=0) or 1
    columns = [
        Column(s.t(DIMENSION_WORDS[by]), width="clip"),
        Column(s.t("Item revenue"), align="end"),
        Column(s.t("Share"), align="end", width="drop"),
    ]
    compared = any(row.change is not None for row in rows)
    if compared:
        columns.append(Column(s.t("Change"), align="end", hint=s.t("Against the period before")))
    if wide:
        columns += [Column(s.t("Units"), align="end"), Column(s.t("Orders"), align="end"), Column(s.t("Buyers"), align="end")]
    lines = []
    for row in rows:
        cells = [
            Cell(
                group_name(s, row.key, row.name), bar=row.item_revenue.minor / top if row.key != "(other)" else None, hint=row.name
            ),
            Cell(s.money(row.item_revenue) if wide else s.short_money(row.item_revenue), hint=s.money(row.item_revenue)),
            Cell(s.share(row.share)),
        ]
        if compared:
            tone: CellTone = "faint" if row.change is None else "good" if row.change > 0 else "bad" if row.change < 0 else ""
            cells.append(Cell(s.change(row.change), tone=tone))
        if wide:
            cells += [Cell(s.count(row.units)), Cell(s.count(row.orders)), Cell(s.count(row.buyers))]
        lines.append(Row(cells))
    sheet(columns, lines, caption=caption, kind="sticky" if wide else "")


def group_name(s: Screen, key: str, name: str) -> str:
    """A group's name; the ones made by us are put into words."""
    match key:
        case "(none)":
            return s.t("Not given")
        case "(other)":
            return s.t("All others")
        case "(not a product)":
            return s.t("Not a product")
        case "(all)":
            return s.t("All together")
        case _:
            return name
