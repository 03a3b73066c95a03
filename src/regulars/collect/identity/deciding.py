"""An operator's word: two ids are one, or they are not whatever messages say; both are kept, audited, and can be turned round."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from regulars.access import audit
from regulars.access.domain import Caller
from regulars.collect.identity import rows
from regulars.collect.identity.applying import note_changes, resolve
from regulars.collect.identity.asking import one_merge
from regulars.collect.identity.domain import Decided, Pair, pair_of, refusal
from regulars.collect.identity.domain.answers import merge_id_of, pair_of_merge
from regulars.collect.identity.queries import first_seen
from regulars.collect.identity.settling import settle
from regulars.collect.identity.tables import identity_claim, identity_known
from regulars.errors import Conflict, InvalidInput, NotFound
from regulars.guard.privacy.naming import is_visitor, known_id
from regulars.guard.privacy.people import audit_name
from regulars.values import clock
from regulars.work import enqueue

if TYPE_CHECKING:
    from regulars.records import UnitOfWork
    from regulars.warehouse import Warehouse

#: The job that lets the warehouse follow.
APPLY = "follow merges"


def merge(uow: UnitOfWork, warehouse: Warehouse, caller: Caller, shop_id: str, from_id: str, to_id: str) -> Decided:
    """Make two ids one customer, whatever messages say. The customer is the id first seen, ties by id.

    Parameters
    ----------
    from_id, to_id : a customer_id, a visitor's id (`v_...`), or what the shop knows somebody by.

    Raises
    ------
    NotFound : one of them is not known here.
    Conflict : they are one already, or the visitor was given to somebody else by an operator.
    """
    caller.demand("load_data")
    caller.demand_shop(shop_id)
    one, other = (_stored(uow, caller, shop_id, told) for told in (from_id, to_id))
    rows.one_at_a_time(uow, shop_id)
    now = resolve(uow, shop_id, [one, other])
    if one == other or now[one] == now[other]:
        raise Conflict("these ids are one customer already", mend="nothing is to be done", code="already_merged")
    ids = [told for told in (one, other) if not is_visitor(told)]
    loose = {one, other} | _know(uow, warehouse, shop_id, ids)
    for told in (one, other):
        if is_visitor(told) and not rows.claims_touching(uow, shop_id, [told]) and first_seen(warehouse, shop_id, told) is None:
            raise _unknown(told)
    pair = pair_of(one, other)
    _decide(uow, caller, shop_id, pair, "merge")
    changed = settle(uow, shop_id, known=ids, loose=loose)
    now = resolve(uow, shop_id, [one, other])
    if now[one] != now[other]:
        raise Conflict(
            "an operator gave this visitor to another customer",
            mend="undo that merge first, then merge again",
            code="merged_elsewhere",
        )
    return _told(uow, caller, shop_id, pair, changed, "identity.merged")


def undo(uow: UnitOfWork, caller: Caller, shop_id: str, merge_id: str) -> Decided:
    """Take a merge back; it stays so even when messages say the same again, until somebody merges the two by hand.

    Raises
    ------
    NotFound : there is no such merge.
    Conflict : it was refused or undone already.
    """
    caller.demand("load_data")
    caller.demand_shop(shop_id)
    rows.one_at_a_time(uow, shop_id)
    pair = pair_of_merge(merge_id)
    claim = rows.claims_of_pairs(uow, shop_id, [pair]).get(pair)
    if claim is None:
        raise NotFound("there is no such merge", mend="take the merge_id from the list of merges", code="no_such_merge")
    if claim["outcome"] != "held":
        raise Conflict("this merge does not hold", mend="only merges that hold can be undone", code="not_merged")
    _decide(uow, caller, shop_id, pair, "cut")
    known = [one for one in pair if not is_visitor(one)]
    changed = settle(uow, shop_id, known=known if len(known) == 2 else (), loose=pair)
    return _told(uow, caller, shop_id, pair, changed, "identity.merge_undone")


def _stored(uow: UnitOfWork, caller: Caller, shop_id: str, told: str) -> str:
    """The stored form of an id: as it is where it is one, else what the shop's own id becomes."""
    text = told.strip()
    if refusal(text) is not None:
        raise InvalidInput(f"'{text[:40]}' names nobody", mend="give a customer's or a visitor's id", code="illegal_id")
    assert caller.keyring is not None, "callers come from a Door, a Screen or Caller.system, and carry a keyring"
    if is_visitor(text) or text.startswith("c_") or rows.known_rows(uow, shop_id, [text]):
        return text
    return known_id(caller.keyring, shop_id, text)


def _know(uow: UnitOfWork, warehouse: Warehouse, shop_id: str, ids: list[str]) -> set[str]:
    """Let customers that only files have named be known; returns the loose ids whose claims that touches."""
    stored = rows.known_rows(uow, shop_id, ids)
    new = {one: first_seen(warehouse, shop_id, one) for one in ids if one not in stored or not stored[one]["as_user"]}
    for one, at in new.items():
        if at is None and one not in stored:
            raise _unknown(one)
    written = [
        {
            "shop_id": shop_id,
            "id": one,
            "first_at": at.replace(tzinfo=UTC) if isinstance(at, datetime) else stored[one]["first_at"],
            "as_user": True,
            "merged": False,
        }
        for one, at in new.items()
    ]
    touched = {one for pair in rows.claims_touching(uow, shop_id, new) for one in pair}
    rows.upsert(uow, identity_known, written)
    return touched


def _decide(uow: UnitOfWork, caller: Caller, shop_id: str, pair: Pair, decision: str) -> None:
    row = rows.claims_of_pairs(uow, shop_id, [pair]).get(pair)
    now = clock.now()
    kept = {
        "kind": "operator" if row is None else row["kind"],
        "first_at": None if row is None else row["first_at"],
        "message_id": "" if row is None else row["message_id"],
        "learned_at": now if row is None else row["learned_at"],
    }
    decided = {
        "outcome": "held" if decision == "merge" else "cut",
        "decision": decision,
        "decided_by": f"{caller.kind}:{caller.id}"[:80],
        "decided_at": now,
    }
    rows.upsert(uow, identity_claim, [{"shop_id": shop_id, "left_id": pair[0], "right_id": pair[1], **kept, **decided}])


def _told(uow: UnitOfWork, caller: Caller, shop_id: str, pair: Pair, changed: dict[str, str], action: str) -> Decided:
    """Write down what follows, ask for the job that lets the warehouse follow, and audit."""
    assert caller.keyring is not None, "checked when the ids were read"
    note_changes(uow, shop_id, changed)
    enqueue(uow, APPLY, {}, shop_id=shop_id, key=f"{APPLY}:{shop_id}")
    left, right = (audit_name(caller.keyring, shop_id, one) for one in pair)
    audit.record(uow, caller, action, left, after={"with": right, "ids_changed": len(changed)}, shop_id=shop_id)
    now = resolve(uow, shop_id, pair)
    return Decided(
        merge=one_merge(uow, shop_id, merge_id_of(pair)), changed=len(changed), still_together=now[pair[0]] == now[pair[1]]
    )


def _unknown(one: str) -> NotFound:
    return NotFound(f"there is no customer or visitor '{one}'", mend="look the customer up first", code="no_such_customer")
