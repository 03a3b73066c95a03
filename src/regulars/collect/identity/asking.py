"""Asking who is who: one customer's ids, the merges that were made, and those that were refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, literal, or_, select, union_all

from regulars.collect.identity import rows
from regulars.collect.identity.applying import resolve
from regulars.collect.identity.domain import Identity, Kind, Merge, OneId, Pair, RefusedMerge
from regulars.collect.identity.domain.answers import merge_id_of, pair_of_merge
from regulars.collect.identity.tables import identity_alias, identity_claim, identity_refusal
from regulars.errors import NotFound
from regulars.guard.privacy.naming import is_visitor, known_id

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from regulars.access.keys import Keyring
    from regulars.records import UnitOfWork

#: Where a page of merges ended: recorded_at, then the two ids.
Place = tuple[datetime, str, str]

_IDS_SHOWN = 200


class Named(NamedTuple):
    """A customer, and the id somebody named them by."""

    customer_id: str
    named_as: str


def identity(uow: UnitOfWork, shop_id: str, one: str) -> Identity:
    """The customer that a stored id belongs to, with every id merged into it.

    Raises
    ------
    NotFound : no message and no operator has named this id.
    """
    customer_id = resolve(uow, shop_id, [one])[one]
    here = and_(identity_alias.c.shop_id == shop_id, identity_alias.c.customer_id == customer_id)
    total = int(uow.value(select(func.count()).select_from(identity_alias).where(here)))
    merged = uow.rows(select(identity_alias).where(here).order_by(identity_alias.c.id).limit(_IDS_SHOWN))
    own = rows.known_rows(uow, shop_id, [customer_id, *(row["id"] for row in merged)])
    if not merged and customer_id not in own and not rows.claims_touching(uow, shop_id, [customer_id]):
        raise NotFound(f"no message has named '{one}'", mend="look the customer up first", code="no_such_identity")
    ids = [_one_id(customer_id, own, None, "")]
    for row in merged:
        pair = _joining(uow, shop_id, row)
        ids.append(_one_id(row["id"], own, row["since"], merge_id_of(pair) if pair else ""))
    return Identity(
        shop_id=shop_id, customer_id=customer_id, is_known=not is_visitor(customer_id), ids=ids, more=total - len(merged)
    )


def same_person(uow: UnitOfWork, shop_id: str, ids: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """For each id its customer, followed by every id merged into that; what privacy asks."""
    customers = resolve(uow, shop_id, ids)
    others: dict[str, list[str]] = {}
    for row in rows.ids_of_customers(uow, shop_id, {*customers.values()}):
        others.setdefault(row["customer_id"], []).append(row["id"])
    return {one: [customer_id, *others.get(customer_id, ())] for one, customer_id in customers.items()}


def whom(uow: UnitOfWork, keyring: Keyring, shop_id: str, told: str) -> Named:
    """Somebody signed in, as the shop's own systems name them: the id that is stored, and the customer it belongs to."""
    named_as = known_id(keyring, shop_id, told)
    return Named(resolve(uow, shop_id, [named_as])[named_as], named_as)


def merges(
    uow: UnitOfWork,
    shop_id: str,
    *,
    kind: Kind | None = None,
    between_customers: bool = False,
    after: Place | None = None,
    limit: int = 50,
) -> list[Merge]:
    """Merges that were made, newest first, those that were undone among them.

    Parameters
    ----------
    between_customers : only those that made one of two known customers, not those that gave a device to somebody.
    """
    c = identity_claim.c
    wanted = select(identity_claim).where(c.shop_id == shop_id, c.outcome != "refused", c.kind != "same_name")
    if kind is not None:
        wanted = wanted.where(c.kind == kind)
    if between_customers:
        wanted = wanted.where(c.kind != "identify", ~c.left_id.startswith("v_", autoescape=True))
    if after is not None:
        wanted = wanted.where(_beyond(c.learned_at, c.left_id, c.right_id, after))
    found = uow.rows(wanted.order_by(c.learned_at.desc(), c.left_id, c.right_id).limit(limit))
    customers = resolve(uow, shop_id, [row["right_id"] for row in found])
    return [_merge(row, customers[row["right_id"]]) for row in found]


def one_merge(uow: UnitOfWork, shop_id: str, merge_id: str) -> Merge:
    """A merge by its name.

    Raises
    ------
    NotFound : there is none.
    """
    row = _claim(uow, shop_id, pair_of_merge(merge_id))
    return _merge(row, resolve(uow, shop_id, [row["right_id"]])[row["right_id"]])


def refused_merges(uow: UnitOfWork, shop_id: str, *, after: Place | None = None, limit: int = 50) -> list[RefusedMerge]:
    """Merges that were not made, newest first: of ids that belong to somebody else, and of ids that name nobody."""
    c, r = identity_claim.c, identity_refusal.c
    claims = select(
        c.learned_at.label("at"),
        c.left_id.label("one"),
        c.right_id.label("other"),
        c.first_at,
        c.message_id,
        literal("").label("illegal"),
    ).where(c.shop_id == shop_id, c.outcome == "refused")
    illegal = select(r.learned_at, r.value, r.other_id, r.first_at, r.message_id, r.value).where(r.shop_id == shop_id)
    if after is not None:
        claims = claims.where(_beyond(c.learned_at, c.left_id, c.right_id, after))
        illegal = illegal.where(_beyond(r.learned_at, r.value, r.other_id, after))
    both = union_all(
        select(claims.order_by(c.learned_at.desc(), c.left_id, c.right_id).limit(limit).subquery()),
        select(illegal.order_by(r.learned_at.desc(), r.value, r.other_id).limit(limit).subquery()),
    ).subquery()
    found = uow.rows(select(both).order_by(both.c.at.desc(), both.c.one, both.c.other).limit(limit))
    owners = resolve(uow, shop_id, [row["one"] for row in found if not row["illegal"]])
    return [
        RefusedMerge(
            merge_id="" if row["illegal"] else merge_id_of((row["one"], row["other"])),
            from_id="" if row["illegal"] else row["one"],
            to_id=row["other"],
            reason="illegal_id" if row["illegal"] else "belongs_to_another",
            belongs_to=owners.get(row["one"], ""),
            illegal=row["illegal"],
            at=row["first_at"],
            message_id=row["message_id"],
            recorded_at=row["at"],
        )
        for row in found
    ]


def place_of_merge(merge: Merge | RefusedMerge) -> list[str]:
    """Where a page ends, as JSON values."""
    if isinstance(merge, RefusedMerge) and merge.reason == "illegal_id":
        return [merge.recorded_at.isoformat(), merge.illegal, merge.to_id]
    left, right = pair_of_merge(merge.merge_id)
    return [merge.recorded_at.isoformat(), left, right]


def _claim(uow: UnitOfWork, shop_id: str, pair: Pair) -> RowMapping:
    row = rows.claims_of_pairs(uow, shop_id, [pair]).get(pair)
    if row is None:
        raise NotFound("there is no such merge", mend="take the merge_id from the list of merges", code="no_such_merge")
    return row


def _merge(row: RowMapping, customer_id: str) -> Merge:
    one, other = row["left_id"], row["right_id"]
    if not is_visitor(one) and one == customer_id:
        one, other = other, one
    return Merge(
        merge_id=merge_id_of((row["left_id"], row["right_id"])),
        from_id=one,
        to_id=other,
        customer_id=customer_id,
        kind="operator" if row["decision"] == "merge" else row["kind"],
        at=row["first_at"],
        message_id=row["message_id"],
        recorded_at=row["learned_at"],
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
        undone=row["decision"] == "cut",
    )


def _one_id(one: str, known: Mapping[str, Any], since: datetime | None, merge_id: str) -> OneId:
    first_at = known[one]["first_at"] if one in known else since
    return OneId(id=one, kind="visitor" if is_visitor(one) else "user", first_at=first_at, merge_id=merge_id)


def _joining(uow: UnitOfWork, shop_id: str, row: RowMapping) -> Pair | None:
    """The merge that gave an id to its customer, where one claim did it."""
    held = {
        pair: claim
        for pair, claim in rows.claims_touching(uow, shop_id, [row["id"]]).items()
        if claim.outcome == "held" and claim.kind != "same_name"
    }
    through = [pair for pair in held if row["via"] in pair or row["customer_id"] in pair]
    return min(through or held, default=None)


def _beyond(at: Any, one: Any, other: Any, place: Place) -> ColumnElement[bool]:
    """The rows after a place: older, or as old and with later ids."""
    when, left, right = place
    return or_(at < when, and_(at == when, or_(one > left, and_(one == left, other > right))))
