"""Group buys: what time and members make of a group, on the domain by itself and on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from regulars.access import Caller, Shop
from regulars.collect import identity
from regulars.errors import Conflict, InvalidInput
from regulars.guard import privacy
from regulars.offer import group_buys
from regulars.offer.group_buys import GroupBuy, domain
from regulars.offer.group_buys.domain import Group, settled
from regulars.offer.group_buys.service import CHECKS
from regulars.offer.group_buys.tables import group_buy_refund, group_buy_seat
from regulars.records import Records, UnitOfWork, outbox
from regulars.warehouse import Warehouse
from regulars.work import CheckContext
from tests.offer.conftest import NOON

HOUR = timedelta(hours=1)


def arrange(uow: UnitOfWork, shell: Caller, shop: Shop, **more: Any) -> GroupBuy:
    wish = {"name": "Three for tea", "product_id": "longjing", "price_minor": 8_800, "size": 3}
    return group_buys.arrange(uow, shell, shop, **(wish | {"starts_at": NOON, "ends_at": NOON + timedelta(days=7)} | more))


def opened(uow: UnitOfWork, offer: GroupBuy, leader: str = "a", group_id: str = "g1") -> None:
    group_buys.open_group(uow, "tea", offer.offer_id, customer_id=leader, group_id=group_id)
    group_buys.pay(uow, "tea", group_id, customer_id=leader)


def told(uow: UnitOfWork) -> list[tuple[str, datetime]]:
    rows = uow.rows(select(outbox).order_by(outbox.c.position))
    return [(row["event"].removeprefix("Group Buy "), row["timestamp"]) for row in rows if row["event"].startswith("Group Buy ")]


def test_a_group_that_is_not_complete_fails_at_its_deadline_and_owes_what_was_paid(
    any_records: Records, shell: Caller, shop: Shop, clock: time_machine.Traveller
) -> None:
    with any_records.unit() as uow:
        opened(uow, arrange(uow, shell, shop))
    clock.move_to(NOON + timedelta(hours=23, minutes=55))
    with any_records.unit() as uow:
        group_buys.join(uow, "tea", "g1", customer_id="b")
        group_buys.pay(uow, "tea", "g1", customer_id="b")
        group_buys.join(uow, "tea", "g1", customer_id="c")
    clock.move_to(NOON + timedelta(hours=24))  # paying exactly at the deadline is late
    with any_records.unit() as uow:
        late = group_buys.pay(uow, "tea", "g1", customer_id="c")
        again = group_buys.pay(uow, "tea", "g1", customer_id="c")
        state = group_buys.group(uow, "tea", "g1")
        due = group_buys.refunds(uow, "tea")
        happened = told(uow)

    assert (late.status, late.group) == ("refund_required", "failed")
    assert again == late
    assert [(one.customer_id, one.status) for one in state.members] == [
        ("a", "refunded"),
        ("b", "refunded"),
        ("c", "refund_required"),
    ]
    assert sorted((one.customer_id, one.reason, one.amount_minor) for one in due) == [
        ("a", "failed", 8_800),
        ("b", "failed", 8_800),
        ("c", "late", 8_800),
    ]
    assert ("Failed", NOON + timedelta(hours=24)) in happened
    with any_records.unit() as uow:
        back = [group_buys.refunded(uow, "tea", due[0].refund_id) for _ in range(2)]
        assert back[0] == back[1]
        assert len(group_buys.refunds(uow, "tea")) == 2
        assert [name for name, _ in told(uow)].count("Refunded") == 1


def test_a_job_that_comes_late_writes_what_had_happened_by_then(
    any_records: Records, shell: Caller, shop: Shop, clock: time_machine.Traveller
) -> None:
    with any_records.unit() as uow:
        opened(uow, arrange(uow, shell, shop))
        group_buys.join(uow, "tea", "g1", customer_id="b")
    clock.shift(timedelta(days=9))
    with any_records.unit() as uow:
        before = group_buys.group(uow, "tea", "g1")
        group_buys.settle(uow, "tea", "g1")
        group_buys.settle(uow, "tea", "g1")
        after = group_buys.group(uow, "tea", "g1")
        happened = told(uow)

    assert before == after
    assert after.closed_at == NOON + timedelta(hours=24)
    assert ("Lapsed", NOON + timedelta(minutes=10)) in happened
    assert [name for name, _ in happened].count("Failed") == 1


def test_another_leads_when_the_leader_leaves_and_nobody_leaves_a_success(
    any_records: Records, shell: Caller, shop: Shop, clock: time_machine.Traveller
) -> None:
    with any_records.unit() as uow:
        opened(uow, arrange(uow, shell, shop))
        for who in ("b", "c"):
            group_buys.join(uow, "tea", "g1", customer_id=who)
        group_buys.pay(uow, "tea", "g1", customer_id="c")
        gone = group_buys.leave(uow, "tea", "g1", customer_id="a")
        assert group_buys.leave(uow, "tea", "g1", customer_id="a") == gone
        led = group_buys.group(uow, "tea", "g1")
        group_buys.pay(uow, "tea", "g1", customer_id="b")
        group_buys.join(uow, "tea", "g1", customer_id="a")  # who left may come again
        last = group_buys.pay(uow, "tea", "g1", customer_id="a")
        with pytest.raises(Conflict) as why:
            group_buys.leave(uow, "tea", "g1", customer_id="b")
        done = group_buys.group(uow, "tea", "g1")

    assert (gone.status, gone.group, led.leader) == ("refunded", "open", "c")
    assert (last.status, last.group) == ("paid", "success")
    assert why.value.code == "group_not_open"
    assert [(one.customer_id, one.status, one.leader) for one in done.members] == [
        ("b", "paid", False),
        ("c", "paid", True),
        ("a", "paid", False),
    ]


def test_nobody_joins_before_the_leader_has_paid_and_an_unpaid_group_is_cancelled(
    any_records: Records, shell: Caller, shop: Shop, clock: time_machine.Traveller
) -> None:
    with any_records.unit() as uow:
        offer = arrange(uow, shell, shop)
        first = group_buys.open_group(uow, "tea", offer.offer_id, customer_id="a", group_id="g1")
        assert group_buys.open_group(uow, "tea", offer.offer_id, customer_id="a", group_id="g1") == first
        with pytest.raises(Conflict) as other:
            group_buys.open_group(uow, "tea", offer.offer_id, customer_id="b", group_id="g1")
        with pytest.raises(Conflict) as early:
            group_buys.join(uow, "tea", "g1", customer_id="b")
    clock.shift(timedelta(minutes=10))
    with any_records.unit() as uow:
        assert group_buys.group(uow, "tea", "g1").status == "cancelled"
        assert group_buys.pay(uow, "tea", "g1", customer_id="a").status == "refund_required"

    assert (other.value.code, early.value.code) == ("idempotency_conflict", "group_not_open")


def test_an_offer_that_is_over_opens_no_groups_and_open_ones_go_on(
    any_records: Records, shell: Caller, shop: Shop, clock: time_machine.Traveller
) -> None:
    with any_records.unit() as uow:
        offer = arrange(uow, shell, shop, starts_at=NOON + HOUR)
        with pytest.raises(Conflict, match="has not begun"):
            opened(uow, offer)
    clock.shift(HOUR)
    with any_records.unit() as uow:
        opened(uow, offer)
        ended = group_buys.end(uow, shell, "tea", offer.offer_id)
        with pytest.raises(Conflict, match="is over"):
            opened(uow, offer, "b", "g2")
        group_buys.join(uow, "tea", "g1", customer_id="b")

    assert (ended.phase, ended.open_groups) == ("ended", 1)


@pytest.mark.parametrize("wrong", [{"size": 1}, {"price_minor": -1}, {"window_s": 59}, {"pay_ttl_s": 90_000}, {"ends_at": NOON}])
def test_an_offer_that_cannot_mean_anything_is_refused(
    any_records: Records, shell: Caller, shop: Shop, clock: time_machine.Traveller, wrong: dict[str, Any]
) -> None:
    with any_records.unit() as uow, pytest.raises(InvalidInput) as why:
        arrange(uow, shell, shop, **wrong)

    assert why.value.mend


def test_sixteen_who_want_in_at_once_fill_the_seats_exactly(
    any_records: Records, shell: Caller, shop: Shop, warehouse: Warehouse, home: Any
) -> None:
    with any_records.unit() as uow:
        ages = {"starts_at": NOON - timedelta(days=9_000), "ends_at": NOON + timedelta(days=9_000)}
        opened(uow, arrange(uow, shell, shop, size=5, **ages))

    def want(number: int) -> str:
        try:
            with any_records.unit() as uow:
                group_buys.join(uow, "tea", "g1", customer_id=f"c{number}")
            with any_records.unit() as uow:
                return group_buys.pay(uow, "tea", "g1", customer_id=f"c{number}").status
        except Conflict as why:
            return str(why.code)

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(want, range(16)))
    with any_records.unit() as uow:
        state = group_buys.group(uow, "tea", "g1")

    assert (state.status, state.paid) == ("success", 5)
    assert answers.count("paid") == 4
    assert set(answers) <= {"paid", "group_full", "group_not_open"}
    context = CheckContext(records=any_records, warehouse=warehouse, home=home)
    assert [found for check in CHECKS for found in check.run(context)] == []


def test_seats_follow_their_customer_and_forget_who_is_erased(
    any_records: Records, shell: Caller, shop: Shop, warehouse: Warehouse, home: Any, clock: time_machine.Traveller
) -> None:
    with any_records.unit() as uow:
        opened(uow, arrange(uow, shell, shop), "u1")
        group_buys.join(uow, "tea", "g1", customer_id="u2")
        group_buys.pay(uow, "tea", "g1", customer_id="u2")
        group_buys.leave(uow, "tea", "g1", customer_id="u2")
        for merger in identity.MERGERS:
            merger(uow, "tea", {"u2": "u3"})
        moved = [row["customer_id"] for row in uow.rows(select(group_buy_seat.c.customer_id).order_by(group_buy_seat.c.place))]
        with pytest.raises(Conflict, match="no seat"):
            group_buys.pay(uow, "tea", "g1", customer_id="u2")
    privacy.erase(any_records, warehouse, home, shell, "tea", "u3")
    with any_records.unit() as uow:
        rows = [
            row for table in (group_buy_seat, group_buy_refund) for row in uow.rows(select(table.c.customer_id, table.c.named_as))
        ]

    assert moved == ["u1", "u3"]
    assert not {"u2", "u3"} & {value for row in rows for value in row.values()}
    assert len(rows) == 3


_ACTS = st.lists(
    st.tuples(st.sampled_from(["join", "pay", "pay", "leave", "wait"]), st.sampled_from("abcde"), st.integers(0, 900)), max_size=25
)


@settings(max_examples=300)
@given(acts=_ACTS)
def test_whatever_happens_seats_stay_within_the_size_and_every_payment_is_kept_or_owed(acts: list[tuple[str, str, int]]) -> None:
    """Any course of a group of 3: B2, B5, B6 hold after each act, a closed group changes no more, and time twice is time once."""
    at, number = NOON, 1
    seat = domain.held("s0", "a", "a", 1, 600, at)
    terms = {
        "price_minor": 100,
        "size": 3,
        "window_s": 3600,
        "pay_ttl_s": 600,
        "currency": "CNY",
        "product_id": "p",
        "offer_id": "o",
    }
    group = domain.opened(Group(group_id="g", status="pending", leader="s0", opened_at=at, **terms), seat)  # type: ignore[arg-type]
    for act, who, seconds in acts:
        at += timedelta(seconds=seconds)
        group = settled(group, at)
        over = group.status in ("success", "failed", "cancelled")
        try:
            if act == "join":
                after = domain.joined(group, f"s{number}", who, who, at)
                number += 1
            elif act == "pay":
                after = domain.paid(group, who, at)
            else:
                after = domain.left(group, who, at) if act == "leave" else group
        except Conflict:
            continue
        assert not over or (after.status, after.closed_at, after.leader) == (group.status, group.closed_at, group.leader)
        group = after
        assert settled(group, at) == group
        assert group.count("paid") + group.count("held") <= 3
        assert (group.status == "success") == (group.count("paid") == 3)
        sitting = [one.customer_id for one in group.seats if one.status in ("held", "paid")]
        assert len(sitting) == len(set(sitting))
        if group.status in ("failed", "cancelled"):
            assert not sitting
        for one in group.seats:
            assert (one.paid_at is not None) == (one.status in ("paid", "refunded", "refund_required"))
        if group.status == "open":
            assert group.leading().status == "paid"
