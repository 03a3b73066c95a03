"""The list to act on as CSV, for the people and systems that act."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from regulars.predict.next_purchase.domain import ActOnRow
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
