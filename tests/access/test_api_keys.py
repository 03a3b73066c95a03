"""API keys: told once, scoped, expiring, rotated with two live keys."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine

from regulars.access import EVERY_SHOP, Caller, Keyring, api_keys, shops
from regulars.access.domain import KEY_PERMISSIONS
from regulars.errors import Conflict, InvalidInput, NotAllowed, NotFound
from regulars.records import Records
from regulars.values import clock


@pytest.fixture(autouse=True)
def two_shops(records: Records, shell: Caller) -> None:
    with records.unit() as uow:
        for shop_id in ("tea", "coffee"):
            shops.create(uow, shell, shop_id=shop_id, name=shop_id, timezone="UTC", currency="CNY")


def test_a_key_has_the_documented_form_and_opens_its_shop_only(records: Records, keyring: Keyring, shell: Caller) -> None:
    with records.unit() as uow:
        made = api_keys.create(uow, shell, name="export", scopes=["read_reports", "export"], shop_id="tea")
        found = api_keys.recognise(uow, made.secret, keyring)

    assert re.fullmatch(r"rg_server_[0-9a-z]{8}_[0-9a-zA-Z]{32}", made.secret)
    assert found is not None
    assert found.caller.scopes == {"read_reports", "export", "own_account"}
    assert found.caller.may_see("tea")
    assert not found.caller.may_see("coffee")


def test_a_key_for_every_shop_sees_shops_to_come(records: Records, keyring: Keyring, shell: Caller) -> None:
    with records.unit() as uow:
        made = api_keys.create(uow, shell, name="all", scopes=["read_reports"], shop_id=EVERY_SHOP)
        found = api_keys.recognise(uow, made.secret, keyring)

    assert found is not None
    assert found.caller.may_see("a shop of tomorrow")


@pytest.mark.parametrize("scope", ["manage_keys", "manage_operators", "own_account", "fly", ""])
def test_a_key_never_manages_people_or_keys(records: Records, shell: Caller, scope: str) -> None:
    with records.unit() as uow, pytest.raises(InvalidInput) as refusal:
        api_keys.create(uow, shell, name="k", scopes=[scope], shop_id="tea")

    assert refusal.value.code == "bad_scope"
    assert not KEY_PERMISSIONS["server"] & {"manage_keys", "manage_operators"}


def test_a_key_holds_no_more_than_its_maker(records: Records, keyring: Keyring) -> None:
    maker = Caller(
        kind="operator", id="o", scopes=frozenset({"manage_keys", "read_reports"}), shop_ids=frozenset({"tea"}), keyring=keyring
    )
    with records.unit() as uow:
        with pytest.raises(InvalidInput):
            api_keys.create(uow, maker, name="k", scopes=["export"], shop_id="tea")
        with pytest.raises(InvalidInput):
            api_keys.create(uow, maker, name="k", scopes=["read_reports"], shop_id=EVERY_SHOP)
        with pytest.raises(NotFound):
            api_keys.create(uow, maker, name="k", scopes=["read_reports"], shop_id="coffee")
        viewer = Caller(kind="operator", id="v", scopes=frozenset({"read_reports"}), keyring=keyring)
        with pytest.raises(NotAllowed):
            api_keys.create(uow, viewer, name="k", scopes=["read_reports"])


@pytest.mark.parametrize("change", [lambda s: s[:-1], lambda s: s + "x", lambda s: s[:-2] + "__", str.upper])
def test_an_altered_key_opens_nothing(records: Records, keyring: Keyring, shell: Caller, change: Callable[[str], str]) -> None:
    with records.unit() as uow:
        made = api_keys.create(uow, shell, name="k", scopes=["read_reports"], shop_id="tea")

        assert api_keys.recognise(uow, change(made.secret), keyring) is None


def test_an_expired_and_a_revoked_key_open_nothing(any_records: Records, keyring: Keyring, shell: Caller) -> None:
    with any_records.unit() as uow:
        if any_records is not None and not shops.list_all(uow):
            shops.create(uow, shell, shop_id="tea", name="tea", timezone="UTC", currency="CNY")
        short = api_keys.create(uow, shell, name="k", scopes=["read_reports"], shop_id="tea", expires_in_days=1)
        other = api_keys.create(uow, shell, name="k", scopes=["read_reports"], shop_id="tea")
        api_keys.revoke(uow, shell, other.key.key_id)
        api_keys.revoke(uow, shell, other.key.key_id)

        assert api_keys.recognise(uow, other.secret, keyring) is None
        assert api_keys.recognise(uow, short.secret, keyring) is not None
    with time_machine.travel(clock.now() + timedelta(days=1, seconds=1)), any_records.reading() as uow:
        assert api_keys.recognise(uow, short.secret, keyring) is None


def test_rotation_leaves_two_live_keys_for_the_overlap(records: Records, keyring: Keyring, shell: Caller) -> None:
    with time_machine.travel(clock.now(), tick=False) as travel:
        with records.unit() as uow:
            old = api_keys.create(uow, shell, name="k", scopes=["read_reports"], shop_id="tea")
            new = api_keys.rotate(uow, shell, old.key.key_id, overlap_hours=2)
            assert api_keys.recognise(uow, old.secret, keyring) is not None
            assert api_keys.recognise(uow, new.secret, keyring) is not None
            with pytest.raises(Conflict):
                api_keys.rotate(uow, shell, old.key.key_id)

        travel.shift(timedelta(hours=2, seconds=1))
        with records.reading() as uow:
            assert api_keys.recognise(uow, old.secret, keyring) is None
            assert api_keys.recognise(uow, new.secret, keyring) is not None
    assert (new.key.replaces, new.key.scopes, new.key.shop_id) == (old.key.key_id, old.key.scopes, "tea")


def test_last_use_is_noted_at_most_every_five_minutes(records: Records, keyring: Keyring, shell: Caller) -> None:
    with records.unit() as uow:
        made = api_keys.create(uow, shell, name="k", scopes=["read_reports"], shop_id="tea")
        first = api_keys.recognise(uow, made.secret, keyring)
        api_keys.touch(uow, made.key.key_id)
        second = api_keys.recognise(uow, made.secret, keyring)

    assert first is not None
    assert second is not None
    assert (first.stale, second.stale) == (True, False)


def test_the_secret_is_nowhere_in_the_store(records: Records, shell: Caller) -> None:
    with records.unit() as uow:
        made = api_keys.create(uow, shell, name="k", scopes=["read_reports"], shop_id="tea")

    assert records.path is not None
    stored = b"".join(path.read_bytes() for path in records.path.parent.glob("records.sqlite*"))
    assert made.key.key_id.encode() in stored
    assert made.secret.rsplit("_", 1)[1].encode() not in stored
