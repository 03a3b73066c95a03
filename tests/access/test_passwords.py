"""Passwords: long, not well known, kept as argon2id, and bounded in what they cost."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from regulars.access import passwords
from regulars.errors import InvalidInput, Unavailable


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "elevenchars",
        "password1234",
        "P@ssw0rd2024!!",
        "dragondragon",
        "iloveyou!!!!!!",
        "123456789012",
        "abcdefghijklm",
        "qwertyuiop12",
        "1qaz2wsx3edc",
        "aaaaaaaaaaaaaaaa",
        "abababababab",
        "x" * 201,
        "Qwerty123456",
        "letmein-2026!",
    ],
)
def test_what_an_attacker_tries_first_is_refused(password: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        passwords.check(password)

    assert refusal.value.code == "weak_password"
    assert password not in str(refusal.value)


@pytest.mark.parametrize(
    "password", ["four plain garden words", "我的密码其实是一句很长的话啊", "Tr1cky-enough-9x", "dragonflies over seven rivers"]
)
def test_a_few_words_nobody_would_guess_are_enough(password: str) -> None:
    passwords.check(password, about=("Mei Wang", "mei.wang@example.com"))


def test_ones_own_name_is_no_password() -> None:
    with pytest.raises(InvalidInput, match="own name"):
        passwords.check("mei.wang.1987", about=("Mei Wang", "mei.wang@example.com"))


def test_three_thousand_common_passwords_are_known() -> None:
    assert len(passwords.common()) >= 3000


LETTERS = sorted(word for word in passwords.common() if word.isalpha())


@given(st.sampled_from(LETTERS), st.text("0123456789!.-_#", min_size=1, max_size=12))
def test_decorating_a_common_password_does_not_help(common: str, decoration: str) -> None:
    with pytest.raises(InvalidInput):
        passwords.check(common + decoration)


def test_a_hash_is_argon2id_and_matches_only_its_password() -> None:
    kept = passwords.hashed("four plain garden words")

    assert kept.startswith("$argon2id$")
    assert passwords.matches("four plain garden words", kept)
    assert not passwords.matches("four plain garden word", kept)
    assert not passwords.matches("anything", None)
    assert not passwords.matches("anything", "not a hash")


def test_the_same_characters_typed_elsewhere_match() -> None:
    assert passwords.matches("Caf\u0065\u0301 am Fluss 7", passwords.hashed("Caf\u00e9 am Fluss 7"))


def test_a_hash_with_weaker_parameters_is_outdated() -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("four plain garden words")

    assert passwords.is_outdated(weak)
    assert not passwords.is_outdated(passwords.hashed("four plain garden words"))


def test_many_sign_ins_at_once_take_two_hashes_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, lock = 0, 0, threading.Lock()
    passwords.matches("x", None)
    verify = passwords._hasher.verify

    def watched(kept: str, password: bytes) -> bool:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        try:
            return bool(verify(kept, password))
        finally:
            with lock:
                running -= 1

    monkeypatch.setattr(passwords, "_hasher", SimpleNamespace(verify=watched, hash=passwords._hasher.hash))

    def attempt(_: int) -> str:
        try:
            passwords.matches("guess", None)
        except Unavailable as refusal:
            return str(refusal.code)
        return "tried"

    with ThreadPoolExecutor(40) as pool:
        outcomes = list(pool.map(attempt, range(40)))

    assert most <= passwords.AT_ONCE
    assert outcomes.count("tried") >= passwords.AT_ONCE + passwords.WAITING
    assert set(outcomes) <= {"tried", "sign_in_busy"}
