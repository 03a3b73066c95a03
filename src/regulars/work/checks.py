"""What `regulars doctor` asks: each room hands in checks of its own invariants."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regulars.records import Records
    from regulars.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class CheckContext:
    """The stores of a live installation."""

    records: Records
    warehouse: Warehouse
    home: Path


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken invariant: what is wrong, which row, and how to mend it."""

    what: str
    mend: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One invariant by name; `run` yields a finding for each place where it does not hold, and nothing when all is well."""

    name: str
    promise: str
    run: Callable[[CheckContext], Iterable[Finding]]
