"""Signing in (P23): guessing is stopped, operators cannot be told from strangers, and hashes are renewed."""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from argon2 import PasswordHasher
from sqlalchemy import select, update

from regulars.access import Keyring, guessing, operators, passwords, sessions
from regulars.access.sign_in import sign_in
from regulars.access.tables import operator
from regulars.errors import NotAllowed, RegularsError
from regulars.records import Records
from regulars.values import clock
from tests.access.people import PASSWORD, owner


def refusal(records: Records, keyring: Keyring, email: str, password: str, network: str = "192.0.2.1") -> RegularsError | None:
    try:
        sign_in(records, keyring, email=email, password=password, network=network)
    except RegularsError as error:
        return error
    return None


def test_the_right_password_begins_a_session_and_is_audited(any_records: Records, keyring: Keyring) -> None:
    mei = owner(any_records, keyring)

    begun = sign_in(any_records, keyring, email=" MEI@example.com", password=PASSWORD, browser="Firefox\n")

    with any_records.reading() as uow:
        found = sessions.recognise(uow, begun.token, keyring)
        view = sessions.live(uow, mei.operator_id)
    assert found is not None
    assert (found.caller.id, found.caller.name, found.caller.may("manage_operators")) == (mei.operator_id, "Mei", True)
    assert [each.browser for each in view] == ["Firefox"]


def test_a_stranger_a_wrong_password_and_a_disabled_operator_get_the_same_words(records: Records, keyring: Keyring) -> None:
    mei = owner(records, keyring)
    stranger = refusal(records, keyring, "eve@example.com", "some long password")
    wrong = refusal(records, keyring, "mei@example.com", "some long password")
    with records.unit() as uow:
        uow.execute(update(operator).where(operator.c.operator_id == mei.operator_id).values(disabled_at=clock.now()))
    disabled = refusal(records, keyring, "mei@example.com", PASSWORD)

    for each in (stranger, wrong, disabled):
        assert each is not None
        assert (each.code, each.http_status, str(each)) == ("wrong_sign_in", 401, str(stranger))


def test_strangers_wait_as_long_as_operators(records: Records, keyring: Keyring) -> None:
    owner(records, keyring)
    took: dict[str, list[float]] = {"mei@example.com": [], "eve@example.com": []}
    refusal(records, keyring, "warm@example.com", "up")

    for _ in range(7):
        for email, times in took.items():
            began = time.perf_counter()
            refusal(records, keyring, email, "some long password")
            times.append(time.perf_counter() - began)

    known, unknown = (statistics.median(times) for times in took.values())
    assert max(known, unknown) / min(known, unknown) < 2


def test_an_account_has_ten_guesses_in_five_minutes_even_with_many_at_once(any_records: Records, keyring: Keyring) -> None:
    owner(any_records, keyring)

    def guess(number: int) -> str:
        found = refusal(any_records, keyring, "mei@example.com", f"guess number {number}", network=f"198.51.100.{number}")
        return found.code if found else "in"

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(guess, range(30)))

    tried = codes.count("wrong_sign_in")
    assert 1 <= tried <= guessing.PER_ACCOUNT
    assert set(codes) <= {"wrong_sign_in", "too_many_attempts", "sign_in_busy"}
    assert codes.count("too_many_attempts") >= 30 - guessing.PER_ACCOUNT - codes.count("sign_in_busy")


def test_even_the_right_password_waits_after_ten_guesses_and_opens_after_five_minutes(records: Records, keyring: Keyring) -> None:
    owner(records, keyring)
    with time_machine.travel(clock.now(), tick=False) as travel:
        for _ in range(guessing.PER_ACCOUNT):
            refusal(records, keyring, "mei@example.com", "some long password")

        held = refusal(records, keyring, "mei@example.com", PASSWORD)
        assert held is not None
        assert (held.http_status, held.retry_after_s) == (429, 300)
        travel.shift(timedelta(minutes=5, seconds=1))
        assert refusal(records, keyring, "mei@example.com", PASSWORD) is None


def test_any_five_minutes_hold_ten_guesses_not_only_those_by_the_clock(records: Records, keyring: Keyring) -> None:
    tried = []
    with time_machine.travel(clock.now(), tick=False) as travel:
        start = clock.now()
        for _ in range(60):
            found = refusal(records, keyring, "nobody@example.com", "some long password", network=f"{len(tried)}")
            if found is not None and found.code == "wrong_sign_in":
                tried.append(clock.now() - start)
            travel.shift(timedelta(seconds=13))

    for begin in tried:
        assert sum(begin <= each < begin + guessing.WINDOW for each in tried) <= guessing.PER_ACCOUNT


def test_a_network_cannot_try_one_password_on_many_accounts(records: Records, keyring: Keyring) -> None:
    with records.unit() as uow:
        for number in range(guessing.PER_NETWORK):
            guessing.count(uow, keyring, account=f"a{number}@example.com", network="192.0.2.7")
        with pytest.raises(NotAllowed) as held:
            guessing.count(uow, keyring, account="one.more@example.com", network="192.0.2.7")

    assert held.value.http_status == 429


def test_a_right_sign_in_forgives_the_account(records: Records, keyring: Keyring) -> None:
    owner(records, keyring)
    for _ in range(3):
        for _ in range(5):
            refusal(records, keyring, "mei@example.com", "some long password")
        assert refusal(records, keyring, "mei@example.com", PASSWORD) is None


def test_an_old_hash_is_made_anew_at_sign_in(records: Records, keyring: Keyring) -> None:
    mei = owner(records, keyring)
    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    with records.unit() as uow:
        uow.execute(update(operator).where(operator.c.operator_id == mei.operator_id).values(password_hash=weak))

    sign_in(records, keyring, email="mei@example.com", password=PASSWORD)

    with records.reading() as uow:
        kept = uow.value(select(operator.c.password_hash))
    assert not passwords.is_outdated(kept)
    assert passwords.matches(PASSWORD, kept)


def test_what_is_counted_does_not_tell_the_address(records: Records, keyring: Keyring) -> None:
    refusal(records, keyring, "mei.unusual@example.com", "some long password", network="203.0.113.77")

    assert records.path is not None
    stored = b"".join(path.read_bytes() for path in records.path.parent.glob("records.sqlite*"))
    assert b"unusual" not in stored
    assert b"203.0.113.77" not in stored
    assert operators.account_form("mei.unusual@example.com")
