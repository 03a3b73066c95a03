"""Messages and stores for the tests of identity: who says what, when, and whose events are whose afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from regulars.access import Keyring
from regulars.collect import identity
from regulars.collect.identity import Learned, Reader
from regulars.collect.track.domain.clocks import instant
from regulars.records import Records
from regulars.warehouse import Warehouse
from regulars.warehouse.arrow import arrow_rows
from regulars.warehouse.schema import EVENTS

SHOP = "tea"
T0 = datetime(2025, 1, 1, 10, tzinfo=UTC)
KEYS = Keyring(b"k" * 32)


def at(minutes: float) -> str:
    """Minutes after ten o'clock, as clients write it."""
    return (T0 + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


def track(minutes: float, *, user: Any = None, anonymous: Any = None, event: str = "Product Viewed") -> dict[str, Any]:
    return _message("track", minutes, userId=user, anonymousId=anonymous, event=event)


def identify(minutes: float, user: Any, anonymous: Any = None) -> dict[str, Any]:
    return _message("identify", minutes, userId=user, anonymousId=anonymous)


def alias(minutes: float, previous: Any, user: Any) -> dict[str, Any]:
    return _message("alias", minutes, previousId=previous, userId=user)


def _message(kind: str, minutes: float, **fields: Any) -> dict[str, Any]:
    told = {name: value for name, value in fields.items() if value is not None}
    return {"type": kind, "timestamp": at(minutes), "messageId": f"{kind}-{minutes}-{sorted(told.items())!r}", **told}


@dataclass
class Town:
    """One shop's identities, told message by message."""

    records: Records
    warehouse: Warehouse | None = None
    shop_id: str = SHOP
    reader: Reader = field(init=False)

    def __post_init__(self) -> None:
        self.reader = Reader(KEYS, self.shop_id)

    def tell(self, *messages: Mapping[str, Any]) -> Learned:
        """Learn, and with a warehouse load the events and let it follow."""
        read = [self.reader.read(message, instant(message["timestamp"]) or T0) for message in messages]
        with self.records.unit() as uow:
            learned = identity.learn(uow, KEYS, self.shop_id, read)
        if self.warehouse is not None:
            with self.records.reading() as uow:
                owners = identity.resolve(uow, self.shop_id, [one.user_id or one.anonymous_id or "" for one in read])
            rows = []
            for message, one in zip(messages, read, strict=True):
                own = one.user_id or one.anonymous_id
                if own is not None:
                    rows.append(_event(self.shop_id, message, one, owners[own]))
            self.warehouse.append("events", arrow_rows(EVENTS, rows))
            identity.apply(self.records, self.warehouse, self.shop_id)
        return learned

    def stored(self, raw: str) -> str:
        """The id that a raw one is kept under: a user's where one is known by it, else a visitor's."""
        known = self.reader.known(raw)
        with self.records.reading() as uow:
            try:
                identity.identity(uow, self.shop_id, known)
            except Exception:
                return self.reader.visitor(raw)
        return known

    def customer(self, raw: str) -> str:
        """Whose a raw id is."""
        one = self.stored(raw)
        with self.records.reading() as uow:
            return identity.resolve(uow, self.shop_id, [one])[one]

    def clusters(self, raws: Iterable[str]) -> set[frozenset[str]]:
        """Which raw ids are one customer; an id is asked for in both forms."""
        forms = {form: raw for raw in raws for form in (f"u:{raw}", f"a:{raw}")}
        stored = {form: (self.reader.known if form[0] == "u" else self.reader.visitor)(raw) for form, raw in forms.items()}
        with self.records.reading() as uow:
            owners = identity.resolve(uow, self.shop_id, list(stored.values()))
        found: dict[str, set[str]] = {}
        for form, one in stored.items():
            found.setdefault(owners[one], set()).add(form)
        return {frozenset(forms) for forms in found.values()}

    def outcome(self) -> tuple[dict[str, str], set[tuple[str, ...]]]:
        """Everything that may not depend on the order of arrival: whose each id is, and what was refused."""
        from sqlalchemy import select

        from regulars.collect.identity.tables import identity_alias

        with self.records.reading() as uow:
            rows = uow.rows(select(identity_alias).where(identity_alias.c.shop_id == self.shop_id))
            refused = identity.refused_merges(uow, self.shop_id, limit=1000)
        belongs = {row["id"]: f"{row['customer_id']} via {row['via']} since {row['since']} alone {row['alone']}" for row in rows}
        return belongs, {
            (one.from_id, one.to_id, one.reason, one.illegal, one.belongs_to, str(one.at), one.message_id) for one in refused
        }

    def events(self) -> dict[str, list[str]]:
        """The names of events by customer, in time order, as the warehouse has them."""
        assert self.warehouse is not None
        table = self.warehouse.table("events")
        found: dict[str, list[str]] = {}
        for row in self.warehouse.rows(table.filter(table.shop_id == self.shop_id).order_by("timestamp", "message_id")):
            if row["type"] == "track":
                found.setdefault(row["customer_id"], []).append(row["event"])
            assert row["is_known"] == (not row["customer_id"].startswith("v_"))
        return found


def _event(shop_id: str, message: Mapping[str, Any], one: identity.IdentityMessage, customer_id: str) -> dict[str, Any]:
    moment = one.timestamp.replace(tzinfo=None)
    return {
        "shop_id": shop_id,
        "source_id": "s",
        "message_id": one.message_id,
        "event_key": hash(one.message_id),
        "type": one.type,
        "event": message.get("event", one.type),
        "customer_id": customer_id,
        "is_known": not customer_id.startswith("v_"),
        "user_id": one.user_id,
        "anonymous_id": one.anonymous_id,
        "timestamp": moment,
        "received_at": moment,
        "is_bot": False,
        "is_history": False,
        "properties": "{}",
        "part_id": "p",
    }
