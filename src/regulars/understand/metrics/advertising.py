"""Metrics of what advertising cost and of competitors' prices: the whole shop's, whatever brought an order."""

from __future__ import annotations

from regulars.understand.metrics.domain import Metric

ADVERTISING: tuple[Metric, ...] = (
    Metric(
        name="ad_cost",
        title={"en": "Advertising cost", "zh": "推广花费"},
        formula={"en": "Costs of advertising loaded for the days of the range.", "zh": "区间内各日导入的推广花费之和。"},
        unit="money",
        grain="cost",
        additive=True,
        better="neither",
    ),
    Metric(
        name="ad_impressions",
        title={"en": "Impressions of advertising", "zh": "推广展现量"},
        formula={"en": "How often advertising was shown, as the platforms count.", "zh": "推广被展现的次数，以平台统计为准。"},
        unit="count",
        grain="cost",
        additive=True,
        better="higher",
    ),
    Metric(
        name="ad_clicks",
        title={"en": "Clicks on advertising", "zh": "推广点击量"},
        formula={"en": "How often advertising was clicked, as the platforms count.", "zh": "推广被点击的次数，以平台统计为准。"},
        unit="count",
        grain="cost",
        additive=True,
        better="higher",
    ),
    Metric(
        name="ad_click_rate",
        title={"en": "Click rate of advertising", "zh": "推广点击率"},
        formula={"en": "Clicks / impressions of advertising.", "zh": "推广点击量 / 推广展现量。"},
        unit="ratio",
        grain="cost",
        additive=False,
        better="higher",
    ),
    Metric(
        name="cost_per_click",
        title={"en": "Cost per click", "zh": "平均点击花费"},
        formula={"en": "Advertising cost / clicks.", "zh": "推广花费 / 推广点击量。"},
        unit="money",
        grain="cost",
        additive=False,
        better="lower",
    ),
    Metric(
        name="cost_per_order",
        title={"en": "Advertising cost per order", "zh": "单均推广花费"},
        formula={"en": "Advertising cost / all orders, whatever brought them.", "zh": "推广花费 / 全部订单数，不论由什么带来。"},
        unit="money",
        grain="cost",
        additive=False,
        better="lower",
    ),
    Metric(
        name="cost_per_new_buyer",
        title={"en": "Advertising cost per new buyer", "zh": "获客成本"},
        formula={
            "en": "Advertising cost / all new buyers, whatever brought them.",
            "zh": "推广花费 / 新客购买人数，不论由什么带来。",
        },
        unit="money",
        grain="cost",
        additive=False,
        better="lower",
    ),
    Metric(
        name="ad_cost_share",
        title={"en": "Advertising cost of GMV", "zh": "推广费率"},
        formula={"en": "Advertising cost / GMV.", "zh": "推广花费 / 成交额。"},
        unit="ratio",
        grain="cost",
        additive=False,
        better="lower",
    ),
    Metric(
        name="return_on_ad_spend",
        title={"en": "GMV per advertising cost", "zh": "投入产出比（ROAS）"},
        formula={"en": "GMV / advertising cost, all orders counted.", "zh": "成交额 / 推广花费，计入全部订单。"},
        unit="count",
        grain="cost",
        additive=False,
        better="higher",
    ),
    Metric(
        name="market_price_index",
        title={"en": "Price against the market", "zh": "相对市场价格"},
        formula={
            "en": "Mean over products of own price / median of the competitors' newest prices seen in the range. 100% is the market. Own "
            "price: today's list price, else what was paid on average in the range.",
            "zh": "各商品 本店价格 / 竞品最新价格的中位数（区间内观察到的）的平均值，100% 即市场水平。本店价格取当前标价，没有标价时取区间内实付均价。",
        },
        unit="ratio",
        grain="product",
        additive=False,
        better="neither",
    ),
    Metric(
        name="market_products",
        title={"en": "Products compared with the market", "zh": "有竞品价格的商品数"},
        formula={
            "en": "Products with an own price and a competitor's seen in the range.",
            "zh": "区间内有本店价格且观察到竞品价格的商品数。",
        },
        unit="count",
        grain="product",
        additive=False,
        better="neither",
    ),
    Metric(
        name="market_dearer_share",
        title={"en": "Share of products dearer than the market", "zh": "高于市场价的商品占比"},
        formula={
            "en": "Products above the median of competitors / products compared with the market.",
            "zh": "高于竞品中位价的商品数 / 有竞品价格的商品数。",
        },
        unit="ratio",
        grain="product",
        additive=False,
        better="lower",
    ),
)
