"""What every event carries, and how it is written down and read back."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar, get_args, get_type_hints

from regulars.errors import InvalidInput
from regulars.values.answers import to_json
from regulars.values.clock import now
from regulars.values.ids import new_id

_KINDS: dict[str, type[Event]] = {}
_ENVELOPE = ("shop_id", "customer_id", "message_id", "timestamp", "source")


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened in a shop.

    `message_id` is the de-duplication key, `timestamp` when it happened (aware, UTC), `source` who says so.
    """

    name: ClassVar[str] = ""
    meaning: ClassVar[str] = ""
    schema_version: ClassVar[int] = 1

    shop_id: str
    customer_id: str | None = None
    message_id: str = field(default_factory=lambda: new_id("msg"))
    timestamp: datetime = field(default_factory=now)
    source: str = "regulars"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not cls.name or not cls.meaning:
            raise TypeError(f"{cls.__name__} needs a name and a meaning")
        if cls.name in _KINDS:
            raise TypeError(f"two kinds of event are named '{cls.name}'")
        _KINDS[cls.name] = cls

    @classmethod
    def upgrade(cls, properties: dict[str, Any], version: int) -> dict[str, Any]:
        """Properties written by an older version, in today's form; override when `schema_version` grows."""
        return properties

    def properties(self) -> dict[str, Any]:
        """The event's own fields as JSON values."""
        return {f.name: to_json(getattr(self, f.name)) for f in dataclasses.fields(self) if f.name not in _ENVELOPE}

    def envelope(self) -> dict[str, Any]:
        """The whole event as columns of an outbox or event log row."""
        return {
            "shop_id": self.shop_id,
            "message_id": self.message_id,
            "event": self.name,
            "customer_id": self.customer_id,
            "timestamp": self.timestamp,
            "source": self.source,
            "schema_version": self.schema_version,
            "properties": json.dumps(self.properties(), ensure_ascii=False, separators=(",", ":")),
        }


def catalogue() -> dict[str, type[Event]]:
    """Every kind of event by name."""
    return dict(sorted(_KINDS.items()))


def read(row: dict[str, Any]) -> Event:
    """The event that an envelope holds.

    Raises
    ------
    InvalidInput : nobody knows an event of that name.
    """
    kind = _KINDS.get(row["event"])
    if kind is None:
        raise InvalidInput(
            f"no kind of event is named '{row['event']}'", mend="upgrade regulars, or remove the row", code="unknown_event"
        )
    properties = kind.upgrade(json.loads(row["properties"]), int(row["schema_version"]))
    hints = get_type_hints(kind)
    values = {f.name: _typed(properties[f.name], hints[f.name]) for f in dataclasses.fields(kind) if f.name in properties}
    return kind(**{key: row[key] for key in _ENVELOPE}, **values)


def _typed(value: Any, hint: Any) -> Any:
    if isinstance(value, str):
        kinds = get_args(hint) or (hint,)
        if datetime in kinds:
            return datetime.fromisoformat(value)
        if date in kinds:
            return date.fromisoformat(value)
    return value
