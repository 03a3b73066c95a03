"""What names a person is taken out of what clients tell; what products, pages and orders are called stays."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.guard.privacy import Person, is_sensitive, may_hold_personal, person_of, scrub, scrub_text

PRODUCT = {"product_id": "p1", "sku": "13800138000", "name": "Green tea 绿茶", "brand": "Tea House", "price": 12.5, "quantity": 2}
CLEAN: list[dict[str, Any]] = [
    PRODUCT,
    {"order_id": "15912345678", "total": 47.8, "products": [PRODUCT, PRODUCT], "coupon": "SPRING=20"},
    {"name": "Home", "category": "Shop", "path": "/tea", "title": "Tea 2026", "url": "https://shop.test/tea?page=2&sort=price"},
    {"query": "oolong 2024", "list_id": "l1", "filters": [{"type": "price", "value": "10-20"}], "mobile": False},
    {"shop": {"name": "Tea House"}, "plan": {"name": "gold"}, "campaign": {"name": "spring sale", "source": "mail@"}},
    {"duration_ms": 1795291981828, "session": "da8b24d4-91f6-4129-822c-0f4edc60eb49", "at": "2026-11-21T20:13:01.828+08:00"},
    {"order_number": "13912345678", "tracking_number": "110105194912310021", "taobao_id": "1391234567891234567"},
    {"rating": 5, "text": "two @ 19.99 each; @teahouse", "ratio": 0.13800138000, "empty": None, "flags": [True, 1, 2.5, None]},
]


@pytest.mark.parametrize("properties", CLEAN)
def test_what_names_nobody_stays_as_it_is(properties: dict[str, Any]) -> None:
    assert scrub(properties) == (properties, {})


@pytest.mark.parametrize(
    "name",
    [
        "email",
        "e-mail",
        "Email",
        "userEmail",
        "customer_email",
        "$email",
        "phone",
        "mobile",
        "phone_number",
        "mobilePhone",
        "first_name",
        "firstName",
        "last_name",
        "address",
        "street",
        "shipping_address",
        "ip",
        "ip_address",
        "username",
        "id_card",
        "birthday",
        "身份证",
        "姓名",
        "手机",
        "手机号",
        "邮箱",
        "收货地址",
        "微信号",
    ],
)
def test_personal_names_of_properties_are_taken_out_in_any_spelling(name: str) -> None:
    clean, personal = scrub({"product_id": "p1", name: "x y"})

    assert clean == {"product_id": "p1"}
    assert personal == {name: "x y"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("write to mei.wang+tea@example.com now", "write to [email] now"),
        ("邮箱mei@example.com谢谢", "邮箱[email]谢谢"),
        ("用户@例子.广告", "[email]"),
        ("ｍ@ ＠ １３８００１３８０００", "ｍ@ @ [phone]"),
        ("call 13800138000", "call [phone]"),
        ("电话138 0013 8000。", "电话[phone]。"),
        ("+86 138-0013-8000", "[phone]"),
        ("8613800138000", "[phone]"),
        ("+44 (20) 7946 0958", "[phone]"),
        ("id 11010519491231002X", "id [id_card]"),
        ("id 110105194912310021", "id 110105194912310021"),  # the check digit is wrong: some other number
        ("https://shop.test/?email=mei%40example.com&page=2", "https://shop.test/?email=[email]&page=2"),
        ("https://shop.test/?first_name=Mei&tel=%2B8613800138000#x", "https://shop.test/?first_name=[personal]&tel=[phone]#x"),
        ("/reset?password=hunter2&step=1", "/reset?password=[refused]&step=1"),
        ("13800138000123", "13800138000123"),
        ("price 1.13800138000", "price 1.13800138000"),
        ("2 @ 19.99", "2 @ 19.99"),
    ],
)
def test_contacts_inside_of_texts_are_replaced_by_marks(text: str, expected: str) -> None:
    assert scrub_text(text) == expected
    assert scrub_text(expected) == expected
    assert scrub({"query": text})[0] == {"query": expected}


def test_the_name_of_a_person_is_personal_and_the_name_of_a_thing_is_not() -> None:
    told = {"name": "Tea", "customer": {"name": "Mei", "tier": "gold", "store": {"name": "West Lake"}}, "buyer": [{"name": "Bo"}]}

    assert scrub(told) == (
        {"name": "Tea", "customer": {"tier": "gold", "store": {"name": "West Lake"}}, "buyer": [{}]},
        {"customer.name": "Mei", "buyer.name": "Bo"},
    )
    assert scrub({"name": "Mei", "vip": True}, traits=True) == ({"vip": True}, {"name": "Mei"})


def test_an_address_is_taken_out_whole() -> None:
    told = {"shipping_address": {"street": "West Lake Road 7", "city": "Hangzhou", "geo": [1.5, 2]}, "total": 3}

    assert scrub(told) == ({"total": 3}, {"shipping_address": "West Lake Road 7, Hangzhou, 1.5, 2"})


def test_secrets_and_sensitive_things_are_kept_nowhere_unless_the_shop_has_decided_so() -> None:
    told = {"password": "hunter2", "card_number": "4111111111111111", "religion": "none", "健康状况": "x", "is_minor": True}

    assert scrub(told) == (dict.fromkeys(told, "[refused]"), {})
    assert scrub({"religion": "none", "cvv": "123"}, allowed={"religion"}) == ({"religion": "none", "cvv": "[refused]"}, {})
    assert is_sensitive("Sexual Orientation")
    assert not is_sensitive("colour")


def test_numbers_that_are_mobiles_and_names_that_are_contacts_are_marked() -> None:
    assert scrub({"contact": 13800138000, "order_id": 13800138000}) == ({"contact": "[phone]", "order_id": 13800138000}, {})
    assert scrub({"mei@example.com": True, "x": [["13800138000"]]}) == ({"[email]": True, "x": [["[phone]"]]}, {})
    assert scrub({"order_id": "mei@example.com-1"}) == ({"order_id": "[email]-1"}, {})


def test_traits_become_a_person() -> None:
    traits = {
        "email": "mei@example.com",
        "firstName": "Mei",
        "lastName": "Wang",
        "phone": 13800138000,
        "address": {"street": "Road 7", "city": "Hangzhou"},
        "username": "mei_w",
        "birthday": "1987-03-01",
        "vip": True,
        "company": {"name": "ACME"},
    }
    expected = Person(
        customer_id="u1",
        name="Mei Wang",
        email="mei@example.com",
        phone="13800138000",
        address="Road 7, Hangzhou",
        account="mei_w",
        other={"birthday": "1987-03-01"},
    )

    assert person_of("u1", traits) == expected
    assert person_of("u1", scrub(traits, traits=True)[1]) == expected
    assert person_of("u1", {"name": "王梅"}) == Person(customer_id="u1", name="王梅")
    assert person_of("u1", {"vip": True, "plan": {"name": "gold"}}) is None


def test_hostile_texts_cost_no_more_than_their_length() -> None:
    began = time.perf_counter()
    for text in ("a" * 32_000 + "@", "1" * 32_000, "+1" * 16_000, "a@" * 16_000, "?a=" * 10_000, "138 " * 8_000, "%40" * 10_000):
        scrub({"query": text})
    deep: dict[str, Any] = {"query": "x@y.example"}
    for _ in range(400):
        deep = {"more": deep}
    assert "example" not in str(scrub(deep)[0])

    assert time.perf_counter() - began < 5


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**15), 10**15),
    st.floats(allow_nan=False),
    st.text(max_size=20),
    st.sampled_from(["mei@example.com", "138 0013 8000", "x?email=a%40b.cn&y=1", "+44 20 7946 0958", "11010519491231002X", "３８"]),
)
NAMES = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["name", "email", "firstName", "user", "products", "total", "姓名", "手机", "mobile", "order_id", "religion", "traits"]
    ),
)
TOLD = st.dictionaries(
    NAMES,
    st.recursive(
        LEAVES, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)), max_leaves=8
    ),
    max_size=6,
)


@settings(max_examples=300)
@given(TOLD)
def test_what_was_scrubbed_is_clean(told: dict[str, Any]) -> None:
    clean, _ = scrub(told)

    again, personal = scrub(clean)

    assert again == clean
    assert personal == {}
    assert "mei@example.com" not in json.dumps(clean)


@settings(max_examples=150)
@given(st.lists(TOLD, max_size=4), st.booleans())
def test_raw_json_that_is_passed_as_clean_is_clean(told: list[dict[str, Any]], escaped: bool) -> None:
    raws = [json.dumps({"properties": one}, ensure_ascii=escaped).encode("utf-8", "surrogatepass") for one in told]

    for raw, suspect in zip(raws, may_hold_personal(raws).to_pylist(), strict=True):
        if not suspect:
            properties = json.loads(raw)["properties"]
            assert scrub(properties) == (properties, {}), raw


def test_raw_json_of_everyday_events_is_passed_without_a_closer_look() -> None:
    raws = [json.dumps(properties).encode() for properties in (*CLEAN[2:4], *CLEAN[5:6], {**PRODUCT, "sku": "t-1"})]

    assert may_hold_personal(raws).to_pylist() == [False] * len(raws)
