"""The second factor: codes open once, recovery codes open once, and nothing works before it is confirmed."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
import time_machine

from regulars.access import Caller, Keyring, second_factor, sessions
from regulars.access.sign_in import sign_in
from regulars.errors import Conflict, InvalidInput, NotAllowed
from regulars.records import Records
from regulars.values import clock
from tests.access.people import PASSWORD, owner


def signed_in(records: Records, keyring: Keyring) -> Caller:
    mei = owner(records, keyring)
    with records.unit() as uow:
        found = sessions.recognise(uow, sessions.begin(uow, mei.operator_id, second_factor=False).token, keyring)
    assert found is not None
    return found.caller


def enrolled(records: Records, caller: Caller) -> tuple[pyotp.TOTP, list[str]]:
    with records.unit() as uow:
        totp = pyotp.TOTP(second_factor.begin(uow, caller).secret)
        return totp, second_factor.confirm(uow, caller, totp.at(clock.now()))


def test_a_confirmed_second_factor_is_asked_for_after_the_right_password(records: Records, keyring: Keyring) -> None:
    me = signed_in(records, keyring)
    with time_machine.travel(clock.now(), tick=False) as travel:
        totp, _ = enrolled(records, me)
        travel.shift(timedelta(seconds=60))

        with pytest.raises(NotAllowed) as needed:
            sign_in(records, keyring, email="mei@example.com", password=PASSWORD)
        with pytest.raises(NotAllowed) as wrong:
            sign_in(records, keyring, email="mei@example.com", password="some other password", code=totp.at(clock.now()))
        begun = sign_in(records, keyring, email="mei@example.com", password=PASSWORD, code=totp.at(clock.now()))

    assert (needed.value.code, wrong.value.code) == ("second_factor_needed", "wrong_sign_in")
    with records.reading() as uow:
        found = sessions.recognise(uow, begun.token, keyring)
    assert found is None or found.caller.second_factor


def test_a_code_opens_once(any_records: Records, keyring: Keyring) -> None:
    me = signed_in(any_records, keyring)
    with time_machine.travel(clock.now(), tick=False) as travel:
        totp, _ = enrolled(any_records, me)
        travel.shift(timedelta(seconds=60))
        code = totp.at(clock.now())

        sign_in(any_records, keyring, email="mei@example.com", password=PASSWORD, code=code)
        with pytest.raises(NotAllowed) as again:
            sign_in(any_records, keyring, email="mei@example.com", password=PASSWORD, code=code)

    assert again.value.code == "wrong_code"


def test_a_clock_may_drift_by_half_a_minute_but_not_more(records: Records, keyring: Keyring) -> None:
    me = signed_in(records, keyring)
    with time_machine.travel(clock.now(), tick=False) as travel:
        totp, _ = enrolled(records, me)
        travel.shift(timedelta(minutes=5))

        with pytest.raises(NotAllowed):
            sign_in(records, keyring, email="mei@example.com", password=PASSWORD, code=totp.at(clock.now() - timedelta(seconds=90)))
        sign_in(records, keyring, email="mei@example.com", password=PASSWORD, code=totp.at(clock.now() - timedelta(seconds=30)))


def test_each_recovery_code_opens_once(records: Records, keyring: Keyring) -> None:
    me = signed_in(records, keyring)
    _, codes = enrolled(records, me)

    sign_in(records, keyring, email="mei@example.com", password=PASSWORD, code=codes[3].upper().replace("-", " "))
    with pytest.raises(NotAllowed):
        sign_in(records, keyring, email="mei@example.com", password=PASSWORD, code=codes[3])

    with records.reading() as uow:
        assert second_factor.recovery_codes_left(uow, me.id) == second_factor.RECOVERY_CODES - 1


def test_an_unconfirmed_second_factor_changes_nothing(records: Records, keyring: Keyring) -> None:
    me = signed_in(records, keyring)
    with records.unit() as uow:
        begun = second_factor.begin(uow, me)
        with pytest.raises(InvalidInput):
            second_factor.confirm(uow, me, "000000")

    assert "mei%40example.com" in begun.uri
    sign_in(records, keyring, email="mei@example.com", password=PASSWORD)


def test_it_cannot_be_set_up_twice_nor_by_a_key(records: Records, keyring: Keyring) -> None:
    me = signed_in(records, keyring)
    enrolled(records, me)

    with records.unit() as uow:
        with pytest.raises(Conflict):
            second_factor.begin(uow, me)
        with pytest.raises(InvalidInput):
            second_factor.begin(uow, Caller(kind="api_key", id="k", scopes=frozenset(), keyring=keyring))


def test_removing_ones_own_needs_a_code_but_an_owner_removes_a_lost_one(records: Records, keyring: Keyring, shell: Caller) -> None:
    me = signed_in(records, keyring)
    _, codes = enrolled(records, me)

    with pytest.raises(NotAllowed):
        second_factor.remove_own(records, me, "000000")
    second_factor.remove_own(records, me, codes[0])
    sign_in(records, keyring, email="mei@example.com", password=PASSWORD)
    enrolled(records, me)
    with records.unit() as uow:
        second_factor.remove(uow, shell, me.id)
    sign_in(records, keyring, email="mei@example.com", password=PASSWORD)


def test_secret_and_recovery_codes_are_not_readable_in_the_store(records: Records, keyring: Keyring) -> None:
    me = signed_in(records, keyring)
    totp, codes = enrolled(records, me)

    assert records.path is not None
    stored = b"".join(path.read_bytes() for path in records.path.parent.glob("records.sqlite*"))
    assert totp.secret.encode() not in stored
    assert all(code.encode() not in stored and code.replace("-", "").encode() not in stored for code in codes)
