"""What other rooms learn from a part of the stream: who is who, who people are, and which orders were made."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from regulars.collect import identity, orders
from regulars.collect.track import shapes
from regulars.collect.track.rules import Rules
from regulars.guard import consent, privacy

if TYPE_CHECKING:
    from regulars.access.domain import Shop
    from regulars.access.keys import Keyring
    from regulars.records import Records, UnitOfWork
    from regulars.warehouse import Warehouse

log = logging.getLogger(__name__)

#: Tables that orders are projected into, under customers as messages name them.
_ABOUT_ORDERS = ("order_facts", "orders", "order_lines", "refunds")


def _speaks_of_consent(message: Mapping[str, Any]) -> bool:
    context = message.get("context")
    return (isinstance(context, dict) and "consent" in context) or message.get("event") in consent.CONSENT_EVENTS


class Followers:
    """The rooms that follow the stream, in the order in which they must be told."""

    def __init__(self, records: Records, warehouse: Warehouse, keyring: Keyring, rules: Rules) -> None:
        self._records = records
        self._warehouse = warehouse
        self._keyring = keyring
        self._rules = rules
        self._readers: dict[str, identity.Reader] = {}

    def leave_out_erased(self, part: shapes.Part) -> None:
        """Events that name somebody who was erased are kept under the random pseudonym that took the customer's place."""
        with self._records.reading() as uow:
            for shop_id, taken in part.taken.items():
                ids = {one.row[name] for one in taken for name in ("user_id", "anonymous_id") if one.row[name]}
                gone = privacy.erased(uow, self._keyring, shop_id, list(ids)) if ids else {}
                if not gone:
                    continue
                for one in taken:
                    for name in ("user_id", "anonymous_id", "customer_id"):
                        one.row[name] = gone.get(one.row[name], one.row[name])
                    if one.row["user_id"] in gone.values():
                        one.traits = None

    def leave_out_refused(self, part: shapes.Part) -> None:
        """What may not be collected is counted by its reason and kept nowhere; what a message says about consent is kept."""
        with self._records.reading() as uow:
            for shop_id, taken in part.taken.items():
                policy = consent.collection_policy(uow, shop_id)
                ids = list(dict.fromkeys(one.row["customer_id"] for one in taken if one.row["customer_id"]))
                known = consent.states_of(uow, shop_id, ids) if ids else {}
                kept = []
                for one in taken:
                    answer = consent.collectable(policy, known.get(one.row["customer_id"]), one.message)
                    if answer.allowed:
                        kept.append(one)
                    else:
                        part.uncollected[one.row["source_id"], answer.because] += 1
                part.taken[shop_id] = kept

    def in_records(self, uow: UnitOfWork, part: shapes.Part) -> None:
        """Learn who is who and who people are; the same part again changes nothing."""
        for shop_id, taken in part.taken.items():
            reader = self._readers.setdefault(shop_id, identity.Reader(self._keyring, shop_id))
            told = [
                reader.read(one.message, one.row["timestamp"].replace(tzinfo=UTC), one.row["message_id"])
                for one in taken
                if one.row["user_id"] is not None or one.message.get("userId") is not None  # illegal ones are listed as refused
            ]
            if told:
                identity.learn(uow, self._keyring, shop_id, told)
            said = [
                {**one.message, "timestamp": one.row["timestamp"].replace(tzinfo=UTC), "messageId": one.row["message_id"]}
                for one in taken
                if _speaks_of_consent(one.message)
            ]
            if said:
                consent.learn(uow, self._keyring, shop_id, said)
            people = [
                person
                for one in taken
                if one.traits
                and one.row["user_id"]
                and (person := self._rules.person_of(one.row["user_id"], one.traits)) is not None
            ]
            if people:
                privacy.remember(uow, self._keyring, shop_id, people)

    def resolved(self, tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
        """The rows with the customer each id belongs to today."""
        found = {}
        with self._records.reading() as uow:
            for shop_id, table in tables.items():
                ids = [one for one in pc.unique(table.column("customer_id")).to_pylist() if one]
                owners = identity.resolve(uow, shop_id, ids) if ids else {}
                found[shop_id] = shapes.resolved(table, {own: owner for own, owner in owners.items() if own != owner})
        return found

    def in_warehouse(self, shop_id: str, table: pa.Table) -> None:
        """Make and change orders; inside the transaction that appends the events."""
        about_orders = table.filter(pc.match_substring(table.column("event"), "order", ignore_case=True))
        shop = self._rules.shop(shop_id)
        if not about_orders.num_rows or shop is None:
            return
        made = orders.project_events(self._warehouse, shop, about_orders)
        with self._records.reading() as uow:  # rows name customers as messages do; a merge since then counts
            named = [one for one in pc.unique(about_orders.column("customer_id")).to_pylist() if one]
            owners = identity.resolve(uow, shop_id, named)
        merged = {own: owner for own, owner in owners.items() if own != owner}
        identity.rewrite(self._warehouse, shop_id, merged, _ABOUT_ORDERS)
        if made.problems:
            log.warning("orders told by events could not be taken", extra={"shop_id": shop_id, "orders": len(made.problems)})
        with self._records.unit() as uow:
            orders.note_changes(uow, shop_id)

    def afterwards(self, shop_ids: list[str]) -> None:
        """Let earlier rows follow what was learned."""
        for shop_id in shop_ids:
            identity.apply(self._records, self._warehouse, shop_id)

    def rebuilt(self, shop: Shop) -> None:
        """Make anew in a warehouse that was made anew what follows from its events."""
        orders.rebuild(self._warehouse, shop)
        identity.settle_warehouse(self._records, self._warehouse, shop.shop_id)
