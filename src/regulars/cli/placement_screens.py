"""Places of recommendations on one screen of a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from regulars.cli.printing import Printer, safe
from regulars.console import numbers as n
from regulars.serve.recommend import PlacementPropensities, PlacementSetting, RecommendPerformance, Spread
from regulars.serve.recommend.words import AGAINST, ARMS, LIFT_STATES, ORDERS, PLACES, SHOWN_BY, ordered_by

_ROWS = 60


def figures(out: Printer, found: RecommendPerformance) -> None:
    """What came of recommendations."""
    zh = out.language == "zh"
    span = n.span(found.start_on, found.last_on, out.language)
    out.head(out.t("What came of recommendations", "推荐效果"), span)
    if not found.total.served:
        out.line(out.t("No list was asked for in this time.", "此期间没有请求过推荐列表。"))
        return
    told = [
        (out.t("Placement", "推荐位"), [one.placement and PLACES[one.placement][zh] for one in found.rows]),
        (out.t("Place", "位置"), [one.position and str(one.position) for one in found.rows]),
        (out.t("Order", "排序"), [one.model and safe(ordered_by(one.model, out.language)) for one in found.rows]),
        (out.t("Arm", "分组"), [None if one.arm is None else ARMS.get(one.arm, (one.arm, one.arm))[zh] for one in found.rows]),
        (out.t("Shown by", "来源"), [one.shown_by and SHOWN_BY[one.shown_by][zh] for one in found.rows]),
        (out.t("Day", "日期"), [one.on and one.on.isoformat() for one in found.rows]),
    ]
    used = [(name, words) for name, words in told if any(words)]
    rows = [
        [
            *(str(words[at] or "") for _, words in used),
            n.count(one.lists),
            n.count(one.seen) if one.measured_by == "seen" else "–",
            n.count(one.clicks),
            n.share(one.click_through),
            n.count(one.orders),
            n.money(one.revenue),
        ]
        for at, one in enumerate(found.rows[:_ROWS])
    ]
    heads = [
        *(name for name, _ in used),
        out.t("Lists", "列表"),
        out.t("Seen", "曝光"),
        out.t("Clicks", "点击"),
        out.t("CTR", "点击率"),
        out.t("Orders", "订单"),
        out.t("Revenue", "成交额"),
    ]
    out.table(heads, rows)
    out.line()
    out.line(
        out.t(
            "Orders and revenue: products bought by who clicked them in a list, within 7 days, without what was given back.",
            "订单与成交额：点击列表中的商品后 7 天内由同一人购买，已扣除退款。",
        )
    )
    if found.lifts:
        out.line()
        lifts = [
            [
                f"{PLACES[one.placement][zh]}: {AGAINST[one.against][zh]}",
                n.share(one.click_through),
                n.share(one.base_click_through),
                n.change(one.lift) if one.lift is not None else "–",
                f"{n.change(one.low)} … {n.change(one.high)}" if one.low is not None else "–",
                LIFT_STATES[one.state][zh],
            ]
            for one in found.lifts
        ]
        out.table(
            [
                out.t("Click-through", "点击率"),
                out.t("Model", "模型"),
                out.t("Beside it", "对照"),
                out.t("Lift", "提升"),
                out.t("95 %", "95% 区间"),
                out.t("Says", "结论"),
            ],
            lifts,
        )


def spread(out: Printer, found: Sequence[Spread]) -> None:
    """How impressions are spread."""
    zh = out.language == "zh"
    out.head(out.t("How recommendations are spread over the catalogue", "推荐在商品目录中的分布"))
    rows = [
        [
            PLACES[one.placement][zh],
            n.span(one.start_on, one.last_on, out.language),
            n.count(one.impressions),
            n.count(one.products),
            n.share(one.coverage),
            "–" if one.gini is None else f"{one.gini:.3f}",
            "–" if one.novelty is None else f"{one.novelty:.2f}",
            n.share(one.head_share),
        ]
        for one in found
    ]
    if not rows:
        out.line(out.t("No list was asked for in this time.", "此期间没有请求过推荐列表。"))
        return
    out.table(
        [
            out.t("Placement", "推荐位"),
            out.t("Days", "日期"),
            out.t("Impressions", "展示"),
            out.t("Products", "商品"),
            out.t("Coverage", "覆盖率"),
            out.t("Gini", "基尼系数"),
            out.t("Novelty (bits)", "新颖度（比特）"),
            out.t("Top 1 %", "头部 1%"),
        ],
        rows,
        wide=(1,),
    )


def places(out: Printer, found: Sequence[PlacementPropensities]) -> None:
    """How much each place is looked at."""
    zh = out.language == "zh"
    out.head(out.t("How much each place is looked at", "各位置的关注度"))
    if not found:
        out.line(
            out.t(
                "No placement shows random products yet: `regulars placement set home --random 2`.",
                "尚无推荐位展示随机商品：`regulars placement set home --random 2`。",
            )
        )
    for one in found:
        out.line()
        rows = [
            [
                str(place.position),
                n.count(place.shown),
                n.count(place.clicks),
                out.t("too few yet", "数据不足")
                if place.propensity is None
                else f"{place.propensity:.3f} ({place.low:.3f} … {place.high:.3f})",
                "–" if place.weight is None else f"{place.weight:.2f}",
            ]
            for place in one.positions
        ]
        heads = [
            f"{PLACES[one.placement][zh]} #",
            out.t("Shown", "展示"),
            out.t("Clicks", "点击"),
            out.t("Share of the first", "相对首位"),
            out.t("A click counts", "点击权重"),
        ]
        out.table(heads, rows)


def settings(out: Printer, found: Sequence[PlacementSetting]) -> None:
    """What places try and cap."""
    zh = out.language == "zh"
    out.head(out.t("What each place tries and caps", "各推荐位的试验与上限"))
    rows = [
        [
            one.placement,
            PLACES[one.placement][zh],
            n.share(one.random_bps / 10_000),
            n.share(one.popular_bps / 10_000),
            "–" if one.variant is None else f"{ORDERS[one.variant][zh]} {n.share(one.variant_bps / 10_000, 0)}",
            "–" if one.most_per_visitor is None else n.count(one.most_per_visitor),
            "–" if one.most_share_bps is None else n.share(one.most_share_bps / 10_000),
        ]
        for one in found
    ]
    out.table(
        [
            out.t("Placement", "推荐位"),
            out.t("Shows", "说明"),
            out.t("Random", "随机"),
            out.t("Popular", "热门"),
            out.t("A/B test", "A/B 测试"),
            out.t("Per visitor and day", "每访客每日"),
            out.t("Share of one product", "单品占比"),
        ],
        rows,
        wide=(1,),
    )
