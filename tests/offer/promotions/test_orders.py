"""Orders on offers: a quote writes nothing, a commit takes exactly what it shows, and what comes back is free again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import func, select

from regulars.access import Caller, Shop
from regulars.errors import Conflict, InvalidInput, NotAllowed
from regulars.offer import loyalty
from regulars.offer.promotions import checks, following, service
from regulars.offer.promotions.domain.refunds import Returned
from regulars.offer.promotions.quoting import PointsWanted
from regulars.offer.promotions.tables import coupon, order_offer, priced_order, promotion_use
from regulars.records import Records, outbox
from regulars.values import clock
from regulars.warehouse import Warehouse
from regulars.work.checks import CheckContext
from tests.offer.promotions.conftest import TEN_OFF, THRESHOLD, Running, asked


def _findings(records: Records, warehouse: Warehouse, home: Path) -> list[str]:
    context = CheckContext(records, warehouse, home)
    return [finding.what for check in checks.CHECKS for finding in check.run(context)]


def test_a_quote_names_what_is_missing_and_writes_nothing(any_records: Records, shop: Shop, running: Running) -> None:
    running("mj", THRESHOLD)

    with any_records.reading() as uow:
        found = service.quote(uow, shop, asked(27_700))
        chinese = service.quote(uow, shop, asked(27_700), language="zh")
        tables = [uow.value(select(func.count()).select_from(table)) for table in (priced_order, order_offer, promotion_use)]

    assert found.totals.payable == 27_700
    assert [(hint.id, hint.missing_minor, hint.words) for hint in found.hints] == [("mj", 2_300, "¥23 more for ¥50 off")]
    assert chinese.hints[0].words == "再买 ¥23，可享减 ¥50"
    assert [(offer.id, offer.reason) for offer in found.offers] == [("mj", "THRESHOLD_NOT_MET")]
    assert tables == [0, 0, 0]


def test_committing_the_same_order_again_takes_nothing_more(
    any_records: Records, shell: Caller, shop: Shop, running: Running
) -> None:
    running("ten", {**TEN_OFF, "limits": {"total": 5, "per_customer": 2}}, kind="coupon", code="ten")
    cart = asked(20_000, codes=(" Ten ",))

    with any_records.unit() as uow:
        first = service.commit(uow, shell, shop, "o1", cart, 19_000)
    with any_records.unit() as uow:
        again = service.commit(uow, shell, shop, "o1", cart, 19_000)
    with any_records.unit() as uow, pytest.raises(Conflict) as other:
        service.commit(uow, shell, shop, "o1", asked(30_000), 30_000)

    assert first == again
    assert other.value.code == "IDEMPOTENCY_CONFLICT"
    with any_records.reading() as uow:
        used = {(row["customer_id"], row["used"]) for row in uow.rows(select(promotion_use))}
        told = [row["event"] for row in uow.rows(select(outbox)) if row["event"].startswith("Coupon")]
    assert used == {("", 1), ("u1", 1)}
    assert told == ["Coupon Redeemed"]


def test_another_price_than_the_quoted_one_is_refused_and_named(
    any_records: Records, shell: Caller, shop: Shop, running: Running
) -> None:
    running("mj", THRESHOLD)

    with pytest.raises(Conflict) as changed, any_records.unit() as uow:
        service.commit(uow, shell, shop, "o1", asked(30_000), 30_000)

    assert (changed.value.code, changed.value.payable) == ("QUOTE_CHANGED", 25_000)
    with any_records.reading() as uow:
        assert uow.one(select(priced_order)) is None


def test_a_coupon_of_fifty_is_redeemed_fifty_times_by_sixty_four_clients(
    any_records: Records, shell: Caller, shop: Shop, running: Running, warehouse: Warehouse, home: Path
) -> None:
    running("rush", {**TEN_OFF, "limits": {"total": 50, "per_customer": 1}}, kind="coupon", code="RUSH")

    def buy(client: int) -> str:
        cart = asked(20_000, customer=f"u{client % 60}", codes=("RUSH",))  # four customers come with two browsers
        try:
            with any_records.unit() as uow:
                return service.commit(uow, shell, shop, f"o{client}", cart, 19_000).state
        except Conflict as refused:
            return refused.code

    with ThreadPoolExecutor(64) as clients:
        found = list(clients.map(buy, range(64)))

    assert found.count("committed") == 50
    assert set(found) - {"committed"} <= {"QUOTE_CHANGED", "CODE_EXHAUSTED", "CUSTOMER_LIMIT"}
    with any_records.reading() as uow:
        per_customer = uow.rows(select(promotion_use.c.used).where(promotion_use.c.customer_id != "", promotion_use.c.used > 1))
        orders = uow.value(select(func.count()).select_from(order_offer))
    assert (orders, per_customer) == (50, [])
    assert _findings(any_records, warehouse, home) == []


def test_a_budget_is_never_overdrawn(any_records: Records, shell: Caller, shop: Shop, running: Running) -> None:
    running("pot", {"layer": "order", "effect": {"kind": "amount", "minor": 700}, "budget": {"total": 5_000}})

    def buy(client: int) -> str:
        try:
            with any_records.unit() as uow:
                return service.commit(uow, shell, shop, f"o{client}", asked(20_000, customer=f"u{client}"), 19_300).state
        except Conflict as refused:
            return refused.code

    with ThreadPoolExecutor(16) as clients:
        found = list(clients.map(buy, range(16)))

    assert found.count("committed") == 7
    with any_records.reading() as uow:
        assert uow.value(select(promotion_use.c.spent_minor).where(promotion_use.c.customer_id == "")) == 4_900


def test_one_coupon_is_not_used_by_two_orders(any_records: Records, shell: Caller, shop: Shop, running: Running) -> None:
    running("gift", TEN_OFF, kind="coupon")
    with any_records.unit() as uow:
        (gift,) = service.issue(uow, shell, shop, "gift", ["u1"])

    def buy(client: int) -> str:
        try:
            with any_records.unit() as uow:
                return service.commit(uow, shell, shop, f"o{client}", asked(20_000, codes=(gift.code,)), 19_000).state
        except Conflict as refused:
            return refused.code

    with ThreadPoolExecutor(8) as clients:
        found = list(clients.map(buy, range(8)))

    assert found.count("committed") == 1
    with any_records.reading() as uow:
        stranger = service.quote(uow, shop, asked(20_000, customer="u2", codes=(gift.code,)))
    assert [one.reason for one in stranger.rejected] == ["NOT_OWNER"]


def test_a_cancelled_order_frees_what_it_took(
    any_records: Records, shell: Caller, shop: Shop, running: Running, warehouse: Warehouse, home: Path
) -> None:
    running("gift", {**TEN_OFF, "limits": {"total": 3, "per_customer_per_day": 1}}, kind="coupon")
    with any_records.unit() as uow:
        (gift,) = service.issue(uow, shell, shop, "gift", ["u1"])
        service.commit(uow, shell, shop, "o1", asked(20_000, mode="best"), 19_000)
        (held,) = service.wallet(uow, shop.shop_id, "u1")

    with any_records.unit() as uow:
        service.cancel(uow, shell, shop, "o1")
        again = service.cancel(uow, shell, shop, "o1")

    assert (held.state, held.order_id) == ("used", "o1")
    assert again.state == "cancelled"
    with any_records.reading() as uow:
        assert [one.state for one in service.wallet(uow, shop.shop_id, "u1")] == ["open"]
        assert {row["used"] for row in uow.rows(select(promotion_use))} == {0}
    assert gift.code == held.code
    assert _findings(any_records, warehouse, home) == []


def test_returns_add_up_and_only_the_last_one_frees_the_coupon(
    any_records: Records, shell: Caller, shop: Shop, running: Running
) -> None:
    running("mj", THRESHOLD)
    running("ten", {**TEN_OFF, "limits": {"total": 1}}, kind="coupon", code="TEN")
    cart = asked(19_999, 10_001, codes=("TEN",))
    with any_records.unit() as uow:
        service.commit(uow, shell, shop, "o1", cart, 24_000)

    with any_records.unit() as uow:
        one = service.refund(uow, shell, shop, "o1", "r1", [Returned("l1", 1)])
        same = service.refund(uow, shell, shop, "o1", "r1", [Returned("l1", 1)])
        between = service.quote(uow, shop, asked(5_000, customer="u9", codes=("TEN",)))
        rest = service.refund(uow, shell, shop, "o1", "r2", [Returned("l0", 1)])
        after = service.quote(uow, shop, asked(5_000, customer="u9", codes=("TEN",)))
        order = service.order(uow, shop.shop_id, "o1")

    assert one == same
    assert one.cash + rest.cash == order.refunded_cash == 24_000
    assert order.state == "refunded"
    assert [found.reason for found in between.rejected] == ["CODE_EXHAUSTED"]
    assert after.rejected == []


def test_reclaiming_prices_what_is_kept_as_it_was_at_the_order(
    any_records: Records, shell: Caller, shop: Shop, running: Running
) -> None:
    """300 - 50 = 250 paid; what is kept costs 150 without the promotion, so 100 come back though it is dearer to return."""
    running("mj", THRESHOLD)
    with any_records.unit() as uow:
        service.commit(uow, shell, shop, "o1", asked(15_000, 15_000), 25_000)
        service.act(uow, shell, shop.shop_id, "mj", "end")

    with any_records.unit() as uow:
        back = service.refund(uow, shell, shop, "o1", "r1", [Returned("l0", 1)], policy="reclaim")
    with pytest.raises(InvalidInput), any_records.unit() as uow:
        service.refund(uow, shell, shop, "o1", "r2", [Returned("l0", 1)], policy="reclaim")
    with pytest.raises(Conflict), any_records.unit() as uow:
        service.refund(uow, shell, shop, "o1", "r2", [Returned("l1", 1)])
    with pytest.raises(Conflict), any_records.unit() as uow:
        service.cancel(uow, shell, shop, "o1")

    assert back.cash == 10_000


def test_points_of_the_ledger_pay_a_part_and_come_back(any_records: Records, shell: Caller, shop: Shop) -> None:
    cart = asked(10_000, 5_000, points=PointsWanted(redeem=10_000, max_bps=5_000))
    with any_records.unit() as uow:
        loyalty.move_one(uow, shop.shop_id, "u1", loyalty.Wish(verb="earn", key="e", at=clock.now(), points=900))
        quoted = service.quote(uow, shop, cart)
        service.commit(uow, shell, shop, "o1", cart, quoted.totals.payable)
        left = loyalty.paying.spendable(uow, shop.shop_id, "u1")

    with any_records.unit() as uow:
        back = service.refund(uow, shell, shop, "o1", "r1", [Returned("l0", 1)])
        service.refund(uow, shell, shop, "o1", "r1", [Returned("l0", 1)])
        after = loyalty.paying.spendable(uow, shop.shop_id, "u1")

    assert (quoted.totals.points_used, quoted.totals.payable, left) == (900, 14_100, 0)
    assert (back.points, back.cash, after) == (600, 9_400, 600)


@time_machine.travel(datetime(2026, 6, 18, 15, 59, tzinfo=UTC), tick=False)
def test_a_daily_limit_is_of_the_shops_own_day(any_records: Records, shell: Caller, shop: Shop, running: Running) -> None:
    running("day", {**TEN_OFF, "limits": {"per_customer_per_day": 1}}, kind="coupon", code="DAY")
    with any_records.unit() as uow:
        service.commit(uow, shell, shop, "o1", asked(20_000, codes=("DAY",)), 19_000)

    with any_records.reading() as uow:
        today = service.quote(uow, shop, asked(20_000, codes=("DAY",)))
        with time_machine.travel(datetime(2026, 6, 18, 16, tzinfo=UTC), tick=False):
            tomorrow = service.quote(uow, shop, asked(20_000, codes=("DAY",)))

    assert [one.reason for one in today.rejected] == ["DAILY_LIMIT"]
    assert tomorrow.rejected == []


def test_coupons_and_limits_follow_a_merge_and_go_back_with_it(
    any_records: Records, shell: Caller, shop: Shop, running: Running
) -> None:
    running("gift", TEN_OFF, kind="coupon")
    running("once", {**TEN_OFF, "limits": {"per_customer": 1}}, kind="coupon", code="ONCE")
    with any_records.unit() as uow:
        service.issue(uow, shell, shop, "gift", ["old", "new"])
        service.commit(uow, shell, shop, "o1", asked(20_000, customer="old", codes=("ONCE",)), 19_000)

    with any_records.unit() as uow:
        following.follow(uow, shop.shop_id, {"old": "new"})
        merged = [len(service.wallet(uow, shop.shop_id, one)) for one in ("old", "new")]
    with pytest.raises(Conflict) as refused, any_records.unit() as uow:
        service.commit(uow, shell, shop, "o2", asked(20_000, customer="new", codes=("ONCE",)), 19_000)
    with any_records.unit() as uow:
        following.follow(uow, shop.shop_id, {"old": "old"})
        apart = [len(service.wallet(uow, shop.shop_id, one)) for one in ("old", "new")]
        service.commit(uow, shell, shop, "o2", asked(20_000, customer="new", codes=("ONCE",)), 19_000)

    assert (merged, refused.value.code, apart) == ([0, 2], "CUSTOMER_LIMIT", [1, 1])


def test_who_may_not_take_orders_is_refused(any_records: Records, shop: Shop, running: Running) -> None:
    viewer = Caller(kind="operator", id="op", scopes=frozenset({"read_reports"}))

    for verb in (
        lambda uow: service.commit(uow, viewer, shop, "o1", asked(1), 1),
        lambda uow: service.cancel(uow, viewer, shop, "o1"),
        lambda uow: service.refund(uow, viewer, shop, "o1", "r1", [Returned("l0", 1)]),
    ):
        with pytest.raises(NotAllowed), any_records.unit() as uow:
            verb(uow)
    with any_records.reading() as uow:
        assert uow.value(select(func.count()).select_from(coupon)) == 0
