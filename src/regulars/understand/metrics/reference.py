"""The reference page of the metric catalogue, written from the catalogue itself."""

from __future__ import annotations

from regulars.understand.metrics.catalogue import METRICS
from regulars.understand.metrics.domain import Language, Metric

_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "title": "Metrics",
        "intro": (
            "One definition per metric, the same in the console, over HTTP and at the command line. This page is generated "
            "from the catalogue (`GET /v1/metrics/catalogue` gives it as JSON)."
        ),
        "shared": (
            "What holds for all of them: an order is its `order_id`, counted once. Days, weeks and months are cut in the shop's "
            "time zone; ranges include both days. Unpaid orders never count. Orders in another currency than the shop's are "
            "left out and their number is told. Orders whose buyer is unknown count in orders and money, not in buyers. A ratio "
            "over nothing has no value. Ratios are fractions with four digits; averages of money are rounded to the minor unit, "
            "half to even. A change is (value - before) / |before|, and has no value where the data does not reach back to the "
            "first day of the period compared with."
        ),
        "name": "Name",
        "unit": "Unit",
        "grain": "Counted over",
        "additive": "Adds up over time",
        "better": "Better when",
        "since": "Since",
        "yes": "yes",
        "no": "no",
        "money": "money",
        "count": "count",
        "ratio": "fraction",
        "days": "days",
        "order": "orders",
        "line": "order lines",
        "customer": "customers",
        "refund": "refunds",
        "gap": "gaps between orders",
        "delivery": "orders that arrived",
        "cost": "costs of advertising",
        "product": "products",
        "higher": "higher",
        "lower": "lower",
        "neither": "neither",
        "colon": ": ",
    },
    "zh": {
        "title": "指标口径",
        "intro": (
            "每个指标只有一个定义，控制台、接口和命令行完全一致。"
            "本页由指标目录自动生成（`GET /v1/metrics/catalogue` 可获取 JSON）。"
        ),
        "shared": (
            "通用规则：订单按订单号去重，只计一次；日、周、月按店铺时区切分，区间首尾两天都包含；未付款订单不计入；"
            "非店铺币种的订单不计入报表，但会注明数量；买家未知的订单计入订单数和金额，不计入购买人数；分母为零时没有数值；"
            "比率为保留四位的小数；金额均值四舍六入五成双到最小货币单位；变化 = (本期 - 对比期) / |对比期|，"
            "数据未覆盖对比期首日时没有数值。"
        ),
        "name": "名称",
        "unit": "单位",
        "grain": "统计对象",
        "additive": "可按时间累加",
        "better": "何时更好",
        "since": "起始版本",
        "yes": "是",
        "no": "否",
        "money": "金额",
        "count": "数量",
        "ratio": "比率",
        "days": "天",
        "order": "订单",
        "line": "订单行",
        "customer": "客户",
        "refund": "退款",
        "gap": "相邻两单的间隔",
        "delivery": "已签收的订单",
        "cost": "推广花费",
        "product": "商品",
        "higher": "越高越好",
        "lower": "越低越好",
        "neither": "无优劣",
        "colon": "：",
    },
}


def reference_page(language: Language) -> str:
    """The page as Markdown; every metric has an anchor of its name, which screens link to."""
    words = _WORDS[language]
    parts = [f"# {words['title']}", words["intro"], words["shared"]]
    parts += [_section(metric, language) for metric in METRICS.values()]
    return "\n\n".join(parts) + "\n"


def _section(metric: Metric, language: Language) -> str:
    words = _WORDS[language]
    facts = (
        ("name", f"`{metric.name}`"),
        ("unit", words[metric.unit]),
        ("grain", words[metric.grain]),
        ("additive", words["yes"] if metric.additive else words["no"]),
        ("better", words[metric.better]),
        ("since", metric.since),
    )
    lines = [f"- {words[fact]}{words['colon']}{value}" for fact, value in facts]
    return "\n".join([f'<a id="{metric.name}"></a>', "", f"## {metric.title[language]}", "", metric.formula[language], "", *lines])
