"""Tags: made, ruled, given to a list and taken away; they follow merges and go with erasure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from sqlalchemy import RowMapping, delete, insert, or_, select, update

from regulars.access import audit
from regulars.collect import identity
from regulars.errors import Conflict, InvalidInput, NotFound
from regulars.understand import segments
from regulars.understand.questions import Desk
from regulars.understand.traits.domain import RETAG, BulkTagged, Tag
from regulars.understand.traits.queries.ruling import followers, known_among
from regulars.understand.traits.rules import read, rule_of
from regulars.understand.traits.tables import customer_tag, tag
from regulars.values import clock
from regulars.values.ids import new_id
from regulars.warehouse import TABLES, Warehouse
from regulars.warehouse.arrow import arrow_schema
from regulars.work import enqueue

if TYPE_CHECKING:
    from regulars.access import Shop
    from regulars.access.domain import Caller
    from regulars.records import UnitOfWork

MOST_AT_ONCE = 50_000
MOST_TAGS = 500
_PIECE = 500


def make_tag(
    uow: UnitOfWork, caller: Caller, desk: Desk, *, name: str, description: str = "", rule: Mapping[str, Any] | None = None
) -> Tag:
    """A new tag; with a rule, `{"where_tree": tree, "where": [conditions], "segment": id}`, customers get it by themselves.

    Raises
    ------
    InvalidInput : the name is empty or too long, or the rule names no condition that can be asked.
    Conflict : a tag of that name exists.
    """
    caller.demand("manage_segments")
    name, shop_id = _named(name), desk.shop.shop_id
    kept = rule_of(rule, desk.base)
    segments.whom(uow, desk, (kept or {}).get("where_tree"))  # refuses what cannot be asked
    if uow.value(select(tag.c.tag_id).where(tag.c.shop_id == shop_id, tag.c.name == name)):
        raise _taken(name)
    if len(uow.rows(select(tag.c.tag_id).where(tag.c.shop_id == shop_id))) >= MOST_TAGS:
        raise InvalidInput(f"the shop has {MOST_TAGS} tags", mend="delete one that nobody uses", code="too_many_tags")
    at = clock.now()
    row: dict[str, Any] = {
        "tag_id": new_id("tag"), "shop_id": shop_id, "name": name, "description": description.strip()[:500], "rule": kept,
        "made_by": _who(caller), "made_at": at, "changed_at": at,
    }  # fmt: skip
    uow.execute(insert(tag).values(**row))
    audit.record(uow, caller, "tag.made", row["tag_id"], after={"name": name, "rule": kept}, shop_id=shop_id)
    if kept:
        _ask(uow, shop_id)
    return _tag(row, 0)


def change_tag(
    uow: UnitOfWork, caller: Caller, desk: Desk, name_or_id: str, *, name: str | None = None, description: str | None = None,
    rule: Mapping[str, Any] | None = None, drop_rule: bool = False,
) -> Tag:  # fmt: skip
    """Another name, description or rule; `drop_rule` leaves only those who have it by hand."""
    caller.demand("manage_segments")
    shop_id = desk.shop.shop_id
    row = _row(uow, shop_id, name_or_id)
    values: dict[str, Any] = {"changed_at": clock.now()}
    if name is not None and _named(name) != row["name"]:
        values["name"] = _named(name)
        if uow.value(select(tag.c.tag_id).where(tag.c.shop_id == shop_id, tag.c.name == values["name"])):
            raise _taken(values["name"])
    if description is not None:
        values["description"] = description.strip()[:500]
    if rule is not None or drop_rule:
        values["rule"] = None if drop_rule else rule_of(rule, desk.base)
        segments.whom(uow, desk, (values["rule"] or {}).get("where_tree"))  # refuses what cannot be asked
    uow.execute(update(tag).where(tag.c.tag_id == row["tag_id"]).values(**values))
    before = {key: row[key] for key in values if key != "changed_at"}
    after = {key: value for key, value in values.items() if key != "changed_at"}
    audit.record(uow, caller, "tag.changed", row["tag_id"], before=before, after=after, shop_id=shop_id)
    _ask(uow, shop_id)
    return tag_of(uow, desk.warehouse, shop_id, row["tag_id"])


def delete_tag(uow: UnitOfWork, caller: Caller, shop_id: str, name_or_id: str) -> None:
    """A tag goes, and everybody loses it."""
    caller.demand("manage_segments")
    row = _row(uow, shop_id, name_or_id)
    uow.execute(delete(customer_tag).where(customer_tag.c.shop_id == shop_id, customer_tag.c.tag_id == row["tag_id"]))
    uow.execute(delete(tag).where(tag.c.tag_id == row["tag_id"]))
    audit.record(uow, caller, "tag.deleted", row["tag_id"], before={"name": row["name"], "rule": row["rule"]}, shop_id=shop_id)
    _ask(uow, shop_id)


def tag_customers(
    uow: UnitOfWork, warehouse: Warehouse, caller: Caller, shop_id: str, name_or_id: str, *, add: Sequence[str] = (),
    remove: Sequence[str] = (),
) -> BulkTagged:  # fmt: skip
    """Give a tag by hand to a list of customers, and take it from another; doing it again changes nothing.

    Raises
    ------
    InvalidInput : more than 50,000 ids at once.
    """
    caller.demand("manage_segments")
    row = _row(uow, shop_id, name_or_id)
    if len(add) + len(remove) > MOST_AT_ONCE:
        raise InvalidInput(
            f"{len(add) + len(remove):,} customers at once",
            mend=f"send at most {MOST_AT_ONCE:,} at a time",
            code="too_many_customers",
        )
    wanted = [one.strip() for one in dict.fromkeys(add) if one.strip()]
    unknown = _unknown(uow, warehouse, shop_id, wanted)
    now_called = identity.resolve(uow, shop_id, [one for one in wanted if one not in unknown])
    added = _give(uow, caller, shop_id, row["tag_id"], now_called)
    gone = identity.resolve(uow, shop_id, [one.strip() for one in dict.fromkeys(remove) if one.strip()])
    removed = 0
    for some in _pieces(sorted(set(gone.values()))):
        mine = (customer_tag.c.shop_id == shop_id, customer_tag.c.tag_id == row["tag_id"], customer_tag.c.customer_id.in_(some))
        removed += uow.execute(delete(customer_tag).where(*mine)).rowcount
    if added or removed:
        audit.record(uow, caller, "tag.given", row["tag_id"], after={"added": added, "removed": removed}, shop_id=shop_id)
        _ask(uow, shop_id)
    return BulkTagged(tag_id=row["tag_id"], added=added, removed=removed, unknown=sorted(unknown))


def tags(uow: UnitOfWork, warehouse: Warehouse, shop_id: str) -> list[Tag]:
    """The shop's tags by name, with how many customers have each."""
    table = warehouse.table("customer_tags")
    mine = table.filter(table.shop_id == shop_id)
    counts = warehouse.cached(
        ("tags.counts", shop_id),
        lambda: {row["tag"]: row["n"] for row in warehouse.rows(mine.group_by("tag").aggregate(n=mine.count()))},
        of=("customer_tags",),
    )
    return [
        _tag(row, counts.get(row["name"], 0)) for row in uow.rows(select(tag).where(tag.c.shop_id == shop_id).order_by(tag.c.name))
    ]


def tag_of(uow: UnitOfWork, warehouse: Warehouse, shop_id: str, name_or_id: str) -> Tag:
    """One tag, by id or name."""
    row = _row(uow, shop_id, name_or_id)
    return next(one for one in tags(uow, warehouse, shop_id) if one.tag_id == row["tag_id"])


def ids(uow: UnitOfWork, shop_id: str) -> dict[str, str]:
    """The id of each tag by its name."""
    return {row["name"]: row["tag_id"] for row in uow.rows(select(tag.c.name, tag.c.tag_id).where(tag.c.shop_id == shop_id))}


def by_hand(uow: UnitOfWork, shop_id: str, customer_id: str) -> list[tuple[str, str]]:
    """The tags an operator gave a customer: id and name."""
    rows = uow.rows(
        select(tag.c.tag_id, tag.c.name)
        .join(customer_tag, customer_tag.c.tag_id == tag.c.tag_id)
        .where(customer_tag.c.shop_id == shop_id, customer_tag.c.customer_id == customer_id)
        .distinct()
    )
    return [(row["tag_id"], row["name"]) for row in rows]


def retag(uow: UnitOfWork, warehouse: Warehouse, shop: Shop) -> int:
    """Put everybody's tags into the warehouse: those given by hand, and those whose rule holds now; returns how many."""
    shop_id, desk = shop.shop_id, Desk(warehouse, shop)
    rows = uow.rows(select(tag).where(tag.c.shop_id == shop_id))
    names = {row["tag_id"]: row["name"] for row in rows}
    given = {
        (row["customer_id"], names[row["tag_id"]])
        for row in uow.rows(select(customer_tag.c.customer_id, customer_tag.c.tag_id).where(customer_tag.c.shop_id == shop_id))
        if row["tag_id"] in names
    }
    schema = arrow_schema(TABLES["customer_tags"])
    count = len(given)
    with warehouse.transaction():
        warehouse.delete("customer_tags", lambda t: t.shop_id == shop_id)
        if given:
            lines = [{"shop_id": shop_id, "customer_id": one, "tag": name, "by_rule": False} for one, name in sorted(given)]
            warehouse.append("customer_tags", pa.Table.from_pylist(lines, schema=schema))
        # All rules see the tags given by hand, none those of another rule.
        asked = [
            followers(read(row["rule"], desk.base), row["name"], segments.whom(uow, desk, row["rule"].get("where_tree")))
            for row in rows
            if row["rule"]
        ]
        made = [warehouse.query(one).cast(schema) for one in asked]
        for found in made:
            if given:
                keep = [
                    (one, name) not in given
                    for one, name in zip(found["customer_id"].to_pylist(), found["tag"].to_pylist(), strict=True)
                ]
                found = found.filter(pa.array(keep, pa.bool_()))
            if found.num_rows:
                warehouse.append("customer_tags", found)
                count += found.num_rows
    return count


def forget(uow: UnitOfWork, shop_id: str, customer_id: str, successor: str) -> int:
    """An erased customer has no tags: what `privacy` calls."""
    mine = or_(customer_tag.c.customer_id.in_([customer_id, successor]), customer_tag.c.named_as == customer_id)
    return uow.execute(delete(customer_tag).where(customer_tag.c.shop_id == shop_id, mine)).rowcount


def follow(uow: UnitOfWork, shop_id: str, changed: Mapping[str, str]) -> None:
    """Tags go with the ids they were given under: what `identity` calls when merges are made or taken back."""
    for some in _pieces(sorted(changed)):
        rows = (
            select(customer_tag.c.named_as).where(customer_tag.c.shop_id == shop_id, customer_tag.c.named_as.in_(some)).distinct()
        )
        for row in uow.rows(rows):
            mine = (customer_tag.c.shop_id == shop_id, customer_tag.c.named_as == row["named_as"])
            uow.execute(update(customer_tag).where(*mine).values(customer_id=changed[row["named_as"]]))


def _give(uow: UnitOfWork, caller: Caller, shop_id: str, tag_id: str, now_called: Mapping[str, str]) -> int:
    added, at, who = 0, clock.now(), _who(caller)
    for some in _pieces(list(now_called.items())):
        customers = {customer for _, customer in some}
        mine = (customer_tag.c.shop_id == shop_id, customer_tag.c.tag_id == tag_id, customer_tag.c.customer_id.in_(customers))
        have = {row["customer_id"] for row in uow.rows(select(customer_tag.c.customer_id).where(*mine))}
        rows = []
        for named_as, customer in some:
            if customer in have:
                continue
            have.add(customer)
            rows.append(
                {
                    "tagging_id": new_id("tagging"), "shop_id": shop_id, "tag_id": tag_id, "customer_id": customer,
                    "named_as": named_as, "tagged_by": who, "tagged_at": at,
                }
            )  # fmt: skip
        if rows:
            uow.execute(insert(customer_tag), rows)
            added += len(rows)
    return added


def _unknown(uow: UnitOfWork, warehouse: Warehouse, shop_id: str, wanted: Sequence[str]) -> set[str]:
    """The ids that nobody is known by."""
    called = identity.resolve(uow, shop_id, wanted)
    missing: set[str] = set()
    for some in _pieces(sorted(set(called.values()))):
        missing |= set(some) - {row["customer_id"] for row in warehouse.rows(known_among(shop_id, some))}
    return {one for one, customer in called.items() if customer in missing}


def _row(uow: UnitOfWork, shop_id: str, name_or_id: str) -> RowMapping:
    row = uow.one(select(tag).where(tag.c.shop_id == shop_id, or_(tag.c.tag_id == name_or_id, tag.c.name == name_or_id)))
    if row is None:
        raise NotFound(f"there is no tag '{name_or_id[:60]}'", mend="list them with `GET /v1/tags`", code="no_such_tag")
    return row


def _tag(row: Mapping[str, Any] | RowMapping, customers: int) -> Tag:
    rule = row["rule"] or {}
    return Tag(
        tag_id=row["tag_id"],
        name=row["name"],
        description=row["description"],
        where=list(rule.get("where", [])),
        segment=rule.get("segment"),
        where_tree=rule.get("where_tree"),
        customers=customers,
        made_by=row["made_by"],
        made_at=row["made_at"],
        changed_at=row["changed_at"],
    )


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > 60:
        raise InvalidInput("a tag needs a name of 1 to 60 characters", mend="give a shorter one", code="bad_name")
    return name


def _taken(name: str) -> Conflict:
    return Conflict(f"there is a tag '{name}' already", mend="choose another name", code="name_taken")


def _who(caller: Caller) -> str:
    return (caller.id if caller.kind == "operator" else f"{caller.kind}:{caller.id}")[:128]


def _ask(uow: UnitOfWork, shop_id: str) -> None:
    enqueue(uow, RETAG, {}, shop_id=shop_id, key=f"{RETAG}:{shop_id}")


def _pieces(whole: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(whole), _PIECE):
        yield whole[start : start + _PIECE]
