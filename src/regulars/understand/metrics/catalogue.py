"""The metric catalogue: one definition per metric, in the order in which reports list them."""

from __future__ import annotations

from collections.abc import Iterable

from regulars.errors import InvalidInput
from regulars.understand.metrics.advertising import ADVERTISING
from regulars.understand.metrics.domain import Metric, metric

_ALL = (
    metric(
        "gmv",
        ("GMV", "成交额（GMV）"),
        (
            "Totals of the range's orders, cancelled ones included, unpaid ones not. Total = items - discount + shipping + tax.",
            "区间内下单的订单总额之和，含之后取消的订单，不含未付款订单。订单总额 = 商品金额 - 优惠 + 运费 + 税费。",
        ),
        "money",
        "order",
        additive=True,
    ),
    metric(
        "net_revenue",
        ("Net revenue", "净收入"),
        ("GMV - cancelled - refunds.", "成交额 - 取消金额 - 退款金额。"),
        "money",
        "order",
        additive=True,
    ),
    metric(
        "cancelled",
        ("Cancelled", "取消金额"),
        (
            "Totals of the range's orders that were cancelled, whenever that happened. It belongs to the day of the order.",
            "区间内下单、之后被取消的订单总额（无论何时取消），记在下单日。",
        ),
        "money",
        "order",
        additive=True,
        better="lower",
    ),
    metric(
        "refunds",
        ("Refunds", "退款金额"),
        (
            "Money given back, booked on the day of the refund, whatever day the order was placed.",
            "退还的金额，记在退款当日，与下单日期无关。",
        ),
        "money",
        "refund",
        additive=True,
        better="lower",
    ),
    metric(
        "refund_rate",
        ("Refund rate", "退款率"),
        ("Refunds / GMV, both of the range.", "区间内退款金额 / 区间内成交额。"),
        "ratio",
        "refund",
        better="lower",
    ),
    metric(
        "orders",
        ("Orders", "订单数"),
        (
            "Orders placed in the range, each order number once, later cancelled ones included, unpaid ones not.",
            "区间内下单的订单数，每个订单号只计一次；含之后取消的订单，不含未付款订单。",
        ),
        "count",
        "order",
        additive=True,
    ),
    metric(
        "cancelled_orders",
        ("Cancelled orders", "取消订单数"),
        ("The range's orders that were cancelled, whenever that happened.", "区间内下单、之后被取消的订单数。"),
        "count",
        "order",
        additive=True,
        better="lower",
    ),
    metric(
        "cancellation_rate",
        ("Cancellation rate", "取消率"),
        ("Cancelled orders / orders.", "取消订单数 / 订单数。"),
        "ratio",
        "order",
        better="lower",
    ),
    metric(
        "units",
        ("Units", "件数"),
        (
            "Quantities of the product lines of the range's orders; postage and fees are no units.",
            "区间内订单的商品件数之和；运费、手续费不计件。",
        ),
        "count",
        "line",
        additive=True,
    ),
    metric(
        "units_per_order",
        ("Units per order", "单均件数"),
        ("Units / orders.", "件数 / 订单数。"),
        "count",
        "order",
    ),
    metric(
        "item_revenue",
        ("Item revenue", "商品销售额"),
        (
            "Quantity x unit price of the products, gift cards and other items ordered, before discounts, shipping and tax.",
            "区间内订单所售商品（含礼品卡等其他项目）的 数量 × 单价 之和，未扣订单优惠，不含运费和税费。",
        ),
        "money",
        "line",
        additive=True,
    ),
    metric(
        "aov",
        ("AOV", "客单价"),
        ("Average order value: GMV / orders.", "成交额 / 订单数（平均每单金额）。"),
        "money",
        "order",
    ),
    metric(
        "buyers",
        ("Buyers", "购买人数"),
        (
            "Distinct known customers with an order in the range. Orders of unknown buyers count in orders and GMV only.",
            "区间内至少下过一单的客户数（去重）。买家未知的订单计入订单数和成交额，不计入购买人数。",
        ),
        "count",
        "customer",
    ),
    metric(
        "new_buyers",
        ("New buyers", "新客购买人数"),
        ("Buyers whose first order ever falls in the range.", "历史首单落在区间内的购买人数。"),
        "count",
        "customer",
        additive=True,
    ),
    metric(
        "returning_buyers",
        ("Returning buyers", "老客购买人数"),
        ("Buyers who had ordered before the range began.", "区间开始之前已下过单的购买人数。"),
        "count",
        "customer",
    ),
    metric(
        "returning_buyer_share",
        ("Share of returning buyers", "老客占比"),
        ("Returning buyers / buyers.", "老客购买人数 / 购买人数。"),
        "ratio",
        "customer",
    ),
    metric(
        "new_revenue",
        ("Revenue from first orders", "新客成交额"),
        ("Totals of the range's orders that are the customer's first ever.", "区间内属于客户历史首单的订单总额。"),
        "money",
        "order",
        additive=True,
    ),
    metric(
        "returning_revenue",
        ("Revenue from repeat orders", "老客成交额"),
        (
            "Totals of the range's orders by known customers that are not their first. First + repeat + unknown buyers = GMV.",
            "区间内已知客户非首单的订单总额。新客 + 老客 + 未知买家 = 成交额。",
        ),
        "money",
        "order",
        additive=True,
    ),
    metric(
        "anonymous_revenue",
        ("Revenue from unknown buyers", "未知买家成交额"),
        ("Totals of the range's orders whose buyer is unknown.", "区间内买家未知的订单总额。"),
        "money",
        "order",
        additive=True,
        better="lower",
    ),
    metric(
        "anonymous_share",
        ("Share of orders by unknown buyers", "未知买家订单占比"),
        ("Orders whose buyer is unknown / orders.", "买家未知的订单数 / 订单数。"),
        "ratio",
        "order",
        better="lower",
    ),
    metric(
        "repeat_purchase_rate",
        ("Repeat purchase rate", "复购率"),
        ("Buyers with at least 2 orders in the range / buyers.", "区间内下单不少于 2 次的购买人数 / 购买人数。"),
        "ratio",
        "customer",
    ),
    metric(
        "orders_per_buyer",
        ("Orders per buyer", "人均订单数"),
        ("Orders of known buyers / buyers.", "已知买家的订单数 / 购买人数。"),
        "count",
        "customer",
    ),
    metric(
        "revenue_per_buyer",
        ("Revenue per buyer", "人均成交额"),
        ("GMV of known buyers / buyers.", "已知买家的成交额 / 购买人数。"),
        "money",
        "customer",
    ),
    metric(
        "purchase_interval_days_mean",
        ("Purchase interval, mean", "平均购买间隔"),
        (
            "Mean gap in days to the same customer's previous order (whenever that was), over the range's orders that have one.",
            "区间内订单距同一客户上一单（不限时间）的平均天数；首单不计。",
        ),
        "days",
        "gap",
        better="lower",
    ),
    metric(
        "purchase_interval_days_median",
        ("Purchase interval, median", "购买间隔中位数"),
        (
            "Median gap in days to the same customer's previous order (whenever that was), over the range's orders that have one.",
            "区间内订单距同一客户上一单（不限时间）的天数中位数；首单不计。",
        ),
        "days",
        "gap",
        better="lower",
    ),
    metric(
        "delivered_orders",
        ("Delivered orders", "已签收订单数"),
        (
            "The range's orders whose arrival is known, whenever they arrived.",
            "区间内下单、已知签收时间的订单数（无论何时签收）。",
        ),
        "count",
        "delivery",
        additive=True,
    ),
    metric(
        "delivery_days_mean",
        ("Delivery time, mean", "平均配送时长"),
        (
            "Mean days from order to arrival, over the range's orders whose arrival is known.",
            "区间内下单、已知签收时间的订单，从下单到签收的平均天数。",
        ),
        "days",
        "delivery",
        better="lower",
    ),
    metric(
        "late_delivery_share",
        ("Share delivered after the promise", "超过承诺送达占比"),
        (
            "Of the range's orders: those that arrived after the promise (a promised day lasts to its end) / those whose arrival and promise are known.",
            "区间内下单的订单中：签收晚于承诺（承诺为日期时以当天结束为限）的订单数 / 签收时间和承诺时间都已知的订单数。",
        ),
        "ratio",
        "delivery",
        better="lower",
    ),
    *ADVERTISING,
)

#: Those that need orders with `delivered_at`.
OF_DELIVERY = tuple(metric.name for metric in _ALL if metric.grain == "delivery")
METRICS: dict[str, Metric] = {metric.name: metric for metric in _ALL}


def chosen(names: Iterable[str] | None) -> tuple[Metric, ...]:
    """The metrics of these names, in the given order; all of them for None.

    Raises
    ------
    InvalidInput : a name is not in the catalogue; the valid ones are listed.
    """
    if names is None:
        return _ALL
    wanted = list(dict.fromkeys(name.strip() for name in names))
    unknown = [name for name in wanted if name not in METRICS]
    if unknown or not wanted:
        raise InvalidInput(
            f"there is no metric named {', '.join(repr(name) for name in unknown)}" if unknown else "no metric was named",
            mend=f"use any of {', '.join(METRICS)}",
            code="unknown_metric",
            metrics=list(METRICS),
        )
    return tuple(METRICS[name] for name in wanted)
