"""What a load answers: the same object at the shell, over HTTP and in the console, for a dry run and for the load itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from regulars.collect.imports.domain.fields import Kind
from regulars.collect.imports.domain.rules import Outcome
from regulars.values.money import Money

LoadStatus = Literal["planned", "running", "done", "undone", "failed"]


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """A column of a file, the field it stands for, and how its cells are read."""

    field: str
    meaning: str
    column: str
    found_by: str  # layout | header | given | saved | content
    reads_as: str  # the convention in a sentence


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file: its form, its layout, its columns, and where its rows ended."""

    name: str
    form: str
    sha256: str
    kind: Kind
    layout: str  # name of the known export; "by headers", "by mapping" or "by content" otherwise
    layout_title: str
    rows: int
    columns: tuple[MappedColumn, ...]
    unmapped: tuple[str, ...]
    also_fitting: tuple[tuple[str, str], ...]  # (field, column) that would have fitted as well and is not read
    notices: tuple[str, ...]
    rows_by_outcome: dict[Outcome, int]


@dataclass(frozen=True, slots=True)
class Example:
    """One cell that met a rule: which file, which data row (1 is the first below the header), and what stands there."""

    file: str
    row: int
    column: str
    value: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One rule that rows met: how many, up to five examples, and the way to mend it."""

    rule: str
    outcome: Outcome
    rows: int
    says: str
    mend: str
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class ShopShare:
    """The part of a load that belongs to one shop."""

    shop_id: str
    name: str
    new: bool
    orders: int
    rows: int


@dataclass(frozen=True, slots=True)
class Found:
    """What is in the files once the rules were applied. Money is in the shop's currency."""

    orders: int = 0
    order_lines: int = 0
    refunds: int = 0
    customers: int = 0
    products: int = 0
    reviews: int = 0
    events: int = 0
    snapshots: int = 0
    cost_days: int = 0  # days of campaigns
    market_rows: int = 0  # what was seen of competitors
    unpaid_orders: int = 0
    cancelled_orders: int = 0
    credit_notes: int = 0
    credit_note_rows: int = 0
    gmv: Money | None = None
    refunded: Money | None = None
    spent: Money | None = None
    first_at: datetime | None = None
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one table of the warehouse."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What was recognised, where every row ended, what is wrong and how to mend it, and (after a load) what changed.

    `rows_by_outcome` adds up to `rows`, always. `changes` is empty in a dry run. `already_loaded` names the earlier load when the
    same content came again.
    """

    load_id: str | None
    status: LoadStatus
    dry_run: bool
    shop_id: str
    kind: Kind
    files: tuple[FileReport, ...]
    rows: int
    rows_by_outcome: dict[Outcome, int]
    found: Found
    problems: tuple[Problem, ...]
    assumptions: tuple[str, ...]
    currency: str
    currency_why: str
    timezone: str
    timezone_why: str
    shops: tuple[ShopShare, ...] = ()
    already_loaded: str | None = None
    changes: dict[str, Change] = field(default_factory=dict)
    seconds: float = 0.0
    rows_per_second: float = 0.0

    @property
    def changed_rows(self) -> int:
        """Rows of the warehouse that differ from before."""
        return sum(c.inserted + c.updated + c.removed for c in self.changes.values())
