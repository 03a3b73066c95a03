"""Shops: settings in their one right form, changed with an audit entry and an event."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from regulars.access import Caller, Keyring, audit, shops
from regulars.access.tables import shop
from regulars.errors import Conflict, InvalidInput, NotAllowed, NotFound
from regulars.records import Records, outbox

TEA: dict[str, Any] = {"shop_id": "tea", "name": "Tea House", "timezone": "Asia/Shanghai", "currency": "CNY"}


def test_a_new_shop_is_as_it_was_given(records: Records, shell: Caller) -> None:
    with records.unit() as uow:
        made = shops.create(uow, shell, **TEA | {"currency": " cny ", "name": " Tea House "})

    with records.reading() as uow:
        assert shops.get(uow, "tea") == made
    assert (made.name, made.currency, made.dormant_after_days) == ("Tea House", "CNY", None)


@pytest.mark.parametrize(
    ("setting", "value", "code"),
    [
        ("shop_id", "Tea", "bad_shop_id"),
        ("shop_id", "-tea", "bad_shop_id"),
        ("shop_id", "", "bad_shop_id"),
        ("shop_id", "*", "bad_shop_id"),
        ("shop_id", "a" * 65, "bad_shop_id"),
        ("name", " ", "bad_name"),
        ("name", "two\nlines", "bad_name"),
        ("timezone", "Mars/Olympus", "bad_timezone"),
        ("timezone", "../etc/passwd", "bad_timezone"),
        ("currency", "XX", "bad_currency"),
        ("currency", "ABC", "bad_currency"),
        ("week_start", 7, "bad_week_start"),
        ("language", "fr", "bad_language"),
        ("dormant_after_days", 0, "bad_cut"),
        ("churned_after_days", 4000, "bad_cut"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_with_a_reason(
    records: Records, shell: Caller, setting: str, value: object, code: str
) -> None:
    with pytest.raises(InvalidInput) as refusal, records.unit() as uow:
        shops.create(uow, shell, **TEA | {setting: value})

    assert refusal.value.code == code
    assert refusal.value.mend


def test_churned_cannot_come_before_dormant(records: Records, shell: Caller) -> None:
    with pytest.raises(InvalidInput, match="churned"), records.unit() as uow:
        shops.create(uow, shell, **TEA, dormant_after_days=90, churned_after_days=60)


def test_two_shops_cannot_share_an_id(any_records: Records, shell: Caller) -> None:
    with any_records.unit() as uow:
        shops.create(uow, shell, **TEA)

    with any_records.unit() as uow:
        with pytest.raises(Conflict):
            shops.create(uow, shell, **TEA)
        shops.create(uow, shell, **TEA | {"shop_id": "tea2"})  # the transaction goes on

    with any_records.reading() as uow:
        assert [shop.shop_id for shop in shops.list_all(uow)] == ["tea", "tea2"]


def test_a_change_is_audited_with_before_and_after_and_told(records: Records, shell: Caller, keyring: Keyring) -> None:
    with records.unit() as uow:
        shops.create(uow, shell, **TEA)
        shops.change(uow, shell, "tea", timezone="Europe/London", dormant_after_days=45)
        shops.change(uow, shell, "tea", timezone="Europe/London")

    with records.reading() as uow:
        newest = audit.entries(uow)[0]
        told = [json.loads(row["properties"])["fields"] for row in uow.rows(select(outbox).order_by(outbox.c.position))]
    assert (newest.action, newest.subject, newest.shop_id) == ("shop.changed", "tea", "tea")
    assert newest.before == {"dormant_after_days": None, "timezone": "Asia/Shanghai"}
    assert newest.after == {"dormant_after_days": 45, "timezone": "Europe/London"}
    assert told[1:] == [["dormant_after_days", "timezone"]]  # the third call changed nothing


def test_a_cut_can_be_given_back_to_the_shops_own_rhythm(records: Records, shell: Caller) -> None:
    with records.unit() as uow:
        shops.create(uow, shell, **TEA, dormant_after_days=45)
        assert shops.change(uow, shell, "tea", dormant_after_days=None).dormant_after_days is None


def test_a_foreign_shop_looks_like_a_missing_one(records: Records, shell: Caller, keyring: Keyring) -> None:
    guest = Caller(kind="api_key", id="k", scopes=frozenset({"manage_shop"}), shop_ids=frozenset({"other"}), keyring=keyring)
    with records.unit() as uow:
        shops.create(uow, shell, **TEA)

    with records.unit() as uow:
        with pytest.raises(NotFound) as foreign:
            shops.change(uow, guest, "tea", name="Mine")
        with pytest.raises(NotFound) as missing:
            shops.get(uow, "tee")
        assert shops.seen_by(uow, guest) == []
    assert str(foreign.value).replace("tea", "tee") == str(missing.value)


def test_without_the_permission_nothing_changes(records: Records, keyring: Keyring) -> None:
    viewer = Caller(kind="operator", id="o", scopes=frozenset({"read_reports"}), keyring=keyring)

    with pytest.raises(NotAllowed), records.unit() as uow:
        shops.create(uow, viewer, **TEA)


def test_an_error_of_the_store_shows_no_values(records: Records, shell: Caller) -> None:
    with records.unit() as uow:
        shops.create(uow, shell, **TEA)

    with pytest.raises(IntegrityError) as broken, records.unit() as uow:
        uow.execute(insert(shop).values(**TEA | {"name": "a very secret name"}))

    assert "a very secret name" not in str(broken.value)
