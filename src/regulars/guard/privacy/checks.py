"""What `regulars doctor` asks of this room."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import and_, select

from regulars.access.keys import Keyring
from regulars.errors import RegularsError
from regulars.guard.privacy import sealing
from regulars.guard.privacy.tables import contact_lookup, customer_key, erasure, person, sealed_text
from regulars.values import clock
from regulars.work.checks import Check, CheckContext, Finding

_SHOWN = 20


def everybody_has_a_key(context: CheckContext) -> Iterator[Finding]:
    """Each person and each text of a known writer has a customer key."""
    with context.records.reading() as uow:
        for table in (person, sealed_text):
            same = and_(customer_key.c.shop_id == table.c.shop_id, customer_key.c.customer_id == table.c.customer_id)
            lost = (
                select(table.c.shop_id, table.c.customer_id)
                .outerjoin(customer_key, same)
                .where(customer_key.c.customer_id.is_(None), table.c.customer_id.is_not(None))
                .limit(_SHOWN)
            )
            for row in uow.rows(lost):
                yield Finding(
                    f"a row of {table.name} has no key and cannot be read",
                    "load the customer again, or erase them",
                    f"{table.name} {row['shop_id']}/{row['customer_id']}",
                )


def every_key_opens(context: CheckContext) -> Iterator[Finding]:
    """Customer keys open with the master key, and the people with their keys."""
    keyring = Keyring.open(context.home)
    with context.records.reading() as uow:
        shops = [row["shop_id"] for row in uow.rows(select(customer_key.c.shop_id).distinct())]
        for shop_id in shops:
            last = ""
            while True:
                place = select(person).where(person.c.shop_id == shop_id, person.c.customer_id > last)
                rows = uow.rows(place.order_by(person.c.customer_id).limit(sealing.AT_ONCE))
                if not rows:
                    break
                last = rows[-1]["customer_id"]
                try:
                    keys = sealing.ciphers(uow, keyring, shop_id, [row["customer_id"] for row in rows])
                except RegularsError as error:
                    yield Finding(error.message, error.mend, f"customer_key of {shop_id}, from {rows[0]['customer_id']} to {last}")
                    continue
                for row in rows:
                    try:
                        if row["customer_id"] in keys:
                            keys[row["customer_id"]].open("person", row["sealed"])
                    except RegularsError as error:
                        yield Finding(error.message, error.mend, f"person {shop_id}/{row['customer_id']}")


def lookups_lead_somewhere(context: CheckContext) -> Iterator[Finding]:
    """Each contact in the blind index belongs to a person who is there."""
    same = and_(person.c.shop_id == contact_lookup.c.shop_id, person.c.customer_id == contact_lookup.c.customer_id)
    lost = (
        select(contact_lookup.c.shop_id, contact_lookup.c.customer_id)
        .outerjoin(person, same)
        .where(person.c.customer_id.is_(None))
        .limit(_SHOWN)
    )
    with context.records.reading() as uow:
        for row in uow.rows(lost):
            where = f"contact_lookup {row['shop_id']}/{row['customer_id']}"
            yield Finding("a contact leads to nobody", "erase this customer, which removes the contact", where)


def erasures_are_finished(context: CheckContext) -> Iterator[Finding]:
    """No erasure has waited for more than an hour."""
    late = select(erasure.c.erasure_id).where(erasure.c.erased_at.is_(None), erasure.c.asked_at < clock.now() - timedelta(hours=1))
    with context.records.reading() as uow:
        for row in uow.rows(late):
            yield Finding(
                "an erasure was begun and not finished", "start regulars again, which finishes it", f"erasure {row['erasure_id']}"
            )


def remains_are_overwritten(context: CheckContext) -> Iterator[Finding]:
    """A day after an erasure the warehouse's file was copied."""
    late = select(erasure.c.erasure_id).where(
        erasure.c.erased_at < clock.now() - timedelta(days=1, hours=1), erasure.c.overwritten_at.is_(None)
    )
    with context.records.reading() as uow:
        for row in uow.rows(late.limit(_SHOWN)):
            yield Finding(
                "the warehouse's file was not copied since an erasure",
                "let the server run; make room for a second copy of the warehouse if the disk is full",
                f"erasure {row['erasure_id']}",
            )


CHECKS = [
    Check("everybody has a key", "P27", everybody_has_a_key),
    Check("every customer key opens", "P27", every_key_opens),
    Check("contacts lead to people", "P20", lookups_lead_somewhere),
    Check("erasures are finished", "P20", erasures_are_finished),
    Check("remains of the erased are overwritten", "P20", remains_are_overwritten),
]
