"""The master key: made once, kept closed, never used itself, and no value opens in another row's place."""

from __future__ import annotations

import base64
import multiprocessing
import os
import pickle
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.access import Keyring
from regulars.access.keys import join
from regulars.errors import InvalidInput, Unavailable


def test_the_key_file_is_made_once_for_the_owner_only(tmp_path: Path) -> None:
    first = Keyring.open(tmp_path / "new", {})

    again = Keyring.open(tmp_path / "new", {})

    assert again.key("audit") == first.key("audit")
    assert stat.S_IMODE((tmp_path / "new/master.key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["master.key"]


def test_the_environment_comes_before_the_file(tmp_path: Path) -> None:
    given_key = os.urandom(32)

    as_base64 = Keyring.open(tmp_path, {"REGULARS_MASTER_KEY": base64.b64encode(given_key).decode()})
    as_hex = Keyring.open(tmp_path, {"REGULARS_MASTER_KEY": given_key.hex()})

    assert as_base64.key("audit") == as_hex.key("audit") != Keyring.open(tmp_path, {}).key("audit")


@pytest.mark.parametrize("text", ["short", "x" * 64, base64.b64encode(b"too short").decode(), "ключ"])
def test_a_key_of_another_form_is_refused_without_repeating_it(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Keyring.open(tmp_path, {"REGULARS_MASTER_KEY": text})

    assert text not in str(refusal.value)


def test_a_key_file_others_can_read_is_refused(tmp_path: Path) -> None:
    Keyring.open(tmp_path, {})
    (tmp_path / "master.key").chmod(0o644)

    with pytest.raises(Unavailable, match="chmod 600"):
        Keyring.open(tmp_path, {})


def _key_in(folder: str) -> bytes:
    return Keyring.open(Path(folder), {}).key("audit")


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        keys = pool.map(_key_in, [str(tmp_path)] * 16)

    assert len(set(keys)) == 1


def test_each_purpose_has_its_own_key() -> None:
    keyring = Keyring.random()

    assert len({keyring.key(purpose) for purpose in ("audit", "blind index", "customer keys", "operator")}) == 4


def test_a_sealed_value_opens_only_for_its_purpose_and_row() -> None:
    keyring = Keyring.random()
    sealed = keyring.seal("operator", "梅 Mei", bound_to="operator_1")

    assert keyring.unseal("operator", sealed, bound_to="operator_1").decode() == "梅 Mei"
    wrong = [(keyring, "operator", "operator_2"), (keyring, "audit", "operator_1"), (Keyring.random(), "operator", "operator_1")]
    for other, purpose, row in wrong:
        with pytest.raises(Unavailable, match="master key"):
            other.unseal(purpose, sealed, bound_to=row)


def test_a_keyring_shows_and_gives_away_nothing() -> None:
    keyring = Keyring.random()

    assert repr(keyring) == "Keyring(...)"
    with pytest.raises(TypeError):
        pickle.dumps(keyring)


@given(st.lists(st.text(max_size=5), max_size=4), st.lists(st.text(max_size=5), max_size=4))
def test_parts_never_run_into_each_other(left: list[str], right: list[str]) -> None:
    assert (join(*left) == join(*right)) == (left == right)
