"""Expected values as files, for the people and systems that use them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from regulars.predict.lifetime_value.domain import GroupsAnswer, ValueRow
from regulars.values.csv import Table, csv_lines
from regulars.values.zones import local_day

#: Column -> head in Chinese; English heads are the column names, so that scripts can rely on them.
HEADS = {
    "customer_id": "客户编号",
    "tier": "价值层级",
    "value": "未来 12 个月价值",
    "value_low": "价值下限",
    "value_high": "价值上限",
    "currency": "币种",
    "expected_orders": "预计下单天数（12 个月）",
    "order_value": "预计单次金额",
    "no_order_probability": "不再下单概率",
    "next_order_on": "预计下单日",
    "next_order_from": "最早",
    "next_order_to": "最晚",
    "retained_gain": "留存价值",
    "orders": "已下单天数",
}


def values_csv(rows: Iterable[ValueRow], zone: str, language: str = "en") -> Iterator[str]:
    """The rows as pieces of a CSV file; days are the shop's local days."""
    heads = list(HEADS.values()) if language == "zh" else list(HEADS)
    return csv_lines(heads, (_cells(row, zone) for row in rows))


def groups_table(answer: GroupsAnswer) -> Table:
    """One row per group; money per customer, but the last column."""
    columns = (answer.by, "customers", "so_far", "expected", "lifetime", "expected_total", "currency", "basis")
    rows = (
        (row.key, row.customers, row.so_far, row.expected, row.lifetime, row.expected_total, answer.currency, answer.basis)
        for row in answer.rows
    )
    return Table(columns, tuple(rows))


def _cells(row: ValueRow, zone: str) -> list[object]:
    def day(moment: datetime | None) -> object:
        return None if moment is None else local_day(moment, zone)

    return [
        row.customer_id,
        row.tier_name,
        row.value,
        row.value_low,
        row.value_high,
        row.value.currency,
        row.expected_orders,
        row.order_value,
        row.no_order_probability,
        day(row.next_order_at),
        day(row.next_order_from_at),
        day(row.next_order_to_at),
        row.retained_gain,
        row.orders,
    ]
