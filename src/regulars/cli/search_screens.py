"""Search on one screen of a terminal: what was found, what is asked for, and the rules."""

from __future__ import annotations

from collections.abc import Sequence

from regulars.cli.printing import Printer, safe
from regulars.console import numbers as n
from regulars.serve.search import SearchAnalytics, SearchAnswer, SearchRule


def found(out: Printer, answer: SearchAnswer) -> None:
    """One line for each product."""
    out.head(
        out.t(
            f"{n.count(answer.total)} products for '{safe(answer.query)}'",
            f"“{safe(answer.query)}”：{n.count(answer.total)} 个商品",
        ),
        *_how(out, answer),
    )
    rows = [
        [
            str(hit.position),
            safe(hit.product_id),
            safe(hit.name or ""),
            n.money(hit.price),
            out.t("in stock", "有货") if hit.in_stock else out.t("sold out", "售罄"),
            out.t("pinned", "置顶") if hit.pinned else f"{hit.score:.2f}",
        ]
        for hit in answer.products
    ]
    heads = [
        "#",
        out.t("product", "商品"),
        out.t("name", "名称"),
        out.t("price", "价格"),
        out.t("stock", "库存"),
        out.t("score", "得分"),
    ]
    out.table(heads, rows, wide=(2,))


def _how(out: Printer, answer: SearchAnswer) -> list[str]:
    notes = []
    if answer.redirect:
        notes.append(out.t(f"leads to {safe(answer.redirect)}", f"跳转至 {safe(answer.redirect)}"))
    if answer.corrected:
        notes.append(out.t(f"read as '{safe(answer.corrected)}'", f"按“{safe(answer.corrected)}”搜索"))
    if answer.rescue == "relaxed":
        notes.append(out.t("no product holds all of the words", "没有商品同时包含所有词"))
    if answer.rescue == "related":
        notes.append(out.t("nothing fits; these are products of the shop", "没有匹配的商品，以下为店铺商品"))
    return notes


def searches(out: Printer, answer: SearchAnalytics) -> None:
    """One line for each query."""
    out.head(
        out.t(f"{n.count(answer.searches)} searches", f"{n.count(answer.searches)} 次搜索"), f"{answer.start_on} – {answer.last_on}"
    )
    rows = [
        [safe(one.query), *(n.count(value) for value in (one.searches, one.customers, one.without_result, one.clicks, one.exits))]
        for one in answer.rows
    ]
    heads = [
        out.t("query", "搜索词"),
        out.t("searches", "次数"),
        out.t("shoppers", "人数"),
        out.t("without result", "无结果"),
        out.t("with a click", "有点击"),
        out.t("then left", "搜后离开"),
    ]
    out.table(heads, rows, wide=(0,))


def rules(out: Printer, listed: Sequence[SearchRule]) -> None:
    """One line for each rule."""
    rows = []
    for one in listed:
        if one.synonyms is not None:
            says = " = ".join(one.synonyms.words) + (f" → {', '.join(one.synonyms.also)}" if one.synonyms.also else "")
        else:
            assert one.query is not None
            wants = [
                *one.query.pins,
                *one.query.boost,
                *one.query.bury,
                *one.query.hide,
                *([one.query.redirect] if one.query.redirect else []),
            ]
            says = f"{', '.join(one.query.queries) or '*'}: {', '.join(wants)}"
        rows.append([one.rule_id, one.kind, one.state, safe(says)])
    out.table([out.t("rule", "规则"), out.t("kind", "类型"), out.t("state", "状态"), out.t("says", "内容")], rows, wide=(3,))


def rebuilt(out: Printer, products: int) -> None:
    """How many products the index holds."""
    out.line(out.t(f"the index holds {n.count(products)} products", f"索引包含 {n.count(products)} 个商品"))
