"""Referrals: the order of a new customer counts, rewards wait for its return window, and who invites themselves is seen."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from regulars.access import Caller, Keyring, Shop, audit
from regulars.collect import identity
from regulars.errors import Conflict, InvalidInput, NotFound
from regulars.guard import privacy
from regulars.guard.privacy import Person
from regulars.offer import promotions, referrals
from regulars.offer.promotions.tables import coupon
from regulars.offer.referrals import ReferralProgramme, Reward
from regulars.offer.referrals.domain import ReferralOrder, Terms, bought_before
from regulars.offer.referrals.service import CHECKS
from regulars.offer.referrals.tables import referral, referral_code, referral_reward
from regulars.records import Records, UnitOfWork, outbox
from regulars.warehouse import Warehouse
from regulars.work import CheckContext
from tests.offer.conftest import NOON
from tests.support.rows import put

DAY = timedelta(days=1)


@pytest.fixture
def programme(any_records: Records, shell: Caller, shop: Shop, clock: time_machine.Traveller) -> ReferralProgramme:
    with any_records.unit() as uow:
        return arrange(uow, shell, shop)


def arrange(uow: UnitOfWork, shell: Caller, shop: Shop, **more: Any) -> ReferralProgramme:
    wish: dict[str, Any] = {"name": "Bring a friend", "referrer": Reward(kind="points", points=500)}
    wish |= {"friend": Reward(kind="coupon", coupon="WELCOME20"), "min_order_minor": 5_000, "starts_at": NOON}
    return referrals.arrange(uow, shell, shop, **(wish | {"link": "https://shop.example/hi"} | more))


def brought(records: Records, keyring: Keyring, programme: ReferralProgramme, friend: str, **more: Any) -> referrals.Referral:
    with records.unit() as uow:
        code = referrals.invite(uow, "tea", programme.programme_id, customer_id="u1").code
        return referrals.claim(uow, keyring, "tea", code=code, customer_id=friend, **more)


def ordered(warehouse: Warehouse, customer_id: str, order_id: str, at: datetime, minor: int, **more: Any) -> None:
    row = {"shop_id": "tea", "order_id": order_id, "customer_id": customer_id, "ordered_at": at.replace(tzinfo=None)}
    put(warehouse, "orders", [row | {"status": "placed", "currency": "CNY", "total_minor": minor} | more])


def state_of(records: Records, referral_id: str) -> referrals.Referral:
    with records.reading() as view:
        return referrals.one(view, "tea", referral_id)


def test_both_are_rewarded_once_after_the_return_window_and_not_before(
    any_records: Records, warehouse: Warehouse, keyring: Keyring, shop: Shop, programme: ReferralProgramme, home: Path,
    clock: time_machine.Traveller,
) -> None:  # fmt: skip
    found = brought(any_records, keyring, programme, "u2")
    ordered(warehouse, "u2", "small", NOON + DAY, 4_999)
    ordered(warehouse, "u2", "o1", NOON + 2 * DAY, 12_000)
    put(warehouse, "refunds", [{"shop_id": "tea", "refund_id": "f1", "order_id": "o1", "amount_minor": 2_000}])

    clock.move_to(NOON + 3 * DAY)
    first = referrals.settle(any_records, warehouse, keyring, shop)
    waiting = state_of(any_records, found.referral_id)
    clock.move_to(NOON + 16 * DAY)
    second = referrals.settle(any_records, warehouse, keyring, shop)
    third = referrals.settle(any_records, warehouse, keyring, shop)

    assert (first.ordered, first.rewarded) == (1, 0)
    assert (waiting.state, waiting.order_id, waiting.order_minor, waiting.due_at) == ("ordered", "o1", 10_000, NOON + 16 * DAY)
    assert (second.rewarded, third) == (1, referrals.Settled())
    with any_records.unit() as uow:
        due = referrals.rewards(uow, "tea")
        told = [row["customer_id"] for row in uow.rows(select(outbox).where(outbox.c.event == "Referral Reward Due"))]
        given_ = [referrals.grant(uow, "tea", due[0].reward_id, by="loyalty") for _ in range(2)]
        left = referrals.rewards(uow, "tea")
        granted = uow.rows(select(outbox).where(outbox.c.event == "Referral Reward Granted"))
        assert referrals.get(uow, "tea", programme.programme_id).counts == {"rewarded": 1}
    assert sorted((one.customer_id, one.side, one.points, one.coupon) for one in due) == [
        ("u1", "referrer", 500, None),
        ("u2", "friend", None, "WELCOME20"),
    ]
    assert sorted(told) == ["u1", "u2"]
    assert given_[0] == given_[1]
    assert (len(left), len(granted)) == (1, 1)
    context = CheckContext(records=any_records, warehouse=warehouse, home=home)
    assert [problem for check in CHECKS for problem in check.run(context)] == []


@pytest.mark.parametrize(
    ("what", "state", "reason"),
    [("returned", "refused", "returned"), ("cancelled", "refused", "returned"), ("before", "refused", "not_new_customer"), ("nothing", "lapsed", "")],
)  # fmt: skip
def test_what_does_not_count_is_not_rewarded(
    any_records: Records, warehouse: Warehouse, keyring: Keyring, shop: Shop, programme: ReferralProgramme,
    clock: time_machine.Traveller, what: str, state: str, reason: str,
) -> None:  # fmt: skip
    found = brought(any_records, keyring, programme, "u2")
    if what == "before":
        ordered(warehouse, "u2", "o0", NOON - DAY, 100)
    if what != "nothing":
        ordered(warehouse, "u2", "o1", NOON + DAY, 12_000)
    clock.move_to(NOON + 2 * DAY)
    referrals.settle(any_records, warehouse, keyring, shop)
    if what == "returned":
        put(warehouse, "refunds", [{"shop_id": "tea", "refund_id": "f1", "order_id": "o1", "amount_minor": 9_000}])
    if what == "cancelled":
        warehouse.update("orders", {"status": "cancelled"}, lambda t: t.order_id == "o1")
    clock.move_to(NOON + 31 * DAY)

    referrals.settle(any_records, warehouse, keyring, shop)

    after = state_of(any_records, found.referral_id)
    assert after.state == state
    assert after.reasons == ([reason] if reason else [])
    with any_records.reading() as view:
        assert referrals.rewards(view, "tea") == []


def test_signals_of_one_person_wait_for_an_operator_who_may_overrule(
    any_records: Records, warehouse: Warehouse, keyring: Keyring, shell: Caller, shop: Shop, programme: ReferralProgramme,
    clock: time_machine.Traveller,
) -> None:  # fmt: skip
    with any_records.unit() as uow:
        people = [
            Person(customer_id="u1", email="Mei@Example.com", phone="138 0013 8000", address="Hangzhou, West Lake Rd. 1"),
            Person(customer_id="u2", email="mei@example.com", address="HANGZHOU  West-Lake Rd 1"),
            Person(customer_id="u3", phone="+86 13800138000"),
        ]
        privacy.remember(uow, keyring, "tea", people)
    one = brought(any_records, keyring, programme, "u2", visitor_id="phone-1")
    two = brought(any_records, keyring, programme, "u3", visitor_id="phone-1", address="hangzhou west lake rd 1")
    honest = brought(any_records, keyring, programme, "u4", visitor_id="phone-2", address="Shanghai")
    for number, who in enumerate(("u2", "u3", "u4")):
        ordered(warehouse, who, f"o{number}", NOON + DAY, 12_000)
    clock.move_to(NOON + 16 * DAY)
    done = referrals.settle(any_records, warehouse, keyring, shop)

    assert one.reasons == ["same_email", "same_address"]
    assert two.reasons == ["same_phone", "same_address", "device_shared"]
    assert (done.rewarded, done.review) == (1, 2)
    assert state_of(any_records, honest.referral_id).state == "rewarded"
    with any_records.unit() as uow:
        allowed = referrals.decide(uow, shell, "tea", one.referral_id, allow=True, note="Mother and daughter")
        denied = referrals.decide(uow, shell, "tea", two.referral_id, allow=False)
        with pytest.raises(Conflict, match="is rewarded"):
            referrals.decide(uow, shell, "tea", one.referral_id, allow=False)
        due = {(reward.referral_id, reward.side) for reward in referrals.rewards(uow, "tea")}
        trail = [entry.action for entry in audit.entries(uow)]
    assert (allowed.state, allowed.cleared, allowed.note) == ("rewarded", True, "Mother and daughter")
    assert set(allowed.reasons) >= {"same_email", "same_address"}  # kept though overruled
    assert (denied.state, denied.reasons[-1]) == ("refused", "operator")
    assert {referral_id for referral_id, _ in due} == {one.referral_id, honest.referral_id}
    assert {"referral.allowed", "referral.refused"} <= set(trail)


def test_nobody_invites_themselves_also_when_it_turns_out_later(
    any_records: Records, warehouse: Warehouse, keyring: Keyring, shop: Shop, programme: ReferralProgramme,
    clock: time_machine.Traveller,
) -> None:  # fmt: skip
    with pytest.raises(Conflict) as why:
        brought(any_records, keyring, programme, "u1")
    later = brought(any_records, keyring, programme, "u2")
    ordered(warehouse, "u1", "o1", NOON + DAY, 12_000)
    with any_records.unit() as uow:
        for merger in identity.MERGERS:
            merger(uow, "tea", {"u2": "u1"})
    clock.move_to(NOON + 16 * DAY)
    referrals.settle(any_records, warehouse, keyring, shop)

    assert why.value.code == "self_referral"
    found = state_of(any_records, later.referral_id)
    assert (found.state, found.reasons) == ("refused", ["same_customer"])


def test_the_cap_of_one_who_brings_holds_and_the_friend_is_rewarded_all_the_same(
    any_records: Records, warehouse: Warehouse, keyring: Keyring, shell: Caller, shop: Shop, clock: time_machine.Traveller
) -> None:
    with any_records.unit() as uow:
        capped = arrange(uow, shell, shop, max_per_referrer=2)
    for number in range(3):
        brought(any_records, keyring, capped, f"u{number + 2}")
        ordered(warehouse, f"u{number + 2}", f"o{number}", NOON + DAY, 12_000)
    clock.move_to(NOON + 16 * DAY)
    referrals.settle(any_records, warehouse, keyring, shop)

    with any_records.reading() as view:
        sides = [one.side for one in referrals.rewards(view, "tea")]
        reasons = sorted(one.reasons for one in referrals.referrals(view, "tea"))
    assert (sides.count("referrer"), sides.count("friend")) == (2, 3)
    assert reasons == [[], [], ["referrer_cap"]]


def test_a_coupon_is_given_once_and_one_that_nobody_knows_waits_for_the_shop(
    any_records: Records, warehouse: Warehouse, keyring: Keyring, shell: Caller, shop: Shop, programme: ReferralProgramme,
    clock: time_machine.Traveller,
) -> None:  # fmt: skip
    with any_records.unit() as uow:
        definition = {"layer": "platform_coupon", "effect": {"kind": "amount", "minor": 1000}}
        promotions.make(uow, shell, shop, name="Welcome", definition=definition, kind="coupon", promotion_id="welcome")
        ours = arrange(uow, shell, shop, friend=Reward(kind="coupon", coupon="welcome"))
    brought(any_records, keyring, programme, "u2")
    brought(any_records, keyring, ours, "u3")
    for who in ("u2", "u3"):
        ordered(warehouse, who, f"o-{who}", NOON + DAY, 12_000)
    clock.move_to(NOON + 16 * DAY)
    referrals.settle(any_records, warehouse, keyring, shop)

    given_ = [referrals.give(any_records, keyring, shop) for _ in range(2)]

    with any_records.reading() as view:
        left = [one.coupon for one in referrals.rewards(view, "tea") if one.side == "friend"]
        held = view.rows(select(coupon.c.customer_id, coupon.c.promotion_id))
    assert given_ == [1, 0]
    assert left == ["WELCOME20"]
    assert [(row["customer_id"], row["promotion_id"]) for row in held] == [("u3", "welcome")]


def test_a_code_is_one_for_each_customer_and_a_claim_one_for_each_friend(
    any_records: Records, keyring: Keyring, shell: Caller, programme: ReferralProgramme, clock: time_machine.Traveller
) -> None:
    with any_records.unit() as uow:
        first = referrals.invite(uow, "tea", programme.programme_id, customer_id="u1")
        assert referrals.invite(uow, "tea", programme.programme_id, customer_id="u1") == first
        other = referrals.invite(uow, "tea", programme.programme_id, customer_id="u9")
        told = referrals.claim(uow, keyring, "tea", code=f" {first.code.lower()} ", customer_id="u2")
        assert referrals.claim(uow, keyring, "tea", code=first.code, customer_id="u2") == told
        with pytest.raises(Conflict) as twice:
            referrals.claim(uow, keyring, "tea", code=other.code, customer_id="u2")
        with pytest.raises(NotFound):
            referrals.claim(uow, keyring, "tea", code="NOBODY", customer_id="u2")
        referrals.end(uow, shell, "tea", programme.programme_id)
        with pytest.raises(Conflict) as over:
            referrals.claim(uow, keyring, "tea", code=other.code, customer_id="u3")

    assert first.link == f"https://shop.example/hi?ref={first.code}"
    assert (twice.value.code, over.value.code) == ("already_referred", "ended")


def test_who_is_erased_is_named_nowhere(
    any_records: Records, warehouse: Warehouse, keyring: Keyring, shell: Caller, shop: Shop, programme: ReferralProgramme, home: Path,
    clock: time_machine.Traveller,
) -> None:  # fmt: skip
    brought(any_records, keyring, programme, "u2", visitor_id="phone-1", address="Hangzhou")
    ordered(warehouse, "u2", "o1", NOON + DAY, 12_000)
    clock.move_to(NOON + 16 * DAY)
    referrals.settle(any_records, warehouse, keyring, shop)

    privacy.erase(any_records, warehouse, home, shell, "tea", "u2")

    with any_records.reading() as view:
        rows = [dict(row) for table in (referral_code, referral, referral_reward) for row in view.rows(select(table))]
    assert not [row for row in rows if "u2" in (row["customer_id"], row["named_as"])]
    assert {(row["device"], row["address_digest"]) for row in rows if "device" in row} == {("", "")}


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"referrer": None, "friend": None},
        {"friend": Reward(kind="points", points=0)},
        {"friend": Reward(kind="coupon")},
        {"claim_days": 0},
        {"min_order_minor": -1},
        {"link": "javascript:alert(1)"},
        {"ends_at": NOON},
    ],
)
def test_a_programme_that_cannot_mean_anything_is_refused(
    any_records: Records, shell: Caller, shop: Shop, clock: time_machine.Traveller, wrong: dict[str, Any]
) -> None:
    with any_records.unit() as uow, pytest.raises(InvalidInput) as why:
        arrange(uow, shell, shop, **wrong)

    assert why.value.mend


@given(orders=st.lists(st.tuples(st.integers(-40, 80), st.integers(0, 200)), max_size=6))
def test_the_order_that_counts_is_the_first_big_enough_in_time(orders: list[tuple[int, int]]) -> None:
    terms = Terms(claim_days=30, return_days=14, min_order_minor=100)
    told = [
        ReferralOrder(order_id=f"o{number}", ordered_at=NOON + day * DAY, net_minor=minor)
        for number, (day, minor) in enumerate(orders)
    ]

    found = terms.order_that_counts(told, NOON)

    fit = [one for one in told if NOON <= one.ordered_at < NOON + 30 * DAY and one.net_minor >= 100]
    assert (found is None) == (not fit)
    assert found is None or found in fit
    assert found is None or all(found.ordered_at <= one.ordered_at for one in fit)
    assert bought_before(told, NOON) == any(day < 0 for day, _ in orders)
