"""Recommendations on one screen of a terminal."""

from __future__ import annotations

from regulars.cli.printing import Printer, safe
from regulars.console import numbers as n
from regulars.serve.recommend import MEANINGS, ExplainedList, Method, RecommendQuality
from regulars.serve.recommend.words import METHODS, RANKINGS, WHYS, ordered_by

_DROPPED = 20


def listed(out: Printer, told: ExplainedList, *, why: bool) -> None:
    """The list; with `why` also what it was made from."""
    found = told.recommendation
    title = MEANINGS[found.placement][out.language == "zh"]
    personal = out.t("personal", "个性化") if found.personalised else out.t("for everybody", "通用")
    out.head(title, ordered_by(found.model, out.language), personal)
    if not found.items:
        out.line(out.t("Nothing can be shown here.", "此处没有可展示的商品。"))
    rows = [
        [
            str(one.position),
            safe(one.product_id),
            safe(one.name or ""),
            n.money(one.price) if one.price else "",
            one.reason.text,
        ]
        for one in found.items
    ]
    if rows:
        out.table(
            ["#", out.t("Product", "商品"), out.t("Name", "名称"), out.t("Price", "价格"), out.t("Why", "理由")],
            rows,
            wide=(1, 2, 4),
        )
    if not why:
        return
    out.line()
    seen = ", ".join(told.viewed[-10:]) or out.t("nothing", "无")
    out.line(
        safe(
            out.t(
                f"Looked at: {seen}. Bought: {told.bought:,} products. Candidates: {told.candidates:,}, left out: {len(told.dropped):,}.",
                f"浏览过：{seen}。买过 {told.bought:,} 种商品。候选 {told.candidates:,} 个，过滤 {len(told.dropped):,} 个。",
            )
        )
    )
    left = [
        [safe(one.product_id), safe(one.name or ""), one.why, WHYS[one.why][out.language == "zh"]]
        for one in told.dropped[:_DROPPED]
    ]
    if left:
        out.table(
            [out.t("Left out", "被过滤"), out.t("Name", "名称"), out.t("Filter", "过滤项"), out.t("Why", "原因")],
            left,
            wide=(1, 2, 3),
        )


def quality(out: Printer, found: RecommendQuality) -> None:
    """The evaluation."""
    zh = out.language == "zh"
    out.head(out.t("Recommendations against plain methods", "推荐效果与简单方法对比"), RANKINGS[found.ranking][zh])
    for title, methods, columns in (
        (
            out.t(f"Next product of {found.lists:,} visits", f"{found.lists:,} 次访问的下一个商品"),
            found.sessions,
            ("hr", "mrr", "coverage"),
        ),
        (
            out.t(f"Next basket among {found.buyers:,} buyers", f"{found.buyers:,} 位客户的下一单"),
            found.baskets,
            ("recall", "ndcg", "any"),
        ),
    ):
        if methods:
            out.line()
            rows = [[METHODS[one.method][zh], *(_figure(one, name) for name in columns)] for one in methods]
            out.table([title, *(name.upper() if len(name) < 5 else name for name in columns)], rows)


def _figure(one: Method, name: str) -> str:
    """A figure with the half of its 95 % interval."""
    low, high = one.intervals.get(name, (0.0, 0.0))
    return f"{one.figures[name]:.4f}" + (f" ± {(high - low) / 2:.4f}" if high > low else "")
