"""Whom to act on: the ranking, the sentences, the pages and the file."""

from __future__ import annotations

import csv
from datetime import date, timedelta

import pytest

from regulars.errors import InvalidInput
from regulars.predict import next_purchase
from regulars.predict.next_purchase import ActOnRow
from regulars.predict.next_purchase.export import act_on_csv
from regulars.understand import profiles
from regulars.warehouse import Warehouse
from tests.understand.metrics.small_store import SmallStore, make_shop

SHOP = make_shop(dormant_after_days=60, churned_after_days=200)


def store_of(**rhythms: tuple[int, int, int, int]) -> SmallStore:
    """Customers as (gap in days, orders, days since the last one, total of an order); the data ends on 31 December 2025."""
    store = SmallStore(SHOP)
    for customer, (gap, orders, since, total) in rhythms.items():
        last = date(2025, 12, 31) - timedelta(days=since)
        for k in range(orders):
            day = last - timedelta(days=gap * (orders - 1 - k))
            store.order(f"{customer}-{k}", customer, f"{day} 12:00", total, items=[(f"tea of {customer}", "Tea", 1, total)])
    return store.order("end", None, "2025-12-31 12:00", 1)


def refreshed(warehouse: Warehouse, store: SmallStore) -> None:
    store.load(warehouse)
    profiles.refresh(warehouse, SHOP)
    next_purchase.refresh(warehouse, SHOP)


def by_customer(warehouse: Warehouse, language: str = "en") -> dict[str, ActOnRow]:
    wish = ["overdue", "due", "lost", "on_time"]
    return {row.customer_id: row for row in next_purchase.act_on(warehouse, SHOP, status=wish, language=language).rows}


def test_the_most_valuable_overdue_customer_comes_first(warehouse: Warehouse) -> None:
    refreshed(
        warehouse,
        store_of(
            big=(18, 9, 47, 12_000), small=(18, 9, 47, 1_000), fresh=(18, 9, 3, 50_000), gone=(10, 9, 190, 1_000), a=(20, 6, 5, 900)
        ),
    )

    answer = next_purchase.act_on(warehouse, SHOP)

    assert [(row.rank, row.customer_id) for row in answer.rows] == [(1, "big"), (2, "small")]
    assert answer.total == 2
    assert answer.value_at_stake.minor == sum(row.next_order.value_at_stake.minor for row in answer.rows)
    assert {row.status: row.customers for row in answer.statuses} == {"overdue": 2, "due": 0, "lost": 1, "on_time": 2}
    assert sum(row.customers for row in answer.actions) == 2


def test_the_reason_and_the_action_are_sentences_in_both_languages(warehouse: Warehouse) -> None:
    refreshed(warehouse, store_of(big=(18, 9, 47, 12_000), mid=(18, 9, 47, 8_000), b=(20, 6, 5, 900), c=(20, 6, 5, 900)))

    english, chinese = by_customer(warehouse)["mid"].next_order, by_customer(warehouse, "zh")["mid"].next_order

    assert english.reason.code == chinese.reason.code == "past_own_rhythm"
    assert english.reason.text.startswith("Usually ordered every 18 days (9 orders); now 47 days since the last one, ")
    assert english.reason.text.endswith(" a year at stake.")
    assert chinese.reason.text.startswith("通常每 18 天下单一次（共 9 单）；距上次下单已 47 天，超出最晚预期")
    assert english.action.text in ("Remind with their favourite, The tea of mid", "Win back with a personal offer")
    assert by_customer(warehouse)["big"].next_order.action.code == "personal_call"


def test_a_refund_after_the_last_order_is_asked_about(warehouse: Warehouse) -> None:
    store = store_of(ann=(18, 9, 47, 5_000), bob=(18, 9, 47, 5_000), cat=(18, 9, 5, 90_000))
    store.refund("ann-8", "2025-11-20 12:00", 5_000, customer_id="ann").refund("bob-8", "2025-11-20 12:00", 100, customer_id="bob")
    refreshed(warehouse, store)

    rows = by_customer(warehouse)

    assert (rows["ann"].next_order.reason.code, rows["ann"].next_order.action.code) == ("refund_then_silence", "ask_why")
    assert "a refund (¥50 on 20 Nov 2025)" in rows["ann"].next_order.reason.text
    assert rows["bob"].next_order.reason.code == "past_own_rhythm"  # ¥1 is nothing to ask about


def test_one_time_buyers_are_measured_by_the_shops_second_orders(warehouse: Warehouse) -> None:
    regulars = {f"r{i}": (30, 2, 5, 1_000) for i in range(10)}
    refreshed(warehouse, store_of(once=(0, 1, 60, 1_000), young=(0, 1, 3, 1_000), **regulars))

    rows = by_customer(warehouse)

    once = rows["once"].next_order
    assert (once.rhythm_days, once.rhythm_source, once.status, once.reason.code) == (30, "shop", "overdue", "no_second_order")
    assert "half of the second orders come within 30 days" in once.reason.text
    assert rows["young"].next_order.status == "on_time"


def test_while_nobody_has_come_back_nothing_is_predicted(warehouse: Warehouse) -> None:
    refreshed(warehouse, store_of(a=(0, 1, 60, 1_000), b=(0, 1, 5, 1_000)))

    answer = next_purchase.act_on(warehouse, SHOP)

    assert (answer.total, answer.rows, answer.next) == (0, [], None)
    assert answer.shop_rhythm is not None
    assert answer.shop_rhythm.repeat_customers == 0
    assert profiles.customer(warehouse, SHOP, "a").next_order is None


def test_an_empty_shop_answers_too(warehouse: Warehouse) -> None:
    profiles.refresh(warehouse, SHOP)
    next_purchase.refresh(warehouse, SHOP)

    answer = next_purchase.act_on(warehouse, SHOP, language="zh")

    assert (answer.total, answer.value_at_stake.minor, answer.shop_rhythm) == (0, 0, None)


def test_one_customer_alone_has_its_own_rhythm(warehouse: Warehouse) -> None:
    refreshed(warehouse, store_of(only=(10, 10, 60, 1_000)))

    row = by_customer(warehouse)["only"]

    assert (row.next_order.rhythm_days, row.next_order.status) == (10, "overdue")
    assert profiles.customer(warehouse, SHOP, "only").next_order == row.next_order


def test_pages_follow_the_ranking_and_filters_hold(warehouse: Warehouse) -> None:
    refreshed(warehouse, store_of(**{f"c{i}": (18, 8, 47, 1_000 + 500 * (i // 2)) for i in range(11)}))
    seen: list[tuple[int, str]] = []
    cursor: str | None = None
    while True:
        page = next_purchase.act_on(warehouse, SHOP, limit=3, cursor=cursor)
        seen += [(row.rank, row.customer_id) for row in page.rows]
        cursor = page.next
        if cursor is None:
            break

    assert [rank for rank, _ in seen] == list(range(1, 12))
    assert [customer for _, customer in seen] == [row.customer_id for row in next_purchase.every_row(warehouse, SHOP)]
    top = next_purchase.act_on(warehouse, SHOP, limit=1).rows[0].next_order.value_at_stake.minor
    assert next_purchase.act_on(warehouse, SHOP, min_value_minor=top).total == 1
    assert next_purchase.act_on(warehouse, SHOP, min_value_minor=top + 1).total == 0
    called = next_purchase.act_on(warehouse, SHOP, action="personal_call").rows
    assert {row.next_order.action.code for row in called} == {"personal_call"}


@pytest.mark.parametrize("wish", [{"status": "late"}, {"action": "bribe"}, {"limit": 0}, {"cursor": "?"}])
def test_what_cannot_be_asked_is_refused(warehouse: Warehouse, wish: dict[str, object]) -> None:
    with pytest.raises(InvalidInput) as refused:
        next_purchase.act_on(warehouse, SHOP, **wish)  # type: ignore[arg-type]
    assert refused.value.mend


def test_the_file_opens_in_a_spreadsheet_and_no_cell_is_a_formula(warehouse: Warehouse) -> None:
    refreshed(warehouse, store_of(**{"=cmd|' /C calc'!A0": (18, 9, 47, 5_000), "<script>": (18, 9, 46, 4_000), "x": (18, 9, 2, 9)}))

    text = "".join(act_on_csv(next_purchase.every_row(warehouse, SHOP), SHOP.timezone))

    assert text.startswith("\ufeffrank,customer_id,")
    rows = list(csv.DictReader(text.removeprefix("\ufeff").splitlines()))
    assert [row["customer_id"] for row in rows] == ["'=cmd|' /C calc'!A0", "<script>"]
    assert rows[0]["last_order_on"] == "2025-11-14"
    assert float(rows[0]["value_at_stake"]) > float(rows[1]["value_at_stake"])
    chinese = "".join(act_on_csv(next_purchase.every_row(warehouse, SHOP, language="zh"), SHOP.timezone, "zh"))
    assert chinese.splitlines()[0].startswith("\ufeff排名,客户编号,状态,风险金额（年）")
