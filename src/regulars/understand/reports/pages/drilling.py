"""The customers behind a figure, in a dialog: who they are, and all of them as a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from regulars.console import parts
from regulars.console.forms import Dialog
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.understand.questions import Desk
from regulars.understand.reports.domain.answers import Answered, Behind
from regulars.understand.reports.exports import customers_table
from regulars.understand.reports.service import customers
from regulars.values.csv import csv_lines

_SHOWN = 50
_MOST = 100_000


def drill(s: Screen, answered: Answered, cell: Mapping[str, Any], words: str) -> None:
    """Open the customers of one figure."""
    if not s.may("read_customers"):
        s.notify(s.t("Your role may not see customers."), "info")
        return
    dialog = Dialog(s, words or s.t("Customers"), wide=True)
    desk = Desk(s.warehouse, s.shop)
    with dialog:
        s.load(
            lambda: customers(desk, answered.kind, answered.question, cell, limit=_SHOWN),
            lambda found: _listed(s, desk, answered, cell, found),
            skeleton="panel",
        )
    with dialog.foot:
        parts.button(s.t("Close"), dialog.close)
    dialog.open()


def _listed(s: Screen, desk: Desk, answered: Answered, cell: Mapping[str, Any], found: Behind) -> None:
    if not found.total:
        parts.text(s.t("Nobody is behind this figure."), "rg-muted", "p")
        return
    with parts.box("rg-row rg-between"):
        parts.text(s.plural(found.total, "{n} customer or visitor", "{n} customers and visitors"), "rg-strong")
        if s.may("export"):
            parts.button(
                s.t("Save all as CSV"),
                s.act(
                    lambda: customers(desk, answered.kind, answered.question, cell, limit=_MOST),
                    lambda all_: _file(answered.kind, all_),
                    permission="export",
                ),
                icon="download",
            )
    columns = [
        Column(s.t("Customer")),
        Column(s.t("Region"), width="drop"),
        Column(s.t("Orders"), align="end"),
        Column(s.t("Net revenue"), align="end"),
        Column(s.t("Last order"), align="end"),
    ]
    rows = [
        Row(
            [
                Cell(one.customer_id, href=s.customer_url(one.customer_id), sub="" if one.is_known else s.t("Visitor")),
                Cell(one.region or "–"),
                Cell(s.count(one.orders)),
                Cell(s.money(one.net)),
                Cell(s.day(one.last_order_at)),
            ]
        )
        for one in found.customers
    ]
    sheet(columns, rows, caption=s.t("Customers"), kind="cards")
    if found.total > len(rows):
        parts.text(s.t("The first {n} are shown.", n=s.count(len(rows))), "rg-small rg-faint", "p")


def _file(kind: str, found: Behind) -> None:
    table = customers_table(found.customers)
    ui.download.content(
        "".join(csv_lines(table.columns, table.rows)).encode(), f"{kind.replace('_', '-')}-customers.csv", "text/csv"
    )
