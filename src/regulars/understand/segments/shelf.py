"""Keeping segments: made, changed, applied from files, listed, thrown away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update

from regulars.access import audit
from regulars.collect import identity
from regulars.errors import Conflict, InvalidInput, NotFound
from regulars.guard.privacy import erased, known_id
from regulars.understand.questions import told
from regulars.understand.segments.domain.kept import (
    KINDS,
    LONGEST_DESCRIPTION,
    Segment,
    SegmentFile,
    checked_id,
    checked_name,
    id_from,
    in_order,
    resting_on,
)
from regulars.understand.segments.domain.reading import definition
from regulars.understand.segments.domain.tree import Definition, named_segments
from regulars.understand.segments.tables import segment, segment_hook, segment_listed, segment_size
from regulars.values import clock
from regulars.work import enqueue

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from regulars.access import Shop
    from regulars.access.domain import Caller
    from regulars.records import UnitOfWork

EVALUATE = "segments.evaluate"
MOST_LISTED = 2_000_000
MOST_SEGMENTS = 500
_AT_ONCE = 5_000
_FIELDS = ("id", "name", "name_zh", "description", "kind", "where_tree", "known_only", "customers")


def listing(uow: UnitOfWork, shop_id: str) -> list[Segment]:
    """Every segment of a shop, by name."""
    rows = uow.rows(select(segment).where(segment.c.shop_id == shop_id).order_by(segment.c.name, segment.c.segment_id))
    return [_segment(row) for row in rows]


def get(uow: UnitOfWork, shop_id: str, segment_id: str) -> Segment:
    """One segment.

    Raises
    ------
    NotFound : the shop has none of that id.
    """
    row = uow.one(select(segment).where(segment.c.shop_id == shop_id, segment.c.segment_id == segment_id))
    if row is None:
        raise NotFound(f"there is no segment '{segment_id}'", mend="list them with `GET /v1/segments`", code="no_such_segment")
    return _segment(row)


def save(
    uow: UnitOfWork, caller: Caller, shop: Shop, given: SegmentFile, *, library_id: str | None = None, new: bool = False
) -> Segment:
    """Make a segment, or change the one of that id; it is evaluated as soon as this holds.

    A frozen one keeps the members its tree holds at its first evaluation; an uploaded one has the customers it is given.

    Raises
    ------
    InvalidInput : a tree that cannot be understood, an unknown other segment, or a circle of segments.
    Conflict : `new`, and the shop has one of that id.
    """
    caller.demand("manage_segments")
    caller.demand_shop(shop.shop_id)
    known = {one.segment_id: one for one in listing(uow, shop.shop_id)}
    segment_id = checked_id(given.segment_id) if given.segment_id else id_from(given.name, known)
    before = known.get(segment_id)
    if new and before is not None:
        raise Conflict(
            f"there is a segment '{segment_id}' already", mend="choose another id, or change that one", code="segment_exists"
        )
    if before is None and len(known) >= MOST_SEGMENTS:
        raise Conflict(f"a shop may have {MOST_SEGMENTS} segments", mend="remove those nobody uses", code="too_many_segments")
    if given.kind not in KINDS:
        raise InvalidInput(f"there is no kind '{given.kind}' of segments", mend=f"one of {', '.join(KINDS)}", code="bad_kind")
    if len(given.description) > LONGEST_DESCRIPTION:
        raise InvalidInput("the description is too long", mend=f"at most {LONGEST_DESCRIPTION} characters", code="bad_description")
    if (given.where_tree is None) != (given.kind == "uploaded"):
        mend = "leave where_tree out" if given.kind == "uploaded" else "give where_tree"
        raise InvalidInput(f"a segment that is {given.kind} is not written so", mend=mend, code="bad_question")
    if given.where_tree is not None:
        wanted = definition(given.where_tree, shop.timezone)
        check_others(known, segment_id, wanted, shop)
    now = clock.now()
    values: dict[str, Any] = {
        "name": checked_name(given.name),
        "name_zh": checked_name(given.name_zh) if given.name_zh.strip() else "",
        "description": given.description.strip(),
        "kind": given.kind,
        "where_tree": given.where_tree,
        "known_only": given.known_only,
        "changed_at": now,
        "error": None,
    }
    here = (segment.c.shop_id == shop.shop_id, segment.c.segment_id == segment_id)
    if before is None:
        owner = caller.id if caller.kind == "operator" else f"{caller.kind}:{caller.id}"
        fresh = {"shop_id": shop.shop_id, "segment_id": segment_id, "library_id": library_id, "owner_id": owner, "created_at": now}
        uow.execute(insert(segment).values(**values, **fresh))
    else:
        uow.execute(update(segment).where(*here).values(**values))
    changed_tree = before is not None and (before.where_tree, before.kind) != (given.where_tree, given.kind)
    if given.kind == "uploaded":
        listed = _resolved(uow, caller, shop.shop_id, given.customers)
        if before is None or given.customers or before.kind != "uploaded":
            put_list(uow, shop.shop_id, segment_id, listed)
    elif given.kind == "dynamic" or changed_tree:
        put_list(uow, shop.shop_id, segment_id, {})
    if given.kind == "frozen" and (before is None or changed_tree):
        uow.execute(update(segment).where(*here).values(evaluated_at=None))
    audit.record(
        uow,
        caller,
        "segment.changed" if before else "segment.made",
        segment_id,
        before=before and {"name": before.name, "kind": before.kind, "where_tree": before.where_tree},
        after={"name": given.name, "kind": given.kind, "where_tree": given.where_tree},
        shop_id=shop.shop_id,
    )
    ask(uow, shop.shop_id)
    return get(uow, shop.shop_id, segment_id)


def apply(uow: UnitOfWork, caller: Caller, shop: Shop, files: Sequence[Any]) -> list[Segment]:
    """Make or change the segments of files, those first that others ask about. All of them hold, or none.

    Raises
    ------
    InvalidInput : something of them is wrong; nothing is changed.
    """
    given = [read_file(one, f"[{i}]") for i, one in enumerate(files)]
    by_id = {one.segment_id: one for one in given}
    if len(by_id) < len(given):
        raise InvalidInput("two of the segments have one id", mend="give each its own", code="bad_id")
    asks = {
        one.segment_id: named_segments(definition(one.where_tree, shop.timezone, f"{one.segment_id}.where_tree").tree)
        if one.where_tree is not None
        else []
        for one in given
    }
    return [save(uow, caller, shop, by_id[one]) for one in in_order(asks)]


def read_file(given: Any, place: str = "segment") -> SegmentFile:
    """A segment as YAML or JSON has it."""
    fields = told.object_of(given, place, _FIELDS)
    kind = told.choice(fields.get("kind", "dynamic"), f"{place}.kind", KINDS)
    customers = fields.get("customers") or ()
    return SegmentFile(
        segment_id=checked_id(told.text(fields.get("id"), f"{place}.id")),
        name=told.text(fields.get("name", fields.get("id")), f"{place}.name"),
        name_zh=str(fields.get("name_zh") or ""),
        description=str(fields.get("description") or ""),
        kind=kind,  # type: ignore[arg-type]
        where_tree=fields.get("where_tree"),
        known_only=bool(fields.get("known_only", False)),
        customers=tuple(str(one) for one in told.list_of(customers, f"{place}.customers", most=MOST_LISTED)),
    )


def as_file(one: Segment, customers: Sequence[str] = ()) -> dict[str, Any]:
    """A segment as it stands in a file under version control."""
    made: dict[str, Any] = {"id": one.segment_id, "name": one.name}
    if one.name_zh:
        made["name_zh"] = one.name_zh
    if one.description:
        made["description"] = one.description
    if one.kind != "dynamic":
        made["kind"] = one.kind
    if one.known_only:
        made["known_only"] = True
    if one.where_tree is not None:
        made["where_tree"] = one.where_tree
    if customers:
        made["customers"] = list(customers)
    return made


def throw_away(uow: UnitOfWork, caller: Caller, shop_id: str, segment_id: str) -> None:
    """Forget a segment with its list, history and webhooks; its members are taken out with the next evaluation.

    Raises
    ------
    Conflict : another segment asks about it.
    """
    caller.demand("manage_segments")
    caller.demand_shop(shop_id)
    gone = get(uow, shop_id, segment_id)
    for other in listing(uow, shop_id):
        if other.segment_id != segment_id and other.where_tree is not None and segment_id in _asked_by(other):
            raise Conflict(f"'{other.segment_id}' asks about it", mend="change that one first", code="segment_in_use")
    for table in (segment_listed, segment_size, segment_hook, segment):
        uow.execute(delete(table).where(table.c.shop_id == shop_id, table.c.segment_id == segment_id))
    before = {"name": gone.name, "kind": gone.kind, "where_tree": gone.where_tree}
    audit.record(uow, caller, "segment.removed", segment_id, before=before, shop_id=shop_id)
    ask(uow, shop_id)


def ask(uow: UnitOfWork, shop_id: str) -> None:
    """Ask for one evaluation; several wishes before it starts are one."""
    enqueue(uow, EVALUATE, {}, shop_id=shop_id, key=f"{EVALUATE}:{shop_id}")


def definitions(found: Iterable[Segment], zone: str) -> tuple[dict[str, Definition], list[str]]:
    """The trees of dynamic segments, and the ids of those whose members are a list."""
    trees, listed = {}, []
    for one in found:
        if one.kind == "dynamic" and one.where_tree is not None:
            trees[one.segment_id] = definition(one.where_tree, zone, known_only=one.known_only)
        else:
            listed.append(one.segment_id)
    return trees, listed


def needed(wanted: Definition, known: Mapping[str, Segment], shop: Shop) -> tuple[dict[str, Definition], list[str]]:
    """The segments that a tree asks about, however indirectly: their trees, and those that are lists.

    Raises
    ------
    InvalidInput : there is none of that id.
    """
    asks = {name: named_segments(one.tree) for name, one in definitions(known.values(), shop.timezone)[0].items()}
    names = resting_on(named_segments(wanted.tree), asks)
    for name in sorted(names - set(known)):
        raise told.wrong("where_tree", f"there is no segment '{name}'", "list them with `GET /v1/segments`")
    return definitions([known[name] for name in sorted(names)], shop.timezone)


def check_others(known: Mapping[str, Segment], segment_id: str, wanted: Definition, shop: Shop) -> None:
    """Refuse what asks about unknown segments, or in a circle."""
    asks = {name: named_segments(one.tree) for name, one in definitions(known.values(), shop.timezone)[0].items()}
    asks[segment_id] = named_segments(wanted.tree)
    for name in asks[segment_id]:
        if name not in known and name != segment_id:
            raise told.wrong("where_tree", f"there is no segment '{name}'", "list them with `GET /v1/segments`")
    in_order(asks)


def put_list(uow: UnitOfWork, shop_id: str, segment_id: str, customers: Mapping[str, str]) -> None:
    """Put a list of customers (as told, and whom that means) in the place of the one there was."""
    uow.execute(delete(segment_listed).where(segment_listed.c.shop_id == shop_id, segment_listed.c.segment_id == segment_id))
    rows = [
        {"shop_id": shop_id, "segment_id": segment_id, "told_as": told_as, "customer_id": now}
        for told_as, now in sorted(customers.items())
    ]
    for start in range(0, len(rows), _AT_ONCE):
        uow.execute(insert(segment_listed), rows[start : start + _AT_ONCE])


def listed_customers(uow: UnitOfWork, shop_id: str, segment_id: str) -> list[str]:
    """Who is on a segment's list, each once."""
    rows = select(segment_listed.c.customer_id).where(
        segment_listed.c.shop_id == shop_id, segment_listed.c.segment_id == segment_id
    )
    return sorted({row["customer_id"] for row in uow.rows(rows)})


def how_many(uow: UnitOfWork, shop_id: str) -> int:
    """How many segments there are."""
    return int(uow.value(select(func.count()).select_from(segment).where(segment.c.shop_id == shop_id)) or 0)


def _resolved(uow: UnitOfWork, caller: Caller, shop_id: str, customers: Sequence[str]) -> dict[str, str]:
    """Ids as the shop's systems know customers, in the form they are kept in, and whom they mean now."""
    if len(customers) > MOST_LISTED:
        raise InvalidInput(f"more than {MOST_LISTED:,} customers", mend="split the list", code="too_many")
    assert caller.keyring is not None, "callers come from a Door, a Screen or Caller.system, and carry a keyring"
    kept = []
    for one in customers:
        text = one.strip()
        if text:
            kept.append(text if text.startswith(("v_", "c_", "x_")) else known_id(caller.keyring, shop_id, text))
    found: dict[str, str] = {}
    for start in range(0, len(kept), _AT_ONCE):
        some = kept[start : start + _AT_ONCE]
        gone = erased(uow, caller.keyring, shop_id, some)
        found.update(identity.resolve(uow, shop_id, [one for one in some if one not in gone]))
    return found


def _asked_by(one: Segment) -> list[str]:
    return named_segments(definition(one.where_tree, "UTC").tree)


def _segment(row: RowMapping) -> Segment:
    return Segment(**{name: row[name] for name in Segment.__slots__})
