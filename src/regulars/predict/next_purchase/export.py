"""The list to act on, and that of whom to remind of what, as CSV for the people and systems that act."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from regulars.predict.next_purchase.domain import ActOnRow, NextProductRow
from regulars.values.csv import csv_lines
from regulars.values.zones import local_day

#: Column -> head in Chinese; English heads are the column names, so that scripts can rely on them.
HEADS = {
    "rank": "排名",
    "customer_id": "客户编号",
    "status": "状态",
    "value_at_stake": "风险金额（年）",
    "yearly_value": "年价值",
    "currency": "币种",
    "reason": "原因",
    "action_code": "建议代码",
    "action": "建议动作",
    "orders": "订单数",
    "last_order_on": "最近下单日",
    "days_since_last": "距上次下单天数",
    "rhythm_days": "购买周期（天）",
    "expected_on": "预计下单日",
    "late_after_on": "最晚预期日",
    "overdue_days": "逾期天数",
    "segment": "RFM 分层",
    "stage": "生命周期",
    "region": "地区",
    "favourite_product": "常买商品",
}


def act_on_csv(rows: Iterable[ActOnRow], zone: str, language: str = "en") -> Iterator[str]:
    """The rows as pieces of a CSV file; days are the shop's local days."""
    heads = list(HEADS.values()) if language == "zh" else list(HEADS)
    return csv_lines(heads, (_cells(row, zone) for row in rows))


def _cells(row: ActOnRow, zone: str) -> list[object]:
    order = row.next_order
    return [
        row.rank,
        row.customer_id,
        order.status_name,
        order.value_at_stake,
        order.yearly_value,
        order.yearly_value.currency,
        order.reason.text,
        order.action.code,
        order.action.text,
        row.orders,
        local_day(row.last_order_at, zone),
        round(row.days_since_last),
        order.rhythm_days,
        local_day(order.expected_at, zone),
        local_day(order.late_after_at, zone),
        order.overdue_days,
        row.segment_name,
        row.stage_name,
        row.region,
        row.favourite_product,
    ]


#: The same of what is bought next.
PRODUCT_HEADS = {
    "customer_id": "客户编号",
    "level": "层级",
    "thing": "编号",
    "name": "名称",
    "probability": "30 天内复购概率",
    "likely_on": "预计日期",
    "from": "最早",
    "to": "最晚",
    "rank": "排名",
    "times": "购买天数",
    "last_on": "最近购买日",
    "rhythm_days": "购买周期（天）",
}


def next_products_csv(rows: Iterable[NextProductRow], zone: str, language: str = "en") -> Iterator[str]:
    """The rows as pieces of a CSV file; days are the shop's local days."""
    heads = list(PRODUCT_HEADS.values()) if language == "zh" else list(PRODUCT_HEADS)
    return csv_lines(
        heads,
        (
            [
                row.customer_id,
                row.level,
                row.thing,
                row.name,
                row.probability,
                local_day(row.likely_at, zone),
                local_day(row.from_at, zone),
                local_day(row.to_at, zone),
                row.rank,
                row.times,
                local_day(row.last_at, zone),
                row.rhythm_days,
            ]
            for row in rows
        ),
    )
