"""How a column writes amounts of money: which sign is the decimal point, which groups thousands, which currency is named."""

from __future__ import annotations

from dataclasses import dataclass, field

from regulars.warehouse.workbench import Workbench


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountConvention:
    """How to read the amounts of one column.

    Attributes
    ----------
    decimal : "." or ","; None where no value shows decimals.
    currency : the ISO code of the only currency written in the values, else None; `currencies` counts all that are written.
    ambiguous : the values would also read well the other way (only `1,234`); `decimal` can be given to settle it.
    plain : every value is a bare number, a cast suffices.
    rows, unreadable : values present, and those of them that cannot be read.
    """

    decimal: str | None = None
    groups: tuple[str, ...] = ()
    currency: str | None = None
    currencies: dict[str, int] = field(default_factory=dict)
    ambiguous: bool = False
    plain: bool = False
    rows: int = 0
    unreadable: int = 0
    explanation: str = ""

    def sql(self, column_sql: str) -> str:
        """DECIMAL(38,4), or NULL where missing or unreadable."""
        raise NotImplementedError

    def bad(self, column_sql: str) -> str:
        """True where something stands there that is no amount."""
        raise NotImplementedError

    def out_of_range(self, column_sql: str) -> str:
        """True where the amount is read but beyond 1e12 in size."""
        raise NotImplementedError


def detect_amounts(bench: Workbench, table: str, column: str, *, decimal: str | None = None) -> AmountConvention:
    """How the amounts of a column are written, from all its values.

    Parameters
    ----------
    table, column : plain names (they are quoted here).
    decimal : "." or "," where a person has decided it.
    """
    raise NotImplementedError
