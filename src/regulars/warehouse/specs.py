"""What a table of the warehouse is told by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One warehouse table: columns with Ibis types, the key that makes a row unique, and what a row is."""

    name: str
    row: str
    columns: dict[str, str]
    key: tuple[str, ...]
    derived: bool = False  # rebuilt from the others after each load; never the source of truth
    repeats: bool = False  # rows are notes of work to do, and the same may be noted twice before it is done
    followed: bool = False  # the keys that a small write touches are kept for a while: `Warehouse.changed_since`

    @property
    def told(self) -> tuple[str, ...]:
        """Columns that tell whose a row is, as its source named them; the first that is not null counts.

        Empty where `customer_id` does not follow merges: rows that are made from others.
        """
        if "named_as" in self.columns:
            return ("named_as", "customer_id")
        return ("user_id", "anonymous_id") if "user_id" in self.columns else ()
