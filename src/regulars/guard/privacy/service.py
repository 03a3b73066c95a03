"""Remembering who customers are, telling it to those who may know, and finding a customer by what they are known by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, get_args

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from regulars.access import audit
from regulars.access.domain import Caller
from regulars.errors import InvalidInput, Unavailable
from regulars.guard.privacy import sealing
from regulars.guard.privacy.checks import CHECKS
from regulars.guard.privacy.domain import Kind, Person, Sealed
from regulars.guard.privacy.erasure import erase, erased, finish_erasures, recover
from regulars.guard.privacy.people import audit_name, people, people_merged, sealed_person, together
from regulars.guard.privacy.pseudonyms import digests
from regulars.guard.privacy.retention import expire
from regulars.guard.privacy.same_person import customers_of
from regulars.guard.privacy.tables import contact_lookup, customer_key, person, sealed_text
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.access.keys import Keyring
    from regulars.records import UnitOfWork

__all__ = [
    "CHECKS",
    "erase",
    "erased",
    "expire",
    "find_by_contact",
    "finish_erasures",
    "recover",
    "remember",
    "remember_texts",
    "reveal",
    "reveal_texts",
]

_MOST_REVEALED = 1000


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a load of people changed."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    erased: int = 0  # asked to be forgotten before; not remembered again


def remember(uow: UnitOfWork, keyring: Keyring, shop_id: str, people: Iterable[Person], *, load_id: str = "") -> Remembered:
    """Keep who these customers are, sealed; some 5,000 a second.

    A field that is empty now keeps what was known before; of two entries for one customer the later one adds to the earlier.
    People who were erased are not remembered again.
    """
    counts = Remembered()
    for some in sealing.batches(people):
        merged: dict[str, Person] = {}
        for one in some:
            merged[one.customer_id] = together(merged[one.customer_id], one) if one.customer_id in merged else one
        gone = erased(uow, keyring, shop_id, list(merged))
        counts = _remember_some(
            uow, keyring, shop_id, [one for one in merged.values() if one.customer_id not in gone], load_id, counts
        )
        counts = replace(counts, erased=counts.erased + len(gone))
    return counts


def reveal(uow: UnitOfWork, caller: Caller, shop_id: str, customer_ids: Sequence[str]) -> dict[str, Person]:
    """Who these customers are; those nobody told us about are missing. Needs a write transaction: every look is audited.

    Raises
    ------
    NotAllowed : the caller may not see personal data.
    """
    caller.demand("see_personal_data")
    caller.demand_shop(shop_id)
    if len(customer_ids) > _MOST_REVEALED:
        raise InvalidInput(
            f"{len(customer_ids)} people at once are too many", mend=f"ask for at most {_MOST_REVEALED}", code="too_many"
        )
    found = people_merged(uow, _keyring(caller), shop_id, customer_ids)
    if found:
        names = [audit_name(_keyring(caller), shop_id, customer_id) for customer_id in found]
        subject = names[0] if len(names) == 1 else f"{len(names)} customers"
        audit.record(uow, caller, "person.seen", subject, after={"customers": sorted(names)}, shop_id=shop_id)
    return found


def remember_texts(
    uow: UnitOfWork, keyring: Keyring, shop_id: str, texts: Iterable[Sealed], *, load_id: str = "", first_wins: bool = False
) -> int:
    """Keep free texts sealed, by subject; a text told again replaces the earlier one, or with `first_wins` changes nothing. Returns how many were kept.

    Texts of erased customers are left out.
    """
    make = postgresql.insert if uow.dialect == "postgresql" else sqlite.insert
    kept = 0
    for some in sealing.batches(texts):
        writers = [text.customer_id for text in some if text.customer_id is not None]
        gone = erased(uow, keyring, shop_id, writers)
        keys = sealing.ciphers_made(uow, keyring, shop_id, [writer for writer in writers if writer not in gone])
        unknown, now = sealing.shop_cipher(keyring, shop_id), clock.now()
        rows = {
            text.subject: {
                "shop_id": shop_id,
                "subject": text.subject,
                "customer_id": text.customer_id,
                "sealed": (keys[text.customer_id] if text.customer_id else unknown).seal(text.subject, text.text),
                "load_id": load_id,
                "created_at": text.at or now,
            }
            for text in some
            if text.customer_id not in gone
        }
        if rows:
            add = make(sealed_text)
            changed = {name: add.excluded[name] for name in ("customer_id", "sealed")}
            again = (
                add.on_conflict_do_nothing(index_elements=["shop_id", "subject"])
                if first_wins
                else add.on_conflict_do_update(index_elements=["shop_id", "subject"], set_=changed)
            )
            uow.execute(again, list(rows.values()))
        kept += len(rows)
    return kept


def reveal_texts(uow: UnitOfWork, caller: Caller, shop_id: str, subjects: Sequence[str]) -> dict[str, str]:
    """The texts of these subjects. Needs a write transaction: every look is audited."""
    caller.demand("see_personal_data")
    caller.demand_shop(shop_id)
    if len(subjects) > _MOST_REVEALED:
        raise InvalidInput(f"{len(subjects)} texts at once are too many", mend=f"ask for at most {_MOST_REVEALED}", code="too_many")
    wanted = select(sealed_text).where(sealed_text.c.shop_id == shop_id, sealed_text.c.subject.in_(list(dict.fromkeys(subjects))))
    rows = uow.rows(wanted)
    keys = sealing.ciphers(uow, _keyring(caller), shop_id, [row["customer_id"] for row in rows if row["customer_id"]])
    unknown = sealing.shop_cipher(_keyring(caller), shop_id)
    found = {
        row["subject"]: (keys[row["customer_id"]] if row["customer_id"] else unknown).open(row["subject"], row["sealed"])
        for row in rows
        if row["customer_id"] is None or row["customer_id"] in keys
    }
    if found:
        subject = subjects[0] if len(found) == 1 else f"{len(found)} texts"
        audit.record(uow, caller, "text.seen", subject, after={"subjects": sorted(found)}, shop_id=shop_id)
    return found


def find_by_contact(uow: UnitOfWork, keyring: Keyring, shop_id: str, text: str) -> list[str]:
    """The customers known by this e-mail, phone, account or exact name, in whatever spelling; merged ones under their id now."""
    kinds: tuple[Kind, ...] = get_args(Kind)
    asked = [digest for kind in kinds if (digest := digests(keyring, shop_id, [text], kind)[0])]
    if not asked:
        return []
    wanted = select(contact_lookup.c.customer_id).where(contact_lookup.c.shop_id == shop_id, contact_lookup.c.digest.in_(asked))
    found = [row["customer_id"] for row in uow.rows(wanted.limit(_MOST_REVEALED))]
    return sorted(set(customers_of(uow, shop_id, found).values()))


def forget_load(uow: UnitOfWork, shop_id: str, load_id: str) -> int:
    """Undo what a load told us first: its people with their keys and look-ups, and its texts. Returns how many people went."""
    uow.execute(delete(sealed_text).where(sealed_text.c.shop_id == shop_id, sealed_text.c.load_id == load_id))
    mine = select(person.c.customer_id).where(person.c.shop_id == shop_id, person.c.load_id == load_id)
    gone = [row["customer_id"] for row in uow.rows(mine)]
    for some in sealing.batches(gone):
        uow.execute(delete(contact_lookup).where(contact_lookup.c.shop_id == shop_id, contact_lookup.c.customer_id.in_(some)))
        uow.execute(delete(person).where(person.c.shop_id == shop_id, person.c.customer_id.in_(some)))
        writes = select(sealed_text.c.customer_id).where(sealed_text.c.shop_id == shop_id, sealed_text.c.customer_id.in_(some))
        still = {row["customer_id"] for row in uow.rows(writes)}
        unused = [customer_id for customer_id in some if customer_id not in still]
        uow.execute(delete(customer_key).where(customer_key.c.shop_id == shop_id, customer_key.c.customer_id.in_(unused)))
    return len(gone)


def _remember_some(
    uow: UnitOfWork, keyring: Keyring, shop_id: str, some: list[Person], load_id: str, counts: Remembered
) -> Remembered:
    ids = [one.customer_id for one in some]
    known = people(uow, keyring, shop_id, ids)
    keys = sealing.ciphers_made(uow, keyring, shop_id, ids)
    now = clock.now()
    new, changed = [], []
    for one in some:
        before = known.get(one.customer_id)
        after = together(before, one) if before else one
        if before is None:
            new.append(after)
        elif after != before:
            changed.append(after)
    if new:
        rows = [
            {
                "shop_id": shop_id,
                "customer_id": one.customer_id,
                "sealed": sealed_person(keys[one.customer_id], one),
                "load_id": load_id,
                "changed_at": now,
            }
            for one in new
        ]
        uow.execute(insert(person), rows)
    if changed:
        these = (
            update(person)
            .where(person.c.shop_id == shop_id, person.c.customer_id == bindparam("which"))
            .values(sealed=bindparam("text"), changed_at=now)
        )
        uow.connection.execute(
            these, [{"which": one.customer_id, "text": sealed_person(keys[one.customer_id], one)} for one in changed]
        )
    _index(uow, keyring, shop_id, new, changed)
    return replace(
        counts,
        inserted=counts.inserted + len(new),
        updated=counts.updated + len(changed),
        unchanged=counts.unchanged + len(some) - len(new) - len(changed),
    )


def _index(uow: UnitOfWork, keyring: Keyring, shop_id: str, new: list[Person], changed: list[Person]) -> None:
    """Write the look-ups of these people anew."""
    if changed:
        stale = [one.customer_id for one in changed]
        uow.execute(delete(contact_lookup).where(contact_lookup.c.shop_id == shop_id, contact_lookup.c.customer_id.in_(stale)))
    pairs: set[tuple[str, str]] = set()
    everyone = [*new, *changed]
    for kind in get_args(Kind):
        values = [getattr(one, kind) for one in everyone]
        found = digests(keyring, shop_id, values, kind)
        pairs.update((digest, one.customer_id) for digest, one in zip(found, everyone, strict=True) if digest)
    if pairs:
        uow.execute(
            insert(contact_lookup), [{"shop_id": shop_id, "digest": digest, "customer_id": who} for digest, who in sorted(pairs)]
        )


def _keyring(caller: Caller) -> Keyring:
    if caller.keyring is None:
        raise Unavailable("the caller carries no keyring", mend="act through a Door, a Screen or Caller.system")
    return caller.keyring
