"""The neutral JSON form of an answer, the same at every door."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from regulars.values.money import Money

_PLAIN = frozenset({type(None), bool, int, str})
_FIELDS: dict[type, tuple[str, ...]] = {}  # of dataclasses that were asked for


def to_json(value: Any) -> Any:
    """An answer as plain JSON values.

    Money becomes `{"minor", "currency"}`, instants end in `Z`, dates are ISO, decimals become numbers (integers where whole),
    NaN and infinities become null, dataclasses become objects in field order.
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    if (names := _FIELDS.get(kind)) is not None:
        return {name: to_json(getattr(value, name)) for name in names}
    if kind is list or kind is tuple:
        return [to_json(item) for item in value]
    match value:
        case None | bool() | int() | str() if not isinstance(value, Enum):
            return value
        case Enum():
            return value.value
        case float():
            return value if math.isfinite(value) else None
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case Money():
            return {"minor": value.minor, "currency": value.currency}
        case datetime():
            text = (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
            return text.replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Mapping():
            return {str(to_json(key)): to_json(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [to_json(item) for item in (sorted(value) if isinstance(value, set | frozenset) else value)]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        _FIELDS[kind] = tuple(field.name for field in dataclasses.fields(value))
        return to_json(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
