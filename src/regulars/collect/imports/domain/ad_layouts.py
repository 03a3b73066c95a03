"""Exports of advertising platforms, recognised by their headers: which platform the costs of a file belong to.

Only what the general header words would miss is named here; all else is matched by them.
"""

from __future__ import annotations

from regulars.collect.imports.domain.layout import Layout, columns

_ADDED = "rows of the same day and campaign (ad groups, keywords, creatives) are added up"


def _ads(
    name: str,
    title: str,
    source: str,
    signature: tuple[str, ...],
    *either: tuple[str, ...],
    without: tuple[str, ...] = (),
    **told: str,
) -> Layout:
    return Layout(
        name,
        title,
        "costs",
        signature,
        columns(**told),
        without=without,
        either=either,
        bare=True,
        source=source,
        assumptions=(_ADDED,),
    )


AD_LAYOUTS: tuple[Layout, ...] = (
    _ads(
        "google_ads", "Google Ads report", "google", ("cost",), ("campaign", "campaign name"), ("impr.", "avg. cpc", "currency code"),
        ("day", "date"), impressions="impr.|impressions",
    ),
    _ads("google_ads_zh", "Google Ads 报告", "google", ("费用", "广告系列"), ("展示次数", "展示", "平均每次点击费用", "货币代码")),
    _ads(
        "meta_ads", "Meta Ads report", "meta", ("reporting starts", "reporting ends", "amount spent"), without=("day",),
        spent_on="reporting starts", spent_until="reporting ends",
    ),
    _ads("meta_ads_daily", "Meta Ads report by day", "meta", ("reporting starts", "reporting ends", "amount spent", "day"),
         spent_on="day", spent_until=""),
    _ads("meta_ads_zh", "Meta Ads 报告", "meta", (), ("花费金额", "已花费金额"), ("报告开始日期", "报告开始时间"), without=("天", "日")),
    _ads("tiktok_ads", "TikTok Ads report", "tiktok", ("cost",), ("campaign name", "ad group name"), ("by day", "stat time day", "clicks (destination)"),
         spent_on="by day|stat time day|date"),
    _ads(
        "oceanengine", "巨量引擎/巨量千川报表 (Ocean Engine)", "douyin", (), ("消耗", "总消耗", "整体消耗"),
        ("展示数", "展现数", "展示次数", "整体展示次数", "点击数"), spent_on="时间-天|日期|时间",
    ),
    _ads("alimama", "淘宝直通车/阿里妈妈报表 (Alimama)", "alimama", ("花费", "展现量", "点击量")),
    _ads(
        "baidu_ads", "百度推广报告 (Baidu)", "baidu", (), ("消费", "消费金额"), ("展现", "展现量"), ("点击", "点击量"),
        ("账户", "账户名称", "推广账户", "推广计划", "推广计划名称", "推广单元", "平均点击价格"),
    ),
    _ads("xiaohongshu_ads", "小红书聚光报表 (Xiaohongshu)", "xiaohongshu", ("消费", "展现量", "点击量"), ("千次展现费用", "笔记id", "互动量")),
    _ads("tencent_ads", "腾讯广告报表 (Tencent Ads)", "tencent", ("花费",), ("曝光量", "曝光次数")),
    _ads("microsoft_ads", "Microsoft Advertising report", "bing", ("spend", "impressions"), ("gregorian date", "time period")),
)  # fmt: skip
