"""Passwords: which are good enough, and how they are kept (argon2id), with a bound on the memory many sign-ins can take at once."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from regulars.errors import InvalidInput, Unavailable

SHORTEST = 12
LONGEST = 200  # characters; argon2 takes any length, our patience does not
AT_ONCE = 2  # each takes 64 MiB
WAITING = 8
PATIENCE_S = 10.0

_hasher = PasswordHasher()  # RFC 9106, second recommendation: 64 MiB, 3 passes, 4 lanes
_running = threading.BoundedSemaphore(AT_ONCE)
_queue = threading.BoundedSemaphore(AT_ONCE + WAITING)
_LEET = str.maketrans("0134578@$!|", "oieastbasil")
_RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "q1w2e3r4t5y6u7i8o9p0",
)


def check(password: str, *, about: tuple[str, ...] = ()) -> None:
    """Refuse a password that is too short, well known, or made of the person's own name or address.

    Well known means: among the commonest leaked passwords, in whole or once digits and signs around it, doubling and look-alike
    letters are undone (`P@ssw0rd2024!!`, `dragondragon`), or a run along the alphabet, the digits or the keyboard.

    Raises
    ------
    InvalidInput : with the reason; composition rules (a digit, a capital) are not asked for, as NIST SP 800-63B advises.
    """
    plain = unicodedata.normalize("NFKC", password)
    if len(plain) < SHORTEST:
        raise InvalidInput(
            f"the password has fewer than {SHORTEST} characters", mend="use a few words you can remember", code="weak_password"
        )
    if len(plain) > LONGEST:
        raise InvalidInput(f"the password has more than {LONGEST} characters", mend="use a shorter one", code="weak_password")
    folded = plain.casefold()
    if any(form in common() for form in _forms(folded)) or _is_run(folded) or len(set(folded)) < 4:
        raise InvalidInput(
            "the password is among the first an attacker would try", mend="use a few words nobody would guess", code="weak_password"
        )
    own = {part for fact in about for part in re.split(r"[\s@._+-]+", fact.casefold()) if len(part) >= 3 and part in folded}
    rest = folded
    for part in sorted(own, key=len, reverse=True):
        rest = rest.replace(part, "")
    if own and sum(sign.isalpha() for sign in rest) < 4:
        raise InvalidInput("the password is mostly your own name or address", mend="use other words", code="weak_password")


def hashed(password: str) -> str:
    """The argon2id hash to be kept, with its parameters and salt inside."""
    with _turn():
        return _hasher.hash(_prepared(password))


def matches(password: str, kept: str | None) -> bool:
    """Whether the password is the one. With `kept` None (no such operator) the same work is done, and the answer is no."""
    nobody = _nobody()
    with _turn():
        try:
            found = _hasher.verify(kept or nobody, _prepared(password))
        except (VerificationError, InvalidHashError):
            return False
    return found and kept is not None


def is_outdated(kept: str) -> bool:
    """Whether the hash was made with other parameters than today's and should be made anew."""
    return _hasher.check_needs_rehash(kept)


@cache
def common() -> frozenset[str]:
    """The 3,000 commonest leaked passwords, and the commonest ones of 12 and more characters (zxcvbn's list, MIT)."""
    return frozenset(files("regulars.access").joinpath("common_passwords.txt").read_text("utf-8").split())


def _forms(password: str) -> Iterator[str]:
    """The password, and what is left of it when decoration is undone."""
    stripped = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", password)
    for text in {form for plain in (password, stripped) for form in (plain, plain.translate(_LEET))}:
        yield text
        yield re.sub(r"[\W_]+", "", text)
        yield re.sub(r"[\W\d_]+", "", text)
        for size in range(1, len(text) // 2 + 1):
            if len(text) % size == 0 and text[:size] * (len(text) // size) == text:
                yield text[:size]
                break


def _is_run(password: str) -> bool:
    """Whether it is one run of keys, forwards, backwards or repeated."""
    for run in _RUNS:
        for line in (run, run[::-1]):
            if password in line * 3:
                return True
    return False


def _prepared(password: str) -> bytes:
    """One form for the same characters typed on different keyboards; cut where nobody types any more."""
    return unicodedata.normalize("NFKC", password[: 4 * LONGEST]).encode("utf-8", "surrogatepass")


@cache
def _nobody() -> str:
    """A hash that no password has been chosen for."""
    return _hasher.hash(b"\x00 nobody's password")


@contextmanager
def _turn() -> Iterator[None]:
    """Two hashes at a time, a few waiting; more are told to come again: a flood takes neither memory nor all threads."""
    if not _queue.acquire(blocking=False):
        raise _busy()
    try:
        if not _running.acquire(timeout=PATIENCE_S):
            raise _busy()
        try:
            yield
        finally:
            _running.release()
    finally:
        _queue.release()


def _busy() -> Unavailable:
    return Unavailable(
        "too many people are signing in at this moment", mend="try again in a few seconds", code="sign_in_busy", retry_after_s=5
    )
