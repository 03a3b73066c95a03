"""Snapshots: right numbers of what was known, nothing of what came later, and refusals of who looks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import ibis
import ibis.expr.types as ir
import pytest

from regulars.errors import InvalidInput, NotEnoughData
from regulars.predict import snapshots
from regulars.predict.snapshots.words import GROUPS_ZH, MEANINGS_ZH, UNITS_ZH
from regulars.warehouse import Warehouse, unbound
from regulars.warehouse.schema import TABLES
from tests.understand.metrics.small_store import SmallStore, arrow, at, make_shop

CUT = at("2025-06-01 00:00")
SHOP = make_shop()


def before() -> SmallStore:
    """Two customers: one with three purchase days, one with one."""
    store = SmallStore(SHOP)
    store.order("a1", "ann", "2025-01-01 10:00", 1_000, items=[("tea", "Tea", 1, 1_000)])
    store.order("a2", "ann", "2025-01-31 10:00", 3_000, items=[("tea", "Tea", 1, 1_000), ("pot", "Pots", 1, 2_000)])
    store.order("a3", "ann", "2025-05-22 00:00", 2_000, items=[("tea", "Tea", 2, 1_000)], discount_minor=500, coupon_code="MAY")
    store.order("b1", "bob", "2025-05-02 00:00", 5_000, items=[("pot", "Pots", 1, 5_000)])
    store.order("u1", "bob", "2025-05-30 00:00", 9_000, status="unpaid")
    store.refund("a2", "2025-02-10 00:00", 2_000, customer_id="ann")
    return store


def after(store: SmallStore) -> SmallStore:
    """What comes later: orders, one of a newcomer, refunds, and the cancellation of an order that was placed before."""
    store.order("a4", "ann", "2025-06-01 00:00", 7_000, items=[("cup", "Cups", 7, 1_000)])
    store.order("a5", "ann", "2025-06-20 00:00", 1_000)
    store.order("c1", "cyd", "2025-06-15 00:00", 100)
    store.refund("a3", "2025-06-02 00:00", 2_000, customer_id="ann")
    store.refund("a4", "2025-06-05 00:00", 1_500, customer_id="ann")
    store.orders[2].update(status="cancelled", cancelled_at=at("2025-06-03 00:00").replace(tzinfo=None))
    store.order("z", "zoe", "2025-12-30 00:00", 100)
    return store


def told(warehouse: Warehouse, table: str, **row: Any) -> None:
    """One row of a table, what is not named left empty."""
    empty: dict[str, Any] = {"string": "", "int64": 0, "int32": 0, "boolean": False, "timestamp(6)": CUT.replace(tzinfo=None)}
    needed = {name: empty[kind[1:]] for name, kind in TABLES[table].columns.items() if kind.startswith("!")}
    with warehouse.transaction():
        warehouse.append(table, arrow(table, [{**needed, "shop_id": SHOP.shop_id, **row}]))


def voices(warehouse: Warehouse, moment: datetime, mark: str) -> None:
    """A review, a visit, a price, a ticket and an opened mail of one instant."""
    when = moment.replace(tzinfo=None)
    told(warehouse, "reviews", review_id=mark, customer_id="ann", rating=Decimal(2), reviewed_at=when)
    key = len(mark)
    told(warehouse, "sessions", session_key=key, customer_id="ann", is_known=True, started_at=when, ended_at=when, product_views=4)
    told(warehouse, "product_snapshots", product_id="tea", observed_at=when, price_minor=1_500, currency="CNY", stock=0)
    for number, event in enumerate(("Ticket Opened", "Email Opened")):
        message = f"{mark}{number}"
        told(warehouse, "events", message_id=message, event=event, customer_id="ann", timestamp=when, properties="{}")


def row_of(snapshot: snapshots.Snapshot, customer: str) -> dict[str, Any]:
    return next(row for row in snapshot.table.to_pylist() if row["customer_id"] == customer)


def test_a_snapshot_counts_what_was_there_by_the_shops_own_days(warehouse: Warehouse) -> None:
    before().load(warehouse)
    voices(warehouse, CUT - timedelta(days=10), "r1")

    snapshot = snapshots.take(warehouse, SHOP, CUT)
    ann, bob = row_of(snapshot, "ann"), row_of(snapshot, "bob")

    assert snapshot.customers == ["ann", "bob"]
    assert (ann["purchase_days"], ann["recency_days"], ann["gap_mean"], ann["gap_last"]) == (3, 10, 70.5, 111)
    assert (ann["spent"], ann["spent_last"], ann["spent_in_30"]) == (60, 20, 20)
    assert (ann["refunded"], ann["refunded_in_90"], ann["coupon_orders_share"]) == (20, 0, pytest.approx(1 / 3))
    assert (ann["products"], ann["categories"], ann["favourite_share"]) == (2, 2, 0.75)
    assert (ann["rating_last"], ann["visits_in_30"], ann["views_in_30"], ann["tickets_in_90"]) == (2, 1, 4, 1)
    assert (ann["price_now_to_paid"], ann["sold_out_share"]) == (pytest.approx((1.5 + 1.5) / 2), 1)
    assert (bob["purchase_days"], bob["recency_days"], bob["gap_mean"], bob["recency_to_gap"]) == (1, 30, None, None)
    assert bob["rating_mean"] is None


def test_what_comes_after_the_cut_off_changes_nothing(warehouse: Warehouse) -> None:
    before().load(warehouse)
    voices(warehouse, CUT - timedelta(days=10), "r1")
    then = snapshots.take(warehouse, SHOP, CUT)

    later = after(before())
    later.orders, known = later.orders[5:], later.orders[2]
    later.lines, later.refunds = later.lines[5:], later.refunds[1:]
    later.load(warehouse)
    with warehouse.transaction():
        warehouse.merge("orders", arrow("orders", [known]))
    voices(warehouse, CUT, "r22")
    voices(warehouse, CUT + timedelta(days=3), "r333")

    assert snapshots.take(warehouse, SHOP, CUT).table.equals(then.table)


def test_deliveries_count_as_far_as_they_were_known(warehouse: Warehouse) -> None:
    """Ann: 2 days and 1 late; 4 days, half a day early; a third arrives after the cut-off. Bob's promise is not over yet."""
    store = before()
    times = {
        "a1": ("2025-01-03 10:00", "2025-01-02 10:00"),
        "a2": ("2025-02-04 10:00", "2025-02-04 22:00"),
        "a3": ("2025-06-01 00:00", "2025-05-25 00:00"),
        "b1": ("2025-05-04 00:00", "2025-06-03 00:00"),
    }
    for order in store.orders:
        if order["order_id"] in times:
            order["delivered_at"], order["promised_at"] = (at(one).replace(tzinfo=None) for one in times[order["order_id"]])
    store.load(warehouse)

    snapshot = snapshots.take(warehouse, SHOP, CUT)
    ann, bob = row_of(snapshot, "ann"), row_of(snapshot, "bob")

    assert (ann["delivery_days_mean"], ann["delivery_days_last"], ann["delivery_beyond_last"]) == (3, 4, -0.5)
    assert (ann["late_delivery_share"], ann["late_deliveries_in_90"]) == (0.5, 0)
    assert (bob["delivery_days_mean"], bob["late_delivery_share"], bob["delivery_beyond_last"]) == (2, None, None)
    assert snapshots.take(warehouse, SHOP, CUT + timedelta(seconds=1)).table.column("late_deliveries_in_90").to_pylist() == [1, 0]


def test_a_source_the_shop_does_not_have_is_left_out(warehouse: Warehouse) -> None:
    before().load(warehouse)

    snapshot = snapshots.take(warehouse, SHOP, CUT)

    assert {feature.source for feature in snapshot.features} == {"orders", "order_lines", "refunds"}
    assert snapshot.matrix(["recency_days", "rating_mean"]).shape == (2, 2)


def test_only_customers_who_are_still_about_are_asked_for(warehouse: Warehouse) -> None:
    before().load(warehouse)

    assert snapshots.take(warehouse, SHOP, CUT, active_days=20).customers == ["ann"]


def planted(past: snapshots.Past) -> ir.Table:
    """The future, read around the past."""
    table = unbound("orders")
    rows = table.filter(table.shop_id == past.scope.shop_id)
    return rows.group_by("customer_id").aggregate(leak=rows.count())


def widened(past: snapshots.Past) -> ir.Table:
    """The future behind a filter that ends too late."""
    table = unbound("orders")
    rows = table.filter(table.shop_id == past.scope.shop_id, table.ordered_at < ibis.timestamp("2030-01-01"))
    return rows.group_by("customer_id").aggregate(leak=rows.count())


def joined(past: snapshots.Past) -> ir.Table:
    """The future beside the past."""
    known, table = past.purchases(), unbound("orders")
    both = known.semi_join(table.filter(table.ordered_at > ibis.timestamp("2025-06-01")), "customer_id")
    return both.group_by("customer_id").aggregate(leak=both.count())


def standing(_: snapshots.Past) -> ir.Table:
    """A table that holds what is known now."""
    table = unbound("customers")
    return table.select("customer_id", leak=table.birth_year)


@pytest.mark.parametrize("leak", [planted, widened, joined, standing])
def test_a_feature_that_reads_past_the_cut_off_is_refused(warehouse: Warehouse, leak: Any) -> None:
    after(before()).load(warehouse)

    with pytest.raises(InvalidInput, match=r"'leak' reads '(orders|customers)' after the cut-off"):
        snapshots.take(warehouse, SHOP, CUT, own={"leak": leak})


def test_a_feature_of_the_callers_own_is_taken_where_it_keeps_to_the_past(warehouse: Warehouse) -> None:
    after(before()).load(warehouse)

    def dearest(past: snapshots.Past) -> ir.Table:
        rows = past.purchases()
        return rows.group_by("customer_id").aggregate(dearest=rows.total_minor.max())

    snapshot = snapshots.take(warehouse, SHOP, CUT, own={"dearest": dearest})

    assert snapshot.column("dearest").tolist() == [3_000, 5_000]


def test_tables_that_keep_no_past_cannot_be_read(warehouse: Warehouse) -> None:
    before().load(warehouse)

    with pytest.raises(InvalidInput, match="keeps no past"):
        snapshots.take(warehouse, SHOP, CUT, own={"tier": lambda past: past.read("customer_traits")})


def test_outcomes_are_what_came_within_the_horizon(warehouse: Warehouse) -> None:
    after(before()).load(warehouse)
    snapshot = snapshots.take(warehouse, SHOP, CUT)

    found = snapshots.outcomes(warehouse, SHOP, snapshot, 19)
    longer = snapshots.outcomes(warehouse, SHOP, snapshot, 20)

    assert found.orders.tolist() == [1, 0]
    assert found.value.tolist() == [55, 0]  # 70 less the 15 given back for it; the refund of an older order is not its
    assert found.churned.tolist() == [False, True]
    assert longer.orders.tolist() == [2, 0]


def test_a_refund_that_names_no_order_counts_against_what_its_customer_bought(warehouse: Warehouse) -> None:
    store = after(before())
    store.refund(None, "2025-06-06 00:00", 2_500, customer_id="ann")
    store.refund(None, "2025-06-06 00:00", 9_900, customer_id="bob")  # who bought nothing: there is nothing to take it from
    store.refund(None, "2025-06-06 00:00", 100)
    store.load(warehouse)
    snapshot = snapshots.take(warehouse, SHOP, CUT)

    found = snapshots.outcomes(warehouse, SHOP, snapshot, 19)

    assert found.value.tolist() == [30, 0]  # 70 less 15 for its order and 25 for none


def test_the_margin_of_sales_is_that_of_known_costs_or_none(warehouse: Warehouse) -> None:
    """Sold in the year: tea 40.00, pots 70.00, of which tea costs 4.00 a piece."""
    before().load(warehouse)
    past = snapshots.known_at(warehouse, SHOP, CUT)
    assert snapshots.known_margin(warehouse, past) is None

    told(warehouse, "products", product_id="tea", cost_minor=400)
    assert snapshots.known_margin(warehouse, past) is None  # less than half of the sales

    told(warehouse, "products", product_id="pot", cost_minor=1_000, currency="CNY")
    assert snapshots.known_margin(warehouse, past) == pytest.approx(1 - 3_600 / 11_000)


def test_what_cannot_be_said_is_refused_with_a_way_out(warehouse: Warehouse) -> None:
    before().load(warehouse)

    with pytest.raises(NotEnoughData, match=r"not known yet\. Take a cut-off of"):
        snapshots.outcomes(warehouse, SHOP, snapshots.take(warehouse, SHOP, at("2025-05-10 00:00")), 60)
    with pytest.raises(NotEnoughData, match="nobody had ordered by 2024-01-01"):
        snapshots.take(warehouse, SHOP, at("2024-01-01 00:00"))
    with pytest.raises(InvalidInput, match="has no time zone"):
        snapshots.take(warehouse, SHOP, datetime(2025, 6, 1))


def test_a_shop_without_orders_says_so(warehouse: Warehouse) -> None:
    with pytest.raises(NotEnoughData, match="Load orders"):
        snapshots.take(warehouse, SHOP, datetime(2025, 6, 1, tzinfo=UTC))


def test_every_feature_has_words_in_both_languages() -> None:
    names = {feature.name for feature in snapshots.FEATURES}

    assert names == set(MEANINGS_ZH)
    assert set(snapshots.GROUPS) == set(GROUPS_ZH)
    assert {feature.unit for feature in snapshots.FEATURES} <= set(UNITS_ZH)
    assert "| `recency_days` | 天 | orders | 距最近一次下单 |" in snapshots.reference_page("zh")
