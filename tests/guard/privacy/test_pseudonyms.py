"""Pseudonyms: equal for every spelling of one contact, different for everything else, and telling nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.access import Keyring
from regulars.guard.privacy import Kind, normalise, pseudonym, pseudonyms

KEYRING = Keyring(bytes(range(32)))


@pytest.mark.parametrize(
    ("kind", "spellings"),
    [
        ("email", ["mei@example.com", " Mei@Example.COM ", "ｍｅｉ@example.com"]),
        ("phone", ["13800138000", "138 0013 8000", "+86 138-0013-8000", "0086 13800138000", "１３８００１３８０００"]),
        ("phone", ["+44 20 7946 0958", "0044 (20) 7946-0958"]),
        ("account", ["Mei_W", "mei_w", " mei_w "]),
        ("name", ["Wang  Mei", "wang mei"]),
    ],
)
def test_every_spelling_of_a_contact_is_one_customer(kind: Kind, spellings: list[str]) -> None:
    found = pseudonyms(KEYRING, "tea", spellings, kind)

    assert len(set(found)) == 1
    assert re.fullmatch(r"c_[0-9a-f]{20}", found[0])


def test_another_shop_kind_or_installation_gives_another_pseudonym() -> None:
    found = {
        pseudonym(KEYRING, "tea", "13800138000", "phone"),
        pseudonym(KEYRING, "coffee", "13800138000", "phone"),
        pseudonym(KEYRING, "tea", "13800138000", "account"),
        pseudonym(Keyring(bytes(32)), "tea", "13800138000", "phone"),
    }

    assert len(found) == 4


@pytest.mark.parametrize(
    ("text", "kind"), [("", "email"), ("   ", "account"), ("none", "email"), ("n/a", "phone"), ("12", "phone")]
)
def test_what_is_no_contact_has_no_pseudonym(text: str, kind: Kind) -> None:
    assert pseudonym(KEYRING, "tea", text, kind) == ""


@given(st.text(max_size=40), st.sampled_from(["email", "phone", "account", "name"]))
def test_the_normal_form_is_normal(text: str, kind: Kind) -> None:
    once = normalise(text, kind)

    assert normalise(once, kind) == once


@given(st.lists(st.text(max_size=8), max_size=30))
def test_a_list_gives_what_each_alone_gives(values: list[str]) -> None:
    assert pseudonyms(KEYRING, "tea", values, "account") == [pseudonym(KEYRING, "tea", value, "account") for value in values]


def test_pseudonyms_stay_the_same_for_ever() -> None:
    assert pseudonym(KEYRING, "tea", "mei@example.com", "email") == "c_e2ebfd41965f0d4f623c"
