"""The master key is changed: people open with the new one only, pseudonyms stay, and a crash leaves one key that opens everything."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from regulars.access import Caller, Keyring, audit
from regulars.access.keys import FILE_NAME
from regulars.errors import Unavailable
from regulars.guard import privacy
from regulars.guard.privacy.checks import CHECKS
from regulars.guard.privacy.rotation import NEW_NAME, finish_rotation
from regulars.guard.privacy.tables import customer_key
from regulars.records import Records
from regulars.warehouse import Warehouse
from regulars.work import CheckContext
from tests.access.people import owner
from tests.guard.privacy.conftest import MEI, SHOP, fill

VARIABLES = ("REGULARS_MASTER_KEY", "REGULARS_NEW_MASTER_KEY")


def seen(records: Records, keyring: Keyring, mei: str) -> tuple[str, dict[str, str]]:
    caller = Caller.system("shell", keyring)
    with records.unit() as uow:
        person = privacy.reveal(uow, caller, SHOP, [mei])[mei]
        return person.email, privacy.reveal_texts(uow, caller, SHOP, ["review:r1", "review:r3"])


def test_people_open_with_the_new_key_only_and_pseudonyms_stay(
    any_records: Records, warehouse: Warehouse, home: Path, keyring: Keyring, shell: Caller, mei: str
) -> None:
    fill(any_records, warehouse, keyring, shell, mei)
    owner(any_records, keyring)
    old_master = (home / FILE_NAME).read_text()
    before = seen(any_records, keyring, mei)

    done = privacy.rotate_key(any_records, home, shell)

    new = Keyring.open(home)
    assert done.customer_keys == 2
    assert (done.texts, done.operators, done.in_environment) == (1, 1, False)
    assert (home / FILE_NAME).read_text() != old_master
    assert not (home / NEW_NAME).exists()
    assert seen(any_records, new, mei) == before
    assert privacy.pseudonym(new, SHOP, MEI, "email") == mei
    with any_records.reading() as uow:
        assert privacy.find_by_contact(uow, new, SHOP, MEI) == [mei]
        assert audit.verify(uow, new).ok
    with pytest.raises(Unavailable):
        seen(any_records, keyring, mei)
    context = CheckContext(any_records, warehouse, home)
    assert [finding for check in CHECKS for finding in check.run(context)] == []
    (home / FILE_NAME).write_text(old_master)
    with pytest.raises(Unavailable, match=r"root\.key"):
        Keyring.open(home)


def test_it_can_be_changed_again_and_again(filled: Records, home: Path, mei: str) -> None:
    before = seen(filled, Keyring.open(home), mei)

    for _ in range(3):
        privacy.rotate_key(filled, home, Caller.system("shell", Keyring.open(home)))

    assert seen(filled, Keyring.open(home), mei) == before
    assert privacy.pseudonym(Keyring.open(home), SHOP, MEI, "email") == mei


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_rotation_cut_off_leaves_the_key_that_opens_what_is_stored(
    filled: Records, home: Path, shell: Caller, mei: str, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    if moment == "before":
        monkeypatch.setattr("regulars.guard.privacy.rotation._operators", cut)
    else:
        monkeypatch.setattr(Path, "replace", lambda self, target: cut() if self.name == NEW_NAME else self.rename(target))
    with pytest.raises(KeyboardInterrupt):
        privacy.rotate_key(filled, home, shell)
    monkeypatch.undo()
    assert (home / NEW_NAME).exists()

    assert finish_rotation(filled, home)

    assert seen(filled, Keyring.open(home), mei)[0] == MEI
    assert not finish_rotation(filled, home)


def test_a_key_from_the_environment_is_followed_by_one_from_the_environment(
    filled: Records, home: Path, shell: Caller, mei: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = (home / FILE_NAME).read_text().strip(), "ab" * 32
    (home / FILE_NAME).unlink()
    monkeypatch.setenv(VARIABLES[0], old)
    with pytest.raises(Unavailable, match="REGULARS_NEW_MASTER_KEY"):
        privacy.rotate_key(filled, home, Caller.system("shell", Keyring.open(home)))
    monkeypatch.setenv(VARIABLES[1], new)

    done = privacy.rotate_key(filled, home, Caller.system("shell", Keyring.open(home)))

    monkeypatch.setenv(VARIABLES[0], new)
    assert done.in_environment
    assert not (home / FILE_NAME).exists()
    assert seen(filled, Keyring.open(home), mei)[0] == MEI


def test_no_key_is_stored_as_it_is(filled: Records, home: Path, shell: Caller) -> None:
    with filled.reading() as uow:
        before = {row["wrapped"] for row in uow.rows(select(customer_key.c.wrapped))}
    root = (home / FILE_NAME).read_text().strip()

    privacy.rotate_key(filled, home, shell)

    with filled.reading() as uow:
        after = {row["wrapped"] for row in uow.rows(select(customer_key.c.wrapped))}
    assert not before & after
    assert root not in (home / "root.key").read_text()
    assert ((home / "root.key").stat().st_mode & 0o077, (home / FILE_NAME).stat().st_mode & 0o077) == (0, 0)
