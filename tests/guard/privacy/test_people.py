"""Who customers are: sealed with a key each (P27), found by contact, revealed to those who may know and audited."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from regulars.access import Caller, Keyring, audit
from regulars.errors import InvalidInput, NotAllowed, NotFound, Unavailable
from regulars.guard import privacy
from regulars.guard.privacy import Person, Sealed
from regulars.guard.privacy.service import CHECKS
from regulars.guard.privacy.tables import contact_lookup, customer_key, person, sealed_text
from regulars.records import Records
from regulars.warehouse import Warehouse
from regulars.work.checks import CheckContext
from tests.guard.privacy.conftest import MEI, SHOP, fill


def test_what_is_remembered_is_revealed_whole(
    any_records: Records, warehouse: Warehouse, keyring: Keyring, shell: Caller, mei: str
) -> None:
    fill(any_records, warehouse, keyring, shell, mei)

    with any_records.unit() as uow:
        found = privacy.reveal(uow, shell, SHOP, [mei, "17850", "nobody"])
        texts = privacy.reveal_texts(uow, shell, SHOP, ["review:r1", "review:r3", "review:none"])

    assert set(found) == {mei, "17850"}
    assert found[mei] == Person(
        customer_id=mei, name="王梅 Wang Mei", email=MEI, phone="138 0013 8000", address="西湖路 7 号", other={"wechat": "mei_w"}
    )
    assert texts == {"review:r1": "好喝! call me 13800138000", "review:r3": "by nobody known"}


def test_a_customer_is_found_by_any_spelling_of_a_contact_in_their_shop_only(filled: Records, keyring: Keyring, mei: str) -> None:
    with filled.reading() as uow:
        for text in (MEI.upper(), "+86 13800138000", "wang mei 王梅".title(), "王梅  wang mei"):
            expected = [] if text == "Wang Mei 王梅" else [mei]
            assert privacy.find_by_contact(uow, keyring, SHOP, text) == expected
        assert privacy.find_by_contact(uow, keyring, "coffee", MEI) == []
        assert privacy.find_by_contact(uow, keyring, SHOP, "") == []


def test_loading_again_changes_nothing_and_empty_fields_keep_what_was_known(
    filled: Records, keyring: Keyring, shell: Caller, mei: str
) -> None:
    with filled.unit() as uow:
        same = privacy.remember(uow, keyring, SHOP, [Person(customer_id=mei, email=MEI)])
        more = privacy.remember(uow, keyring, SHOP, [Person(customer_id=mei, phone="+44 20 7946 0958"), Person(customer_id="new")])
        found = privacy.reveal(uow, shell, SHOP, [mei])[mei]

        assert (same.inserted, same.updated, same.unchanged) == (0, 0, 1)
        assert (more.inserted, more.updated) == (1, 1)
        assert (found.name, found.phone, found.other) == ("王梅 Wang Mei", "+44 20 7946 0958", {"wechat": "mei_w"})
        assert privacy.find_by_contact(uow, keyring, SHOP, "13800138000") == []
        assert privacy.find_by_contact(uow, keyring, SHOP, "+442079460958") == [mei]


def test_two_entries_for_one_customer_in_one_file_are_one_person(records: Records, keyring: Keyring, shell: Caller) -> None:
    with records.unit() as uow:
        counts = privacy.remember(
            uow, keyring, SHOP, [Person(customer_id="a", name="A"), Person(customer_id="b"), Person(customer_id="a", email="a@b.c")]
        )
        found = privacy.reveal(uow, shell, SHOP, ["a"])["a"]

    assert counts.inserted == 2
    assert (found.name, found.email) == ("A", "a@b.c")


def test_nothing_personal_is_readable_in_either_store(filled: Records, warehouse: Warehouse, home: Path) -> None:
    warehouse.close()
    filled.close()
    stored = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())

    assert b"17850" in stored
    for secret in (
        "王梅",
        "Wang Mei",
        "mei.wang",
        "13800138000",
        "138 0013 8000",
        "西湖路",
        "mei_w",
        "好喝",
        "Lin Bo",
        "nobody known",
    ):
        assert secret.encode() not in stored, secret


def test_revealing_needs_the_permission_and_is_audited_without_naming_anybody(
    filled: Records, keyring: Keyring, shell: Caller, mei: str
) -> None:
    analyst = Caller(kind="operator", id="o", scopes=frozenset({"read_customers"}), keyring=keyring)
    guest = Caller(kind="api_key", id="k", scopes=frozenset({"see_personal_data"}), shop_ids=frozenset({"coffee"}), keyring=keyring)
    with filled.unit() as uow:
        with pytest.raises(NotAllowed):
            privacy.reveal(uow, analyst, SHOP, [mei])
        with pytest.raises(NotAllowed):
            privacy.reveal_texts(uow, analyst, SHOP, ["review:r1"])
        with pytest.raises(NotFound):
            privacy.reveal(uow, guest, SHOP, [mei])
        with pytest.raises(InvalidInput):
            privacy.reveal(uow, shell, SHOP, [str(number) for number in range(1001)])
        privacy.reveal(uow, shell, SHOP, [mei])
        newest = audit.entries(uow, action="person.")

    assert [(entry.action, entry.caller_id, entry.shop_id) for entry in newest] == [("person.seen", "shell", SHOP)]
    assert mei not in str(newest)


def test_without_the_master_key_nothing_opens(filled: Records, mei: str) -> None:
    thief = Caller.system("thief", Keyring.random())

    with filled.unit() as uow, pytest.raises(Unavailable, match="master key"):
        privacy.reveal(uow, thief, SHOP, [mei])


def test_a_sealed_row_does_not_open_in_anothers_place(filled: Records, shell: Caller, mei: str) -> None:
    with filled.unit() as uow:
        lins = uow.value(select(person.c.sealed).where(person.c.customer_id == "17850"))
        uow.execute(update(person).where(person.c.customer_id == mei).values(sealed=lins))

        with pytest.raises(Unavailable):
            privacy.reveal(uow, shell, SHOP, [mei])


def test_undoing_a_load_forgets_who_it_told_of_first(filled: Records, keyring: Keyring, shell: Caller, mei: str) -> None:
    with filled.unit() as uow:
        privacy.remember(
            uow,
            keyring,
            SHOP,
            [Person(customer_id="later", email="later@example.com"), Person(customer_id=mei, name="Mei")],
            load_id="load_2",
        )
        privacy.remember_texts(uow, keyring, SHOP, [Sealed(subject="review:r9", customer_id="later", text="x")], load_id="load_2")

        assert privacy.forget_load(uow, SHOP, "load_2") == 1

        assert set(privacy.reveal(uow, shell, SHOP, [mei, "later"])) == {mei}
        assert privacy.find_by_contact(uow, keyring, SHOP, "later@example.com") == []
        assert uow.rows(select(sealed_text.c.subject).where(sealed_text.c.subject == "review:r9")) == []
        assert uow.rows(select(customer_key.c.customer_id).where(customer_key.c.customer_id == "later")) == []


def test_the_doctor_finds_lost_keys_damaged_rows_and_stray_contacts(
    filled: Records, warehouse: Warehouse, home: Path, mei: str
) -> None:
    context = CheckContext(filled, warehouse, home)
    assert [finding for check in CHECKS for finding in check.run(context)] == []
    with filled.unit() as uow:
        uow.execute(update(person).where(person.c.customer_id == mei).values(sealed=b"0" * 60))
        uow.execute(delete(customer_key).where(customer_key.c.customer_id == "17850"))
        uow.execute(delete(person).where(person.c.customer_id == "17850"))
        assert uow.rows(select(contact_lookup.c.digest).where(contact_lookup.c.customer_id == "17850"))

    places = [finding.where for check in CHECKS for finding in check.run(context)]

    assert f"person {SHOP}/{mei}" in places
    assert f"sealed_text {SHOP}/17850" in places
    assert f"contact_lookup {SHOP}/17850" in places
