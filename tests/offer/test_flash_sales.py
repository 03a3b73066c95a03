"""Flash sales on both databases: units are taken and given back at their instant, and every way of telling twice is once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from regulars.access import Caller, Keyring, Shop
from regulars.collect import identity
from regulars.errors import Conflict, InvalidInput, RegularsError
from regulars.guard import privacy
from regulars.offer import flash_sales
from regulars.offer.flash_sales import FlashSale
from regulars.offer.flash_sales.domain import Window
from regulars.offer.flash_sales.tables import flash_reservation
from regulars.records import Records, UnitOfWork, outbox
from regulars.warehouse import Warehouse
from regulars.work import CheckContext
from regulars.work.jobs import claim
from tests.offer.conftest import NOON


def arrange(uow: UnitOfWork, shell: Caller, shop: Shop, **more: Any) -> FlashSale:
    wish = {"name": "Noon", "product_id": "longjing", "price_minor": 9_900, "stock": 3, "per_customer": 2}
    times = {"starts_at": NOON, "ends_at": NOON + timedelta(hours=2)}
    return flash_sales.arrange(uow, shell, shop, **(wish | times | more))


def refused(records: Records, sale: FlashSale, **what: Any) -> str:
    with records.unit() as uow, pytest.raises(Conflict) as why:
        flash_sales.reserve(uow, "tea", sale.sale_id, **what)
    return why.value.code


def healthy(records: Records, warehouse: Any, home: Any) -> bool:
    from regulars.offer.flash_sales.service import CHECKS

    context = CheckContext(records=records, warehouse=warehouse, home=home)
    return not [found for check in CHECKS for found in check.run(context)]


def test_a_reservation_is_taken_paid_and_told(
    any_records: Records, shell: Caller, shop: Shop, clock: time_machine.Traveller
) -> None:
    with any_records.unit() as uow:
        sale = arrange(uow, shell, shop)
        held = flash_sales.reserve(uow, "tea", sale.sale_id, customer_id="a", quantity=2, reservation_id="r1")
    clock.shift(timedelta(minutes=3))
    with any_records.unit() as uow:
        paid = flash_sales.pay(uow, "tea", sale.sale_id, "r1")
        again = flash_sales.pay(uow, "tea", sale.sale_id, "r1")
        now = flash_sales.get(uow, "tea", sale.sale_id)
        told = [row["event"] for row in uow.rows(select(outbox).order_by(outbox.c.position)) if row["event"].startswith("Flash")]

    assert (held.status, held.expires_at) == ("reserved", NOON + timedelta(minutes=15))
    assert paid.status == "sold"
    assert again == paid
    assert (now.phase, now.available, now.reserved, now.sold) == ("running", 1, 0, 2)
    assert told == ["Flash Sale Arranged", "Flash Sale Reserved", "Flash Sale Purchased"]


def test_time_refuses_before_the_limit_and_the_limit_before_the_stock(
    any_records: Records, shell: Caller, shop: Shop, clock: time_machine.Traveller
) -> None:
    with any_records.unit() as uow:
        sale = arrange(uow, shell, shop, stock=2, starts_at=NOON + timedelta(minutes=1))

    assert refused(any_records, sale, customer_id="a", quantity=5) == "not_started"
    clock.shift(timedelta(minutes=1))
    assert refused(any_records, sale, customer_id="a", quantity=3) == "customer_limit"
    with any_records.unit() as uow:
        flash_sales.reserve(uow, "tea", sale.sale_id, customer_id="a")
    assert refused(any_records, sale, customer_id="b", quantity=2) == "sold_out"
    clock.move_to(NOON + timedelta(hours=2))
    assert refused(any_records, sale, customer_id="b") == "ended"


def test_the_same_id_gives_the_first_answer_and_another_body_a_conflict(
    any_records: Records, shell: Caller, shop: Shop, clock: time_machine.Traveller
) -> None:
    with any_records.unit() as uow:
        sale = arrange(uow, shell, shop)
        first = flash_sales.reserve(uow, "tea", sale.sale_id, customer_id="a", reservation_id="r1")
    clock.shift(timedelta(hours=3))

    with any_records.unit() as uow:
        assert flash_sales.reserve(uow, "tea", sale.sale_id, customer_id="a", reservation_id="r1") == first
        assert flash_sales.reservation(uow, "tea", sale.sale_id, "r1").status == "expired"
    assert refused(any_records, sale, customer_id="b", reservation_id="r1") == "idempotency_conflict"
    assert refused(any_records, sale, customer_id="a", quantity=2, reservation_id="r1") == "idempotency_conflict"


def test_what_is_not_paid_is_free_at_its_instant_with_or_without_the_job(
    any_records: Records, shell: Caller, shop: Shop, clock: time_machine.Traveller
) -> None:
    with any_records.unit() as uow:
        sale = arrange(uow, shell, shop, stock=1)
        flash_sales.reserve(uow, "tea", sale.sale_id, customer_id="a", reservation_id="r1")
    clock.move_to(NOON + timedelta(seconds=899))
    assert refused(any_records, sale, customer_id="b") == "sold_out"

    clock.shift(timedelta(seconds=1))
    with any_records.unit() as uow:
        before = flash_sales.get(uow, "tea", sale.sale_id)
        due = claim(uow, "w", ["flash_sales.expire"])
        given_back = [flash_sales.expire(uow, "tea", sale.sale_id) for _ in range(2)]
        after = flash_sales.get(uow, "tea", sale.sale_id)
        told = uow.one(select(outbox).where(outbox.c.event == "Flash Sale Released"))
        flash_sales.reserve(uow, "tea", sale.sale_id, customer_id="b", reservation_id="r2")

    assert before == after
    assert before.available == 1
    assert due is not None
    assert given_back == [1, 0]
    assert told is not None
    assert told["timestamp"] == NOON + timedelta(seconds=900)


@pytest.mark.parametrize(
    ("meanwhile", "reason"),
    [("nothing", None), ("sold", "sold_out"), ("limit", "customer_limit"), ("over", "ended"), ("cancelled", "cancelled")],
)
def test_a_late_payment_buys_what_is_still_allowed_and_else_is_given_back(
    any_records: Records, shell: Caller, shop: Shop, clock: time_machine.Traveller, meanwhile: str, reason: str | None
) -> None:
    with any_records.unit() as uow:
        sale = arrange(uow, shell, shop, stock=2, per_customer=2)
        flash_sales.reserve(uow, "tea", sale.sale_id, customer_id="a", quantity=2, reservation_id="r1")
        if meanwhile == "cancelled":
            flash_sales.cancel(uow, "tea", sale.sale_id, "r1")
    clock.shift(timedelta(minutes=16))
    with any_records.unit() as uow:
        if meanwhile in ("sold", "limit"):
            flash_sales.reserve(uow, "tea", sale.sale_id, customer_id="b" if meanwhile == "sold" else "a", reservation_id="r2")
        if meanwhile == "over":
            clock.move_to(NOON + timedelta(hours=2))
        paid = flash_sales.pay(uow, "tea", sale.sale_id, "r1")
        again = flash_sales.pay(uow, "tea", sale.sale_id, "r1")
        state = flash_sales.get(uow, "tea", sale.sale_id)

    assert paid == again
    assert paid.reason == reason
    assert paid.late == (meanwhile != "cancelled")
    assert paid.status == ("sold" if reason is None else "refund_required")
    assert state.refunds_due == (reason is not None)
    with any_records.unit() as uow:
        refund = flash_sales.refund(uow, "tea", sale.sale_id, "r1")
        assert (refund.status, refund.returned_to_activity) == ("refunded", 0)
        assert flash_sales.refund(uow, "tea", sale.sale_id, "r1") == refund
        assert flash_sales.get(uow, "tea", sale.sale_id).sold == (2 if reason is None else 0)


def test_a_paid_reservation_is_not_cancelled_and_an_unpaid_one_not_refunded(
    any_records: Records, shell: Caller, shop: Shop, clock: time_machine.Traveller
) -> None:
    with any_records.unit() as uow:
        sale = arrange(uow, shell, shop)
        flash_sales.reserve(uow, "tea", sale.sale_id, customer_id="a", reservation_id="r1")
        with pytest.raises(Conflict, match="not paid"):
            flash_sales.refund(uow, "tea", sale.sale_id, "r1")
        flash_sales.pay(uow, "tea", sale.sale_id, "r1")
        with pytest.raises(Conflict, match="was paid"):
            flash_sales.cancel(uow, "tea", sale.sale_id, "r1")
        with pytest.raises(RegularsError, match="no reservation 'r9'"):
            flash_sales.pay(uow, "tea", sale.sale_id, "r9")


def test_the_stock_may_change_but_not_below_what_is_taken(
    any_records: Records, shell: Caller, shop: Shop, clock: time_machine.Traveller
) -> None:
    with any_records.unit() as uow:
        sale = arrange(uow, shell, shop)
        flash_sales.reserve(uow, "tea", sale.sale_id, customer_id="a", quantity=2, reservation_id="r1")
        with pytest.raises(Conflict) as why:
            flash_sales.change(uow, shell, "tea", sale.sale_id, stock=1)
        more = flash_sales.change(uow, shell, "tea", sale.sale_id, stock=5)
        ended = flash_sales.change(uow, shell, "tea", sale.sale_id, ends_at=NOON - timedelta(days=1))
        paid = flash_sales.pay(uow, "tea", sale.sale_id, "r1")

    assert why.value.code == "stock_taken"
    assert more.available == 3
    assert (ended.phase, ended.ends_at) == ("ended", NOON)
    assert paid.status == "sold"  # what was reserved can be paid in time


@pytest.mark.parametrize(
    "wrong",
    [
        {"stock": 0},
        {"price_minor": -1},
        {"list_price_minor": 1},
        {"name": " "},
        {"per_customer": 0},
        {"ttl_s": 0},
        {"ends_at": NOON},
    ],
)
def test_a_sale_that_cannot_mean_anything_is_refused(
    any_records: Records, shell: Caller, shop: Shop, clock: time_machine.Traveller, wrong: dict[str, Any]
) -> None:
    with any_records.unit() as uow, pytest.raises(InvalidInput) as why:
        arrange(uow, shell, shop, **wrong)

    assert why.value.mend


def test_sixteen_buyers_at_once_get_exactly_the_stock(
    any_records: Records, shell: Caller, shop: Shop, warehouse: Warehouse, home: Any
) -> None:
    with any_records.unit() as uow:
        now = flash_sales.listing(uow, "tea")
        sale = arrange(uow, shell, shop, stock=10, starts_at=NOON - timedelta(days=9_000), ends_at=NOON + timedelta(days=9_000))

    def buy(number: int) -> str:
        try:
            with any_records.unit() as uow:
                who = f"c{number % 16}"
                return flash_sales.reserve(uow, "tea", sale.sale_id, customer_id=who, reservation_id=f"r{number % 40}").status
        except Conflict as why:
            return str(why.code)

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(buy, range(64)))
    with any_records.unit() as uow:
        state = flash_sales.get(uow, "tea", sale.sale_id)
        ids = [row["reservation_id"] for row in uow.rows(select(flash_reservation))]

    assert now == []
    assert state.reserved == 10
    assert len(ids) == len(set(ids)) == 10
    assert answers.count("reserved") >= 10
    assert set(answers) <= {"reserved", "sold_out", "customer_limit", "idempotency_conflict"}
    assert healthy(any_records, warehouse, home)


def test_reservations_follow_their_customer_and_forget_who_is_erased(
    any_records: Records,
    shell: Caller,
    shop: Shop,
    warehouse: Warehouse,
    home: Any,
    keyring: Keyring,
    clock: time_machine.Traveller,
) -> None:
    with any_records.unit() as uow:
        sale = arrange(uow, shell, shop, stock=5)
        flash_sales.reserve(uow, "tea", sale.sale_id, customer_id="u1", reservation_id="r1")
        flash_sales.reserve(uow, "tea", sale.sale_id, customer_id="u2", reservation_id="r2")
        for merger in identity.MERGERS:
            merger(uow, "tea", {"u2": "u1"})
    assert refused(any_records, sale, customer_id="u1", reservation_id="r3") == "customer_limit"  # both are one customer now

    privacy.erase(any_records, warehouse, home, shell, "tea", "u1")
    with any_records.unit() as uow:
        rows = uow.rows(select(flash_reservation.c.customer_id, flash_reservation.c.named_as))
        state = flash_sales.get(uow, "tea", sale.sale_id)
    assert not {"u1", "u2"} & {value for row in rows for value in row.values()}
    assert state.reserved == 2


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(-10, 20), had=st.integers(0, 4), quantity=st.integers(1, 4), available=st.integers(0, 4))
def test_units_are_given_exactly_inside_time_limit_and_stock(at: int, had: int, quantity: int, available: int) -> None:
    window = Window(NOON, NOON + timedelta(seconds=10), 3)

    why = window.refusal(NOON + timedelta(seconds=at), quantity, had=had, available=available)

    assert (why is None) == (0 <= at < 10 and had + quantity <= 3 and quantity <= available)
