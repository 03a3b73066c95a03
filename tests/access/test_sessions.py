"""Sessions end when idle for 30 minutes, when 12 hours old, and when they are ended; their token is nowhere stored."""

from __future__ import annotations

from datetime import timedelta

import time_machine

from regulars.access import Keyring, sessions
from regulars.records import Records
from regulars.values import clock
from tests.access.people import owner


def test_an_idle_session_ends_after_thirty_minutes(records: Records, keyring: Keyring) -> None:
    mei = owner(records, keyring)
    with time_machine.travel(clock.now(), tick=False) as travel:
        with records.unit() as uow:
            begun = sessions.begin(uow, mei.operator_id, second_factor=False)

        travel.shift(timedelta(minutes=29))
        with records.unit() as uow:
            found = sessions.recognise(uow, begun.token, keyring)
            assert found is not None
            assert found.stale
            sessions.touch(uow, found.token_hash)
        travel.shift(timedelta(minutes=29))
        with records.reading() as uow:
            assert sessions.recognise(uow, begun.token, keyring) is not None
        travel.shift(timedelta(minutes=2))
        with records.unit() as uow:
            assert sessions.recognise(uow, begun.token, keyring) is None
            sessions.touch(uow, found.token_hash)  # a touch does not wake it
            assert sessions.recognise(uow, begun.token, keyring) is None


def test_a_used_session_ends_after_twelve_hours(records: Records, keyring: Keyring) -> None:
    mei = owner(records, keyring)
    with time_machine.travel(clock.now(), tick=False) as travel:
        with records.unit() as uow:
            begun = sessions.begin(uow, mei.operator_id, second_factor=False)
        for _ in range(12 * 4 - 1):
            travel.shift(timedelta(minutes=15))
            with records.unit() as uow:
                found = sessions.recognise(uow, begun.token, keyring)
                assert found is not None
                sessions.touch(uow, found.token_hash)
        travel.shift(timedelta(minutes=15))
        with records.reading() as uow:
            assert sessions.recognise(uow, begun.token, keyring) is None


def test_reading_is_not_writing_twice_in_a_minute(records: Records, keyring: Keyring) -> None:
    mei = owner(records, keyring)
    with records.unit() as uow:
        begun = sessions.begin(uow, mei.operator_id, second_factor=False)
        found = sessions.recognise(uow, begun.token, keyring)

    assert found is not None
    assert not found.stale


def test_signing_out_ends_one_session(records: Records, keyring: Keyring) -> None:
    mei = owner(records, keyring)
    with records.unit() as uow:
        one, two = (sessions.begin(uow, mei.operator_id, second_factor=False) for _ in range(2))
        assert sessions.end(uow, one.session_id)
        assert not sessions.end(uow, one.session_id)

        assert sessions.recognise(uow, one.token, keyring) is None
        assert sessions.recognise(uow, two.token, keyring) is not None
        assert [view.session_id for view in sessions.live(uow, mei.operator_id)] == [two.session_id]


def test_a_token_that_never_was_is_nobody(records: Records, keyring: Keyring) -> None:
    with records.reading() as uow:
        for token in ("", "x", "A" * 43, "\ud800", "'; drop table session; --"):
            assert sessions.recognise(uow, token, keyring) is None
