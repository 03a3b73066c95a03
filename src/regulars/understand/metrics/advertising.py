"""Metrics of what advertising cost and of competitors' prices: the whole shop's, whatever brought an order."""

from __future__ import annotations

from regulars.understand.metrics.domain import Metric, metric

ADVERTISING: tuple[Metric, ...] = (
    metric(
        "ad_cost",
        ("Advertising cost", "推广花费"),
        ("Costs of advertising loaded for the days of the range.", "区间内各日导入的推广花费之和。"),
        "money",
        "cost",
        additive=True,
        better="neither",
    ),
    metric(
        "ad_impressions",
        ("Impressions of advertising", "推广展现量"),
        ("How often advertising was shown, as the platforms count.", "推广被展现的次数，以平台统计为准。"),
        "count",
        "cost",
        additive=True,
    ),
    metric(
        "ad_clicks",
        ("Clicks on advertising", "推广点击量"),
        ("How often advertising was clicked, as the platforms count.", "推广被点击的次数，以平台统计为准。"),
        "count",
        "cost",
        additive=True,
    ),
    metric(
        "ad_click_rate",
        ("Click rate of advertising", "推广点击率"),
        ("Clicks / impressions of advertising.", "推广点击量 / 推广展现量。"),
        "ratio",
        "cost",
    ),
    metric(
        "cost_per_click",
        ("Cost per click", "平均点击花费"),
        ("Advertising cost / clicks.", "推广花费 / 推广点击量。"),
        "money",
        "cost",
        better="lower",
    ),
    metric(
        "cost_per_order",
        ("Advertising cost per order", "单均推广花费"),
        ("Advertising cost / all orders, whatever brought them.", "推广花费 / 全部订单数，不论由什么带来。"),
        "money",
        "cost",
        better="lower",
    ),
    metric(
        "cost_per_new_buyer",
        ("Advertising cost per new buyer", "获客成本"),
        ("Advertising cost / all new buyers, whatever brought them.", "推广花费 / 新客购买人数，不论由什么带来。"),
        "money",
        "cost",
        better="lower",
    ),
    metric(
        "ad_cost_share",
        ("Advertising cost of GMV", "推广费率"),
        ("Advertising cost / GMV.", "推广花费 / 成交额。"),
        "ratio",
        "cost",
        better="lower",
    ),
    metric(
        "return_on_ad_spend",
        ("GMV per advertising cost", "投入产出比（ROAS）"),
        ("GMV / advertising cost, all orders counted.", "成交额 / 推广花费，计入全部订单。"),
        "count",
        "cost",
    ),
    metric(
        "market_price_index",
        ("Price against the market", "相对市场价格"),
        (
            "Mean over products of own price / median of the competitors' newest prices seen in the range. 100% is the market. Own price: today's list price, else what was paid on average in the range.",
            "各商品 本店价格 / 竞品最新价格的中位数（区间内观察到的）的平均值，100% 即市场水平。本店价格取当前标价，没有标价时取区间内实付均价。",
        ),
        "ratio",
        "product",
        better="neither",
    ),
    metric(
        "market_products",
        ("Products compared with the market", "有竞品价格的商品数"),
        ("Products with an own price and a competitor's seen in the range.", "区间内有本店价格且观察到竞品价格的商品数。"),
        "count",
        "product",
        better="neither",
    ),
    metric(
        "market_dearer_share",
        ("Share of products dearer than the market", "高于市场价的商品占比"),
        (
            "Products above the median of competitors / products compared with the market.",
            "高于竞品中位价的商品数 / 有竞品价格的商品数。",
        ),
        "ratio",
        "product",
        better="lower",
    ),
)
