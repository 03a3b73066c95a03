"""Header words of files about the market: what advertising cost, and what competitors ask; in tiers as in `synonyms.py`."""

from __future__ import annotations

COSTS = {
    "spent_on": (
        "day, date, spent on, by day, reporting starts, start date, from, period start, time period, gregorian date, 日期, 天, 日, 时间 天, 时间, 统计日期,"
        " 报告开始日期, 报告开始时间, 开始日期, 开始时间, 投放日期, 数据日期 | week, month, 周, 月份"
    ),
    "spent_until": (
        "spent until, reporting ends, end date, until, to, period end, 报告结束日期, 报告结束时间, 结束日期, 结束时间, 截止日期"
    ),
    "source": (
        "platform, source, ad platform, media source, utm source, publisher platform, 平台, 推广平台, 广告平台, 投放平台, 媒体, 媒体平台"
        " | channel, network, media, 渠道, 推广渠道, 来源, 广告渠道"
    ),
    "campaign": (
        "campaign, campaign name, utm campaign, 推广计划, 推广计划名称, 计划名称, 计划名字, 广告系列, 广告系列名称, 广告计划, 广告计划名称, 项目名称, 推广活动, 活动名称,"
        " 计划, 活动 | 广告组名称, 组名称, 单元名称"
    ),
    "coupon": (
        "coupon, coupon code, promotion, promotion id, promotion name, promotion code, promo code, discount code, 优惠券, 优惠码, 优惠券码, 促销活动, 促销"
    ),
    "impressions": (
        "impressions, impr, impression, shows, views, 展现量, 展示次数, 展现次数, 展示数, 展现数, 曝光量, 曝光次数, 整体展示次数, 展示量, 展现, 展示, 曝光, 曝光数"
    ),
    "clicks": (
        "link clicks, clicks, click, 链接点击量, 链接点击次数, 点击量, 点击次数, 点击数, 整体点击次数, 点击"
    ),
    "cost": (
        "cost, spend, amount spent, spent, ad spend, ad cost, costs, total cost, 花费, 消耗, 消费, 费用, 花费金额, 已花费金额, 推广费用, 总消耗, 总花费, 消费金额, 整体消耗, 广告费,"
        " 广告花费, 投放金额, 推广花费 | amount, 金额, 成本"
    ),
    "currency": "currency, currency code, 币种, 货币, 货币代码",
}  # fmt: skip

COMPETITION = {
    "observed_on": (
        "observed on, observed at, seen on, snapshot date, date, day, 采集日期, 抓取日期, 采集时间, 抓取时间, 统计日期, 观察日期, 日期 | time, 时间, month, 月份"
    ),
    "competitor": (
        "competitor, competitor name, rival, competing shop, 竞品店铺, 竞品, 竞争对手, 竞店, 竞品名称, 对手, 竞争店铺, 竞品品牌 | shop, store, seller, brand, 店铺, 店铺名称, 商家,"
        " 卖家, 品牌"
    ),
    "price": (
        "competitor price, price, their price, market price, selling price, 竞品价格, 竞品价, 竞品售价, 价格, 售价, 到手价 | amount"
    ),
    "available": "available, availability, in stock, stock status, 是否有货, 有货, 库存状态, 在售, 是否在售",
    "share": "share, market share, share of market, 市场份额, 份额, 市占率, 市场占有率, 占比",
    "sales": "sales amount, sales, revenue, turnover, gmv, 销售额, 成交额, 成交金额, 交易额, 交易金额",
    "units": "units, units sold, sales volume, sold, quantity, volume, 销量, 销售量, 件数, 月销量",
}  # fmt: skip
