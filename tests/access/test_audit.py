"""The audit trail (P28): whatever is done to it, `verify` names the row."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, insert, select, update

from regulars.access import Caller, Keyring, audit
from regulars.access.checks import CHECKS
from regulars.access.tables import audit_entry, audit_head
from regulars.errors import Unavailable
from regulars.records import Records, metadata
from regulars.rooms import import_tables
from regulars.values import clock
from regulars.warehouse import Warehouse
from regulars.work.checks import CheckContext

ENTRIES = 40


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with 40 entries, written once and copied for each test."""
    folder = tmp_path_factory.mktemp("written")
    shell = Caller.system("shell", Keyring.open(folder, {}))
    store = Records.open(f"sqlite:///{folder}/records.sqlite")
    import_tables()
    metadata.create_all(store.engine)
    with store.unit() as uow:
        for number in range(ENTRIES):
            before, after = {"name": "茶"}, {"name": f"n{number}"}
            audit.record(uow, shell, "shop.changed", f"shop{number}", before=before, after=after, shop_id="tea")
    store.close()
    return folder


@pytest.fixture
def trail(written: Path, home: Path) -> Iterator[Records]:
    for file in written.iterdir():
        shutil.copy2(file, home / file.name)
    store = Records.open(f"sqlite:///{home}/records.sqlite")
    yield store
    store.close()


def verdict(records: Records, keyring: Keyring, known: audit.AuditHead | None = None) -> audit.AuditVerdict:
    with records.reading() as uow:
        return audit.verify(uow, keyring, known=known)


def test_an_untouched_trail_verifies(trail: Records, keyring: Keyring) -> None:
    found = verdict(trail, keyring)

    assert (found.ok, found.entries, found.head.sequence) == (True, ENTRIES, ENTRIES)


def test_an_empty_trail_verifies(any_records: Records, keyring: Keyring) -> None:
    assert verdict(any_records, keyring).ok


@pytest.mark.parametrize("seed", range(100))
def test_any_change_is_named_by_its_row(trail: Records, keyring: Keyring, seed: int) -> None:
    chance = random.Random(seed)
    row = chance.randint(1, ENTRIES)
    with trail.unit() as uow:
        match chance.choice(["change", "remove", "swap", "cut", "add"]):
            case "change":
                column, value = chance.choice(
                    [
                        ("action", "shop.viewed"),
                        ("subject", "other"),
                        ("caller_id", "somebody"),
                        ("after", '{"name":"x"}'),
                        ("before", None),
                        ("shop_id", "coffee"),
                        ("seal", "0" * 64),
                    ]
                )
                uow.execute(update(audit_entry).where(audit_entry.c.sequence == row).values({column: value}))
                expected = {row}
            case "remove":
                uow.execute(delete(audit_entry).where(audit_entry.c.sequence == row))
                expected = {row}
            case "swap":
                other = row % ENTRIES + 1
                for old, new in ((row, -1), (other, row), (-1, other)):
                    uow.execute(update(audit_entry).where(audit_entry.c.sequence == old).values(sequence=new))
                expected = {min(row, other)}
            case "cut":
                uow.execute(delete(audit_entry).where(audit_entry.c.sequence >= row))
                expected = {row}
            case _:
                copied = uow.one(select(audit_entry).where(audit_entry.c.sequence == row))
                assert copied is not None
                uow.execute(insert(audit_entry).values(**{**copied, "sequence": ENTRIES + 1}))
                expected = {ENTRIES + 1}

    found = verdict(trail, keyring)

    assert not found.ok
    assert found.damaged_sequence in expected
    assert str(found.damaged_sequence) in found.reason


@pytest.fixture
def shortened(trail: Records, shell: Caller) -> Records:
    """The same trail after its first 25 entries went, and two more acts."""
    with trail.unit() as uow:
        long_ago = update(audit_entry).where(audit_entry.c.sequence <= 25)
        before = uow.value(select(audit_entry.c.at).where(audit_entry.c.sequence == 26))
        assert audit.shorten(uow, shell, before) == 25
        assert uow.execute(long_ago.values(subject="x")).rowcount == 0
        audit.record(uow, shell, "shop.changed", "one more")
        audit.record(uow, shell, "shop.changed", "and one")
    return trail


def test_a_trail_whose_old_entries_went_verifies_from_there_on(shortened: Records, keyring: Keyring) -> None:
    found = verdict(shortened, keyring)

    assert (found.ok, found.entries, found.head.sequence) == (True, 18, 43)


def test_a_trail_can_lose_all_it_had_on_both_databases(any_records: Records, shell: Caller, keyring: Keyring) -> None:
    with any_records.unit() as uow:
        for number in range(ENTRIES):
            audit.record(uow, shell, "shop.changed", f"shop{number}")
        gone = audit.shorten(uow, shell, clock.now())

        assert (gone, [one.action for one in audit.entries(uow)]) == (ENTRIES, ["audit.shortened"])
        assert audit.shorten(uow, shell, clock.now() - timedelta(days=1)) == 0
        assert audit.verify(uow, keyring).ok


@pytest.mark.parametrize("seed", range(40))
def test_a_change_of_a_shortened_trail_is_named_by_its_row(shortened: Records, keyring: Keyring, seed: int) -> None:
    chance = random.Random(seed)
    row = 41 if seed % 4 == 0 else chance.randint(26, 43)  # 41 tells that the trail was shortened
    with shortened.unit() as uow:
        if chance.random() < 0.5:
            told = '{"seal":"' + "0" * 64 + '","sequence":30}'
            uow.execute(update(audit_entry).where(audit_entry.c.sequence == row).values(after=told))
            expected = row
        elif chance.random() < 0.5:
            uow.execute(delete(audit_entry).where(audit_entry.c.sequence == row))
            expected = 1 if row == 41 else row
        else:
            uow.execute(delete(audit_entry).where(audit_entry.c.sequence <= row))
            expected = 26 if row < 41 else 1

    found = verdict(shortened, keyring)

    assert (found.ok, found.damaged_sequence) == (False, expected)


def test_a_head_from_before_what_went_is_named_as_too_old(trail: Records, keyring: Keyring, shell: Caller) -> None:
    with trail.unit() as uow:
        old = audit.head(uow)
        audit.record(uow, shell, "shop.changed", "one more")
        newer = audit.head(uow)
        audit.shorten(uow, shell, clock.now())
        audit.record(uow, shell, "shop.changed", "and one")

    assert verdict(trail, keyring, newer).ok
    found = verdict(trail, keyring, old)
    assert not found.ok
    assert "retention time" in found.reason


def test_a_cut_tail_with_a_head_moved_back_is_named(trail: Records, keyring: Keyring) -> None:
    with trail.unit() as uow:
        kept = uow.one(select(audit_entry).where(audit_entry.c.sequence == 30))
        assert kept is not None
        uow.execute(delete(audit_entry).where(audit_entry.c.sequence > 30))
        uow.execute(update(audit_head).values(sequence=30, seal=kept["seal"]))

    assert not verdict(trail, keyring).ok


def test_a_whole_older_state_is_found_by_an_exported_head(trail: Records, keyring: Keyring, shell: Caller) -> None:
    with trail.reading() as uow:
        older = audit.head(uow)
    with trail.unit() as uow:
        audit.record(uow, shell, "shop.changed", "one more")
    with trail.reading() as uow:
        exported = audit.head(uow)
    with trail.unit() as uow:  # somebody puts an old copy of the table and its head in place
        uow.execute(delete(audit_entry).where(audit_entry.c.sequence > older.sequence))
        uow.execute(update(audit_head).values(sequence=older.sequence, seal=older.seal, head_seal=older.head_seal))

    assert verdict(trail, keyring).ok
    found = verdict(trail, keyring, exported)
    assert (found.ok, found.damaged_sequence) == (False, ENTRIES + 1)


def test_a_trail_rewritten_without_the_master_key_does_not_verify(trail: Records, keyring: Keyring) -> None:
    with trail.unit() as uow:
        uow.execute(delete(audit_entry))
        uow.execute(delete(audit_head))
        audit.record(uow, Caller.system("shell", Keyring.random()), "nothing.happened", "here")

    assert not verdict(trail, keyring).ok


def test_emptying_the_entries_is_noticed(trail: Records, keyring: Keyring) -> None:
    with trail.unit() as uow:
        uow.execute(delete(audit_entry))
    assert verdict(trail, keyring).damaged_sequence == 1


def test_an_undone_act_leaves_no_entry(records: Records, keyring: Keyring, shell: Caller) -> None:
    def act() -> None:
        with records.unit() as uow:
            audit.record(uow, shell, "shop.changed", "tea")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act()

    found = verdict(records, keyring)
    assert (found.ok, found.entries) == (True, 0)


def test_many_writers_make_one_chain(any_records: Records, keyring: Keyring, shell: Caller) -> None:
    def act(number: int) -> None:
        with any_records.unit() as uow:
            audit.record(uow, shell, "shop.changed", str(number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(60)))

    found = verdict(any_records, keyring)
    assert (found.ok, found.entries) == (True, 60)


def test_entries_come_newest_first_in_pages_and_by_shop_action_and_subject(trail: Records, shell: Caller) -> None:
    with trail.unit() as uow:
        audit.record(uow, shell, "api_key.created", "k1", shop_id="coffee")

    with trail.reading() as uow:
        newest = audit.entries(uow, limit=2)
        older = audit.entries(uow, limit=2, before_sequence=newest[-1].sequence)
        assert [entry.sequence for entry in newest + older] == [41, 40, 39, 38]
        assert newest[1].before == {"name": "茶"}
        assert [entry.subject for entry in audit.entries(uow, shop_ids=["coffee"])] == ["k1"]
        assert [entry.subject for entry in audit.entries(uow, action="api_key.")] == ["k1"]
        assert [entry.sequence for entry in audit.entries(uow, subject="shop7")] == [8]


def test_an_act_without_a_keyring_is_not_done(records: Records) -> None:
    with records.unit() as uow, pytest.raises(Unavailable):
        audit.record(uow, Caller(kind="system", id="x", scopes=frozenset()), "a.b", "c")


def test_the_doctor_names_a_damaged_trail(trail: Records, warehouse: Warehouse, home: Path) -> None:
    context = CheckContext(trail, warehouse, home)
    assert [finding for check in CHECKS for finding in check.run(context)] == []
    with trail.unit() as uow:
        assert uow.value(select(func.count()).select_from(audit_entry)) == ENTRIES
        uow.execute(update(audit_entry).where(audit_entry.c.sequence == 7).values(subject="x"))

    found = [finding.what for check in CHECKS for finding in check.run(context)]

    assert found == ["entry 7 was changed"]
