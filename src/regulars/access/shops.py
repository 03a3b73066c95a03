"""Shops: the stores this installation serves, each with its zone, currency and lifecycle cuts."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any

from babel.numbers import list_currencies
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from regulars.access import audit
from regulars.access.domain import LANGUAGES, Caller, Shop, no_such_shop
from regulars.access.tables import shop
from regulars.errors import Conflict, InvalidInput
from regulars.events import ShopChanged
from regulars.values import clock
from regulars.values.zones import zone

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from regulars.records import UnitOfWork

_SHOP_ID = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")
_LONGEST_CUT = 3650
CHANGEABLE = frozenset(field.name for field in fields(Shop)) - {"shop_id", "created_at"}


def get(uow: UnitOfWork, shop_id: str) -> Shop:
    """The shop of that id.

    Raises
    ------
    NotFound : no such shop.
    """
    row = uow.one(select(shop).where(shop.c.shop_id == shop_id))
    if row is None:
        raise no_such_shop(shop_id)
    return _shop(row)


def list_all(uow: UnitOfWork) -> list[Shop]:
    """Every shop, the oldest first."""
    return [_shop(row) for row in uow.rows(select(shop).order_by(shop.c.created_at, shop.c.shop_id))]


def seen_by(uow: UnitOfWork, caller: Caller) -> list[Shop]:
    """The shops this caller may see, the oldest first."""
    return [found for found in list_all(uow) if caller.may_see(found.shop_id)]


def create(
    uow: UnitOfWork,
    caller: Caller,
    *,
    shop_id: str,
    name: str,
    timezone: str,
    currency: str,
    week_start: int = 0,
    language: str = "en",
    new_within_days: int = 30,
    dormant_after_days: int | None = None,
    churned_after_days: int | None = None,
) -> Shop:
    """Open a shop.

    Raises
    ------
    InvalidInput : an unknown zone or currency, an id of other characters than a-z 0-9 - _, or cuts out of order.
    Conflict : there is a shop of that id.
    """
    caller.demand("manage_shop")
    caller.demand_shop(shop_id)
    made = checked(
        Shop(
            shop_id=shop_id,
            name=name,
            timezone=timezone,
            currency=currency,
            week_start=week_start,
            language=language,
            new_within_days=new_within_days,
            dormant_after_days=dormant_after_days,
            churned_after_days=churned_after_days,
            created_at=clock.now(),
        )
    )
    try:
        with uow.connection.begin_nested():
            uow.execute(insert(shop).values(**asdict(made)))
    except IntegrityError:
        raise Conflict(
            f"there is a shop '{shop_id}' already", mend="choose another shop_id, or update that shop", code="shop_exists"
        ) from None
    audit.record(uow, caller, "shop.created", shop_id, after=_settings(made), shop_id=shop_id)
    uow.tell(ShopChanged(shop_id=shop_id, fields=tuple(sorted(CHANGEABLE))))
    return made


def change(uow: UnitOfWork, caller: Caller, shop_id: str, **changes: Any) -> Shop:
    """Set some of a shop's settings (`name`, `timezone`, `currency`, `week_start`, `language` and the lifecycle cuts).

    A cut given as None is taken from the shop's own purchase rhythm again.
    """
    caller.demand("manage_shop")
    caller.demand_shop(shop_id)
    unknown = set(changes) - CHANGEABLE
    if unknown:
        raise InvalidInput(
            f"a shop has no setting '{min(unknown)}'", mend=f"set one of {', '.join(sorted(CHANGEABLE))}", code="bad_setting"
        )
    before = get(uow, shop_id)
    after = checked(replace(before, **changes))
    if after != before:
        uow.execute(update(shop).where(shop.c.shop_id == shop_id).values(**{name: getattr(after, name) for name in changes}))
        old, new = _settings(before), _settings(after)
        moved = [name for name in new if new[name] != old[name]]
        audit.record(
            uow,
            caller,
            "shop.changed",
            shop_id,
            before={name: old[name] for name in moved},
            after={name: new[name] for name in moved},
            shop_id=shop_id,
        )
        uow.tell(ShopChanged(shop_id=shop_id, fields=tuple(moved)))
    return after


def checked(given: Shop) -> Shop:
    """The shop with every setting in its one right form, or the reason why it cannot be."""
    if not _SHOP_ID.fullmatch(given.shop_id):
        raise InvalidInput(
            f"'{given.shop_id}' cannot be a shop_id",
            mend="use 1 to 64 of a-z, 0-9, - and _, not - or _ at the ends",
            code="bad_shop_id",
        )
    name = unicodedata.normalize("NFC", given.name).strip()
    if not 1 <= len(name) <= 200 or any(unicodedata.category(sign) in ("Cc", "Cs") for sign in name):
        raise InvalidInput("a shop's name has 1 to 200 characters on one line", mend="give it a short name", code="bad_name")
    currency = given.currency.strip().upper()
    if len(currency) != 3 or currency not in list_currencies():
        raise InvalidInput(
            f"'{given.currency}' is not a currency", mend="give an ISO 4217 code such as CNY, USD or GBP", code="bad_currency"
        )
    if given.week_start not in range(7):
        raise InvalidInput("week_start is a day from 0 (Monday) to 6 (Sunday)", mend="give 0 for Monday", code="bad_week_start")
    if given.language not in LANGUAGES:
        raise InvalidInput(
            f"there is no language '{given.language}'", mend=f"choose one of {', '.join(LANGUAGES)}", code="bad_language"
        )
    cuts = [
        ("new_within_days", given.new_within_days),
        ("dormant_after_days", given.dormant_after_days),
        ("churned_after_days", given.churned_after_days),
    ]
    for label, days in cuts:
        if days is not None and not 1 <= days <= _LONGEST_CUT:
            raise InvalidInput(f"{label} is {days}", mend=f"give 1 to {_LONGEST_CUT} days", code="bad_cut")
    if (
        given.dormant_after_days is not None
        and given.churned_after_days is not None
        and given.churned_after_days <= given.dormant_after_days
    ):
        raise InvalidInput(
            f"churned after {given.churned_after_days} days would come before dormant after {given.dormant_after_days}",
            mend="give churned_after_days a larger number than dormant_after_days",
            code="bad_cut",
        )
    return replace(given, name=name, currency=currency, timezone=zone(given.timezone).key)


def _settings(of: Shop) -> dict[str, Any]:
    return {name: getattr(of, name) for name in sorted(CHANGEABLE)}


def _shop(row: RowMapping) -> Shop:
    return Shop(**{field.name: row[field.name] for field in fields(Shop)})
