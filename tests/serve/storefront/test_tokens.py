"""Tokens of customers: what is signed is believed until it ends, and nothing else is; the lines given to shops sign the same."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from regulars.errors import InvalidInput, NotAllowed
from regulars.serve.storefront import snippets
from regulars.serve.storefront.domain.facts import address_of, badge_of, money_text
from regulars.serve.storefront.domain.tokens import LONGEST_MINUTES, customer_of, sign
from regulars.values.money import Money

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SECRET = "rg_sign_test"


def refused(token: str, *, secret: str = SECRET, now: datetime = NOW) -> str:
    with pytest.raises(NotAllowed) as error:
        customer_of(secret, token, now)
    return error.value.code


@pytest.mark.parametrize("customer", ["17850", "li@example.com", "客户 7", "a.b.c", "x" * 200])
def test_a_signed_token_names_its_customer(customer: str) -> None:
    assert customer_of(SECRET, sign(SECRET, customer, NOW + timedelta(minutes=15)), NOW) == customer


def test_a_token_ends_and_may_not_be_made_to_live_long() -> None:
    token = sign(SECRET, "17850", NOW + timedelta(minutes=15))

    assert refused(token, now=NOW + timedelta(minutes=15)) == "token_expired"
    assert refused(sign(SECRET, "17850", NOW + timedelta(minutes=LONGEST_MINUTES + 3))) == "token_too_long"


def test_no_other_token_is_believed() -> None:
    token = sign(SECRET, "17850", NOW + timedelta(minutes=15))
    version, expires, name, signature = token.split(".")
    other = sign(SECRET, "17851", NOW + timedelta(minutes=15)).split(".")[2]

    assert refused(token, secret="rg_sign_other") == "bad_token"
    forged = [
        "", "x", token + "0", token[:-1], token.upper(), f" {token}", f"{token}\n",
        f"{version}.{int(expires) + 60}.{name}.{signature}",
        f"{version}.{expires}.{other}.{signature}",
        f"v2.{expires}.{name}.{signature}",
        f"{version}.{expires}.{name}.{'0' * 64}",
        f"{version}.{expires}.{name}",
    ]  # fmt: skip
    assert {refused(one) for one in forged} == {"bad_token"}


def test_nobody_cannot_be_named() -> None:
    for nobody in ("", "  ", "x" * 201):
        with pytest.raises(InvalidInput):
            sign(SECRET, nobody, NOW)


@time_machine.travel(NOW, tick=False)
def test_the_lines_for_a_python_server_sign_what_is_believed() -> None:
    room: dict[str, object] = {}
    exec(snippets.PYTHON, room)

    token = room["customer_token"](SECRET, "客户 7")  # type: ignore[operator]

    assert customer_of(SECRET, token, NOW) == "客户 7"
    assert token == sign(SECRET, "客户 7", NOW + timedelta(minutes=15))


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_lines_for_a_node_server_sign_what_is_believed() -> None:
    script = snippets.NODE + "\nconsole.log(customerToken('rg_sign_test', '客户 7'));"

    done = subprocess.run(["node", "--input-type=module", "-e", script], capture_output=True, text=True, check=True)

    assert customer_of(SECRET, done.stdout.strip(), datetime.now(UTC)) == "客户 7"


def test_only_addresses_of_the_web_are_put_into_pages() -> None:
    site = ("https://tea.example", "https://m.tea.example")

    assert address_of("https://tea.example/p?a=1&b=2", site) == "https://tea.example/p?a=1&b=2"
    assert address_of("/p/longjing", site) == "https://tea.example/p/longjing"
    for bad in (
        None, "", "javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "//evil.example/p", "/\\evil.example", "p/1", "https://",
        "https://user@evil.example/", "https://tea.example/\np", "x" * 3000, "ftp://tea.example", "https://[bad",
    ):  # fmt: skip
        assert address_of(bad, site) is None, bad
    assert address_of("/p/longjing", ()) is None


def test_a_badge_says_what_is_most_worth_saying() -> None:
    low, high = Money(9_900, "CNY"), Money(12_000, "CNY")

    assert badge_of(in_stock=False, price=low, list_price=high, new=True) == "sold_out"
    assert badge_of(in_stock=True, price=low, list_price=high, new=True) == "sale"
    assert badge_of(in_stock=True, price=high, list_price=high, new=True) == "new"
    assert badge_of(in_stock=True, price=low, list_price=Money(12_000, "USD"), new=False) is None
    assert (money_text(low), money_text(Money(1_200, "JPY")), money_text(None)) == ("¥99.00", "JP¥1,200", None)
