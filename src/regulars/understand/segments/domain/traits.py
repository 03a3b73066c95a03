"""What conditions may ask about a customer: computed traits and predictions, each with its kind and its name in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["number", "money", "days", "share", "text"]


@dataclass(frozen=True, slots=True)
class Known:
    """A trait or prediction. Money is told in major units, shares as fractions."""

    name: str
    kind: Kind
    en: str
    zh: str
    values: tuple[str, ...] = ()


TRAITS: dict[str, Known] = {
    one.name: one
    for one in (
        Known("orders", "number", "Orders", "订单数"),
        Known("purchase_days", "number", "Days with an order", "下单天数"),
        Known("gmv", "money", "Amount ordered", "累计下单金额"),
        Known("net", "money", "Net revenue", "净收入"),
        Known("refunds", "money", "Refunded", "退款金额"),
        Known("refund_share", "share", "Share refunded", "退款占比"),
        Known("aov", "money", "Average order value", "客单价"),
        Known("units", "number", "Units bought", "购买件数"),
        Known("days_since_last", "days", "Days since the last order", "距上次下单天数"),
        Known("days_since_first", "days", "Days since the first order", "距首次下单天数"),
        Known("gap_days_median", "days", "Usual days between orders", "通常购买间隔（天）"),
        Known("second_order_days", "days", "Days to the second order", "首单到次单天数"),
        Known("recency_score", "number", "Recency score (1-5)", "最近购买得分 (1-5)"),
        Known("frequency_score", "number", "Frequency score (1-5)", "购买频次得分 (1-5)"),
        Known("monetary_score", "number", "Monetary score (1-5)", "消费金额得分 (1-5)"),
        Known("rfm_segment", "text", "RFM segment", "RFM 分层"),
        Known("value_type", "text", "RFM value type", "RFM 价值类型"),
        Known("stage", "text", "Lifecycle stage", "生命周期", ("new", "active", "dormant", "churned", "prospect")),
        Known("region", "text", "Region of the orders", "下单地区"),
        Known("channel", "text", "Channel of the orders", "下单渠道"),
    )
}

#: Reasons a warning can name as a cause, as predict/churn writes them.
CAUSES = ("delivery", "quality", "returns", "price", "service", "visits", "category")

SCORES: dict[str, Known] = {
    one.name: one
    for one in (
        Known("status", "text", "Next order", "下一单状态", ("on_time", "due", "overdue", "lost")),
        Known("overdue_days", "days", "Days overdue", "逾期天数"),
        Known("expected_in_days", "days", "Next order expected in days", "预计几天后下单"),
        Known("rhythm_days", "days", "Purchase rhythm in days", "购买周期（天）"),
        Known("lateness", "number", "Lateness (1 = one rhythm)", "迟到程度（1 = 一个周期）"),
        Known("yearly_value", "money", "Expected value of a year", "预计年价值"),
        Known("value_at_stake", "money", "Value at stake a year", "风险金额（年）"),
        Known("action", "text", "Suggested action", "建议动作"),
        Known("churn_level", "text", "Churn warning level", "流失预警级别", ("red", "orange", "yellow", "green")),
        Known("churn_probability", "share", "Chance of leaving", "流失概率"),
        Known("churn_loss", "money", "Expected loss by leaving", "流失预计损失"),
        Known("churn_cause", "text", "First cause of the churn warning", "流失预警首要原因", CAUSES),
        Known("predicted_value", "money", "Expected to bring in 12 months", "未来 12 个月预期价值"),
        Known("value_tier", "text", "Value tier", "价值层级", ("top", "high", "middle", "low")),
        Known("worth_keeping", "money", "Worth keeping", "留存价值"),
        Known("expected_orders", "number", "Orders to expect in 12 months", "未来 12 个月预期订单"),
        Known("no_order_probability", "share", "Probability of no order", "不再下单概率"),
        Known("next_order_in_days", "days", "Next order likely in days", "预计几天内下单"),
    )
}

#: Scores that are columns of `customer_values`, under their names there; the others are of `next_orders`.
VALUE_COLUMNS = {
    "predicted_value": "value_minor",
    "value_tier": "value_tier",
    "worth_keeping": "retained_gain_minor",
    "expected_orders": "expected_orders",
    "no_order_probability": "no_order_probability",
    "next_order_in_days": "next_order_at",
}

#: What conditions on orders may name: of the order itself, and of its lines.
ORDER_KEYS = ("coupon", "channel", "region", "seller", "status", "currency", "total", "discount", "shipping", "units")
LINE_KEYS = ("product", "product_name", "category", "brand", "variant")
#: Of what `top_share` may tell the largest.
SHARES_OF = ("brand", "category", "product")
