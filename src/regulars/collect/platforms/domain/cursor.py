"""How far a connector has read: a value of the cursor column, kept exactly and given back to the database as what it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from regulars.errors import InvalidInput

Row = TypeVar("Row")

#: How far before its end a run begins again: rows whose numbers or times were taken earlier than they were committed are not missed.
OVERLAP_SECONDS = 300
OVERLAP_NUMBERS = 100


def encode(value: Any, column: str) -> dict[str, str]:
    """A cursor's value as JSON.

    Raises
    ------
    InvalidInput : it is empty, or of a kind that has no exact order.
    """
    match value:
        case bool() | float():
            pass
        case int():
            return {"kind": "number", "value": str(value)}
        case Decimal() if value.is_finite():
            return {"kind": "decimal", "value": format(value, "f")}
        case datetime():
            return {"kind": "instant" if value.tzinfo else "time", "value": value.isoformat()}
        case date():
            return {"kind": "date", "value": value.isoformat()}
        case str() if value:
            return {"kind": "text", "value": value}
    raise InvalidInput(
        f"the cursor column '{column}' holds a {type(value).__name__}, which cannot tell how far was read",
        mend="choose a whole number that only grows, or the time of the last change",
        code="bad_cursor_column",
        column=column,
    )


def decode(cursor: Mapping[str, str]) -> Any:
    """The value, as the database's driver gave it."""
    text = cursor["value"]
    match cursor["kind"]:
        case "number":
            return int(text)
        case "decimal":
            return Decimal(text)
        case "instant" | "time":
            return datetime.fromisoformat(text)
        case "date":
            return date.fromisoformat(text)
        case _:
            return text


def begin_at(cursor: Mapping[str, str], overlap: int | None) -> Any:
    """Where the next run begins, the value itself included; `overlap` in numbers or seconds, None for the usual."""
    value = decode(cursor)
    match cursor["kind"]:
        case "number" | "decimal":
            return value - (OVERLAP_NUMBERS if overlap is None else overlap)
        case "instant" | "time":
            return value - timedelta(seconds=OVERLAP_SECONDS if overlap is None else overlap)
        case "date":
            return value - timedelta(days=1)
        case _:
            return value


@dataclass(frozen=True, slots=True)
class Cut:
    """What may be taken of a page: its rows up to a boundary between two cursor values. `tied` is a value whose rows fill more than the page."""

    taken: int
    last: Any
    more: bool
    tied: Any = None


def cut(values: Sequence[Any], limit: int) -> Cut:
    """Where a page read with one row more than `limit` may end, so that no rows with equal cursor values are parted."""
    if len(values) <= limit:
        return Cut(len(values), values[-1] if values else None, more=False)
    beyond = same_form(values[limit])
    taken = limit
    while taken and same_form(values[taken - 1]) == beyond:
        taken -= 1
    if taken == 0:
        return Cut(0, None, more=True, tied=values[limit])
    return Cut(taken, values[taken - 1], more=True)


def same_form(value: Any) -> Any:
    """Texts that a database may hold for equal are equal."""
    return value.casefold().rstrip() if isinstance(value, str) else value


def check_order(values: Sequence[Any], after: Any, column: str) -> None:
    """Refuse a page whose cursor values do not grow (texts are ordered by the database's own rules and not looked at)."""
    earlier = after
    for value in values:
        if isinstance(value, str):
            continue
        try:
            grows = earlier is None or isinstance(earlier, str) or value >= earlier
        except TypeError:
            grows = False
        if not grows:
            raise InvalidInput(
                f"the cursor column '{column}' does not grow from row to row",
                mend="choose a column of one type that only grows, without ORDER BY or LIMIT inside the query",
                code="bad_cursor_column",
                column=column,
            )
        earlier = value
