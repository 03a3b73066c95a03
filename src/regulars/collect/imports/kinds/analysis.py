"""What analysing the files of a load answers: verdict per row, rows for the warehouse, and what a person should know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from regulars.access.domain import Shop
from regulars.access.keys import Keyring
from regulars.collect.imports.domain.options import LoadOptions
from regulars.collect.imports.domain.report import Found, ShopShare
from regulars.collect.imports.intake import Opened
from regulars.collect.imports.queries.columns import CellQuery
from regulars.values.zones import day_start
from regulars.warehouse.workbench import Workbench, literal

Step = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Task:
    """One load being worked on."""

    bench: Workbench
    shop: Shop
    load_id: str
    options: LoadOptions
    keyring: Keyring
    step: Step  # told before each piece of work; may raise to stop
    shop_names: dict[str, str] = field(default_factory=dict)  # name and id -> shop_id of existing shops


@dataclass(slots=True)
class Analysis:
    """The files understood; nothing is written yet.

    Attributes
    ----------
    verdicts : relation with `row_id`, `rule` (0 = loaded) and `flags`, one row per source row.
    outputs : warehouse table -> SELECT with its columns.
    order_counts : rules met by whole orders: rule -> (orders, head rows).
    people : whether personal data are to be kept.
    """

    verdicts: str
    outputs: dict[str, str]
    found: Found
    assumptions: list[str] = field(default_factory=list)
    order_counts: dict[str, tuple[int, list[int]]] = field(default_factory=dict)
    shops: tuple[ShopShare, ...] = ()
    people: bool = False
    messages: str | None = None  # relation of what is handed to the stream: row_id, and cells by field
    texts: str | None = None  # relation with the words of reviews: subject, customer_id, text


def run(task: Task, statements: list[str], doing: str) -> None:
    """Run statements one after the other, telling what is being done."""
    task.step(doing)
    for statement in statements:
        task.bench.execute(statement)


def make_cells(task: Task, queries: list[CellQuery], table: str = "cells") -> None:
    """The table of typed cells of all files, stacked by column name."""
    for query in queries:
        for statement in query.statements():
            task.bench.execute(statement)
    stacked = "\nUNION ALL BY NAME\n".join(query.select() for query in queries)
    task.bench.execute(f"CREATE TABLE {table} AS {stacked}")


def columns_of(bench: Workbench, table: str) -> set[str]:
    """The columns of a table of the workbench."""
    return {row[0] for row in bench.rows(f"SELECT column_name FROM duckdb_columns() WHERE table_name = {literal(table)}")}


def same_columns(opened: list[Opened]) -> dict[tuple[str, ...], list[tuple[int, str]]]:
    """Files that have exactly the same columns, together: only their rows can be equal."""
    found: dict[tuple[str, ...], list[tuple[int, str]]] = {}
    for one in opened:
        found.setdefault(one.raw.columns, []).append((one.number, one.raw.name))
    return found


def midnight(day: date | None, zone: str) -> datetime | None:
    """The beginning of a local day, in UTC without its mark as all times of an analysis are."""
    return day_start(day, zone).replace(tzinfo=None) if day else None
