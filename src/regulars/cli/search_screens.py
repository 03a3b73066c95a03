"""Search on one screen of a terminal: what was found, what is asked for, and the rules."""

from __future__ import annotations

from collections.abc import Sequence

from regulars.cli.printing import Printer, safe
from regulars.console import numbers as n
from regulars.serve.search import (
    HitExplained,
    Judgement,
    JudgementsKept,
    LabAnswer,
    SearchAnalytics,
    SearchAnswer,
    SearchOrder,
    SearchRule,
)


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
            safe(hit.name or "") + (out.t(f" ({hit.variants} variants)", f"（{hit.variants} 个规格）") if hit.variants > 1 else ""),
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
        [
            safe(one.query),
            *(
                n.count(value)
                for value in (one.searches, one.customers, one.without_result, one.clicks, one.carts, one.orders, one.exits)
            ),
        ]
        for one in answer.rows
    ]
    heads = [
        out.t("query", "搜索词"),
        out.t("searches", "次数"),
        out.t("shoppers", "人数"),
        out.t("without result", "无结果"),
        out.t("with a click", "有点击"),
        out.t("into the cart", "加购"),
        out.t("ordered", "下单"),
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


def explained(out: Printer, answer: HitExplained) -> None:
    """Points by word, and what multiplied them."""
    where = (
        out.t("it is not found", "未找到该商品")
        if answer.position is None
        else out.t(f"place {answer.position}", f"第 {answer.position} 名")
    )
    notes = [where]
    if answer.pinned:
        notes.append(out.t("pinned there", "被固定在此"))
    if answer.learned:
        notes.append(out.t("an order learned from clicks had a say", "使用了从点击学到的排序"))
    out.head(safe(answer.name or answer.product_id), *notes)
    fields = {
        "name": out.t("name", "名称"),
        "brand": out.t("brand", "品牌"),
        "keywords": out.t("keywords", "关键词"),
        "category": out.t("category", "类目"),
        "attributes": out.t("attributes", "属性"),
        "description": out.t("description", "描述"),
    }
    ways = {
        "typed": "",
        "synonym": out.t("synonym", "同义词"),
        "completed": out.t("completed", "补全"),
        "joined": out.t("written as one", "合写"),
        "pinyin": out.t("pinyin", "拼音"),
    }
    rows = [
        [
            safe(one.word),
            safe(one.found_as or "–"),
            ways[one.how],
            ", ".join(fields[name] for name in one.fields),
            f"{one.points:.3f}",
        ]
        for one in answer.words
    ]
    names = {
        "holds": out.t("holds the words", "包含搜索词"),
        "raised": out.t("raised", "提升"),
        "lowered": out.t("lowered", "降低"),
        "sold_out": out.t("sold out", "售罄"),
    }
    rows += [[names[one.kind], safe(one.what or ""), "", "", f"× {one.factor:.3f}"] for one in answer.factors]
    heads = [
        out.t("word", "词"),
        out.t("found as", "匹配为"),
        out.t("by", "方式"),
        out.t("in", "所在字段"),
        out.t("points", "得分"),
    ]
    out.table(heads, rows)


def judged(out: Printer, answer: JudgementsKept) -> None:
    """What a file brought."""
    out.line(
        out.t(
            f"{n.count(answer.taken)} judgements read, {n.count(answer.changed)} new or changed; there are {n.count(answer.judgements)} of {n.count(answer.queries)} queries",
            f"读入 {n.count(answer.taken)} 条评判，其中 {n.count(answer.changed)} 条新增或变更；共 {n.count(answer.queries)} 个搜索词、{n.count(answer.judgements)} 条评判",
        )
    )


def judgements(out: Printer, listed: Sequence[Judgement]) -> None:
    """One line for each."""
    rows = [[safe(one.query), safe(one.product_id), f"{one.grade:g}"] for one in listed]
    out.table([out.t("query", "搜索词"), out.t("product", "商品"), out.t("grade", "等级")], rows, wide=(0,))


def compared(out: Printer, answer: LabAnswer) -> None:
    """One line for each figure, then the queries that differ most."""
    out.head(
        out.t(f"{n.count(answer.queries)} queries", f"{n.count(answer.queries)} 个搜索词"),
        out.t("as it is beside without these parts", "现状与去掉这些部分对比"),
    )
    if answer.left is None or answer.right is None:
        return
    names = {
        "ndcg_10": "NDCG@10",
        "recall_100": out.t("recall@100", "召回@100"),
        "mrr": "MRR",
        "without_result": out.t("without result", "无结果"),
    }
    rows = []
    for one in answer.differences:
        between = "" if one.low is None or one.high is None else f"[{one.low:+.4f}, {one.high:+.4f}]"
        pair = [f"{getattr(side, one.figure):.4f}" for side in (answer.left, answer.right)]
        rows.append([names[one.figure], *pair, f"{one.difference:+.4f}", between])
    heads = ["", out.t("as it is", "现状"), out.t("without", "去掉后"), out.t("difference", "差值"), out.t("95 %", "95% 区间")]
    out.table(heads, rows)
    if answer.differing:
        queries = [[safe(one.query), f"{one.left:.3f}", f"{one.right:.3f}"] for one in answer.differing]
        out.table([out.t("query", "搜索词"), out.t("as it is", "现状"), out.t("without", "去掉后")], queries, wide=(0,))


def order(out: Printer, answer: SearchOrder) -> None:
    """What answers, and by how much it won or lost."""
    said = {
        "not_judged": out.t("not judged yet", "尚未评判"),
        "too_few_lists": out.t(
            f"too few lists with a click: {n.count(answer.lists)} of {n.count(answer.needed)}",
            f"有点击的列表不足：{n.count(answer.lists)} / {n.count(answer.needed)}",
        ),
        "plain_won": out.t(
            "the search's own order answers; the learned one did not surely win", "使用搜索自身的排序；学到的排序未能确定胜出"
        ),
        "champion_won": out.t("the order learned before stays", "保留之前学到的排序"),
        "learned": out.t("the order learned from clicks answers", "使用从点击学到的排序"),
    }
    out.line(said[answer.answers])
    if answer.plain is not None and answer.learned is not None:
        out.line(f"NDCG@10 {answer.plain:.4f} → {answer.learned:.4f} [{answer.low:+.4f}, {answer.high:+.4f}]")
