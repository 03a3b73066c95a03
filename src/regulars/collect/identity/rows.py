"""Reading and writing the rows of identity, many at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    String,
    and_,
    any_,
    bindparam,
    delete,
    func,
    literal,
    literal_column,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from regulars.collect.identity.domain import Belonging, Claim, Outcome, Pair
from regulars.collect.identity.tables import identity_alias, identity_claim, identity_known

if TYPE_CHECKING:
    from sqlalchemy import Table

    from regulars.records import UnitOfWork

_AT_ONCE = 2_000

Item = TypeVar("Item")


def some_of(items: Iterable[Item], size: int = _AT_ONCE) -> Iterator[list[Item]]:
    """The items in lists of at most `size`."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


def among(uow: UnitOfWork, column: Any, ids: Sequence[str]) -> ColumnElement[bool]:
    """Whether a column is one of these: one parameter however many they are, so that the statement is prepared once."""
    if uow.dialect == "postgresql":
        found: ColumnElement[bool] = column == any_(literal(list(ids), postgresql.ARRAY(String)))
        return found
    each = func.json_each(json.dumps(list(ids))).table_valued("value")
    inside: ColumnElement[bool] = column.in_(select(each.c.value))
    return inside


def by_index(uow: UnitOfWork, table: Table, shop_id: str) -> ColumnElement[bool]:
    """Whether a row is the shop's, where many ids are looked up in an index that begins with the id.

    SQLite takes a shop for a handful of rows and would read them all by the primary key; the plus keeps it from that.
    """
    if uow.dialect == "postgresql":
        return table.c.shop_id == shop_id
    return literal_column(f"+{table.name}.shop_id") == shop_id


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
        rows = uow.rows(select(identity_known).where(identity_known.c.shop_id == shop_id, among(uow, identity_known.c.id, some)))
        found.update({row["id"]: row for row in rows})
    return found


def alias_rows(uow: UnitOfWork, shop_id: str, ids: Iterable[str]) -> dict[str, RowMapping]:
    """Where these ids belong; those that belong to themselves are missing."""
    found = {}
    for some in some_of(ids):
        told = some if uow.dialect == "postgresql" else json.dumps(some)
        rows = uow.rows(_ALIASES[uow.dialect], {"shop": shop_id, "ids": told})
        found.update({row["id"]: row for row in rows})
    return found


#: Built once: where a shopper belongs is asked with every list they are shown.
_ALIASES = {
    dialect: select(identity_alias).where(identity_alias.c.shop_id == bindparam("shop"), among_)
    for dialect, among_ in (
        ("postgresql", identity_alias.c.id == any_(bindparam("ids", type_=postgresql.ARRAY(String)))),
        ("sqlite", identity_alias.c.id.in_(select(func.json_each(bindparam("ids", type_=String)).table_valued("value").c.value))),
    )
}


def ids_of_customers(uow: UnitOfWork, shop_id: str, customer_ids: Iterable[str]) -> list[RowMapping]:
    """The ids that were merged into these customers."""
    found: list[RowMapping] = []
    for some in some_of(customer_ids):
        here = and_(by_index(uow, identity_alias, shop_id), among(uow, identity_alias.c.customer_id, some))
        found += uow.rows(select(identity_alias).where(here))
    return found


def claims_of_pairs(uow: UnitOfWork, shop_id: str, pairs: Iterable[Pair]) -> dict[Pair, RowMapping]:
    """The claims of these pairs that are kept already."""
    c = identity_claim.c
    found = {}
    for some in some_of(pairs):
        rows = uow.rows(select(identity_claim).where(c.shop_id == shop_id, _pairs(uow, some)))
        found.update({(row["left_id"], row["right_id"]): row for row in rows})
    return found


def _pairs(uow: UnitOfWork, pairs: Sequence[Pair]) -> ColumnElement[bool]:
    """Whether a claim is one of these pairs'."""
    both = tuple_(identity_claim.c.left_id, identity_claim.c.right_id)
    if uow.dialect == "postgresql":
        sides = [literal([pair[side] for pair in pairs], postgresql.ARRAY(String)) for side in (0, 1)]
        told = func.unnest(*sides).table_valued("one", "other").render_derived()
        return both.in_(select(told.c.one, told.c.other))
    each = func.json_each(json.dumps(pairs)).table_valued("value")
    return both.in_(select(func.json_extract(each.c.value, "$[0]"), func.json_extract(each.c.value, "$[1]")))


def claims_touching(uow: UnitOfWork, shop_id: str, ids: Iterable[str], *, explicit: bool = False) -> dict[Pair, Claim]:
    """Every claim one of whose ids is among these; with `explicit` only those that may join known ids."""
    c = identity_claim.c
    columns = select(c.left_id, c.right_id, c.kind, c.first_at, c.decision, c.outcome)
    if explicit:
        columns = columns.where(c.kind.in_(["alias", "operator"]))
    found = {}
    for some in some_of(ids):
        for side, here in ((c.left_id, c.shop_id == shop_id), (c.right_id, by_index(uow, identity_claim, shop_id))):
            for row in uow.execute(columns.where(here, among(uow, side, some))):
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
        uow.execute(delete(identity_alias).where(identity_alias.c.shop_id == shop_id, among(uow, identity_alias.c.id, some)))
