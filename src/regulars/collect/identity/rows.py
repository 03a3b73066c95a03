"""Reading and writing the rows of identity, many at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import RowMapping, and_, bindparam, delete, or_, select, text, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from regulars.collect.identity.domain import Belonging, Claim, Outcome, Pair
from regulars.collect.identity.tables import identity_alias, identity_claim, identity_known

if TYPE_CHECKING:
    from sqlalchemy import Table

    from regulars.records import UnitOfWork

_AT_ONCE = 500

Item = TypeVar("Item")


def some_of(items: Iterable[Item], size: int = _AT_ONCE) -> Iterator[list[Item]]:
    """The items in lists of at most `size`."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


def one_at_a_time(uow: UnitOfWork, shop_id: str) -> None:
    """Let other processes wait that would settle identities of this shop; a SQLite file has one writer anyway."""
    if uow.dialect == "postgresql":
        uow.connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": f"identity of {shop_id}"})


def upsert(uow: UnitOfWork, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows by their key, whether there or not."""
    if not rows:
        return
    make = postgresql.insert if uow.dialect == "postgresql" else sqlite.insert
    add = make(table)
    keys = [column.name for column in table.primary_key]
    changed = {name: add.excluded[name] for name in rows[0] if name not in keys}
    uow.execute(add.on_conflict_do_update(index_elements=keys, set_=changed), rows)


def known_rows(uow: UnitOfWork, shop_id: str, ids: Iterable[str]) -> dict[str, RowMapping]:
    """What is kept of these known ids."""
    found = {}
    for some in some_of(ids):
        rows = uow.rows(select(identity_known).where(identity_known.c.shop_id == shop_id, identity_known.c.id.in_(some)))
        found.update({row["id"]: row for row in rows})
    return found


def alias_rows(uow: UnitOfWork, shop_id: str, ids: Iterable[str]) -> dict[str, RowMapping]:
    """Where these ids belong; those that belong to themselves are missing."""
    found = {}
    for some in some_of(ids):
        rows = uow.rows(select(identity_alias).where(identity_alias.c.shop_id == shop_id, identity_alias.c.id.in_(some)))
        found.update({row["id"]: row for row in rows})
    return found


def ids_of_customers(uow: UnitOfWork, shop_id: str, customer_ids: Iterable[str]) -> list[RowMapping]:
    """The ids that were merged into these customers."""
    found: list[RowMapping] = []
    for some in some_of(customer_ids):
        here = and_(identity_alias.c.shop_id == shop_id, identity_alias.c.customer_id.in_(some))
        found += uow.rows(select(identity_alias).where(here))
    return found


def claims_of_pairs(uow: UnitOfWork, shop_id: str, pairs: Iterable[Pair]) -> dict[Pair, RowMapping]:
    """The claims of these pairs that are kept already."""
    c = identity_claim.c
    found = {}
    for some in some_of(pairs):
        rows = uow.rows(select(identity_claim).where(c.shop_id == shop_id, tuple_(c.left_id, c.right_id).in_(some)))
        found.update({(row["left_id"], row["right_id"]): row for row in rows})
    return found


def claims_touching(uow: UnitOfWork, shop_id: str, ids: Iterable[str], *, explicit: bool = False) -> dict[Pair, Claim]:
    """Every claim one of whose ids is among these; with `explicit` only those that may join known ids."""
    c = identity_claim.c
    columns = select(c.left_id, c.right_id, c.kind, c.first_at, c.decision, c.outcome).where(c.shop_id == shop_id)
    if explicit:
        columns = columns.where(c.kind.in_(["alias", "operator"]))
    found = {}
    for some in some_of(ids):
        for side in (c.left_id, c.right_id):
            for row in uow.execute(columns.where(side.in_(some))):
                pair = (row.left_id, row.right_id)
                found[pair] = Claim(pair, row.kind, row.first_at, row.decision, row.outcome)
    return found


def write_outcomes(uow: UnitOfWork, shop_id: str, outcomes: Mapping[Pair, Outcome]) -> None:
    """How claims ended, where that changed."""
    if outcomes:
        c = identity_claim.c
        this = and_(c.shop_id == shop_id, c.left_id == bindparam("one"), c.right_id == bindparam("other"))
        rows = [{"one": left, "other": right, "ended": outcome} for (left, right), outcome in outcomes.items()]
        uow.connection.execute(update(identity_claim).where(this).values(outcome=bindparam("ended")), rows)


def write_belonging(uow: UnitOfWork, shop_id: str, belongs: Mapping[str, Belonging | None]) -> None:
    """Where ids belong from now on; None: to themselves."""
    rows = [
        {"shop_id": shop_id, "id": one, "customer_id": to.customer_id, "via": to.via, "since": to.since, "alone": to.alone}
        for one, to in belongs.items()
        if to is not None
    ]
    upsert(uow, identity_alias, rows)
    for some in some_of(one for one, to in belongs.items() if to is None):
        uow.execute(delete(identity_alias).where(identity_alias.c.shop_id == shop_id, identity_alias.c.id.in_(some)))


def touching(left: Any, right: Any, one: str) -> Any:
    """The condition that a claim has this id on either side."""
    return or_(left == one, right == one)


def earlier(one: datetime | None, other: datetime) -> datetime:
    """The earlier of a stored time and a told one."""
    return other if one is None or other < one else one
