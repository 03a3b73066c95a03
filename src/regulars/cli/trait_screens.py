"""Traits, likeness and tags on one screen of a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from regulars.cli.printing import Printer, safe
from regulars.console import numbers as n
from regulars.console.words import Words
from regulars.understand.traits import AlikeAnswer, CustomerTraits, Distribution, Tag, Traits, value_words


def overview(out: Printer, answer: Traits) -> None:
    """One line for each trait."""
    w = Words(out.language, out.shop.timezone)
    rows = [
        [
            one.name,
            one.label,
            n.share(one.share),
            "–" if one.unit == "text" else value_words(w, one.unit, one.median, None, answer.currency),
            one.reason or "",
        ]
        for one in answer.traits
    ]
    heads = [
        out.t("trait", "特征"),
        out.t("name", "名称"),
        out.t("have it", "覆盖"),
        out.t("median", "中位数"),
        out.t("missing", "缺失原因"),
    ]
    out.table(heads, rows, wide=(1, 4))


def spread(out: Printer, answer: Distribution, currency: str) -> None:
    """One line for each bin."""
    w, one = Words(out.language, out.shop.timezone), answer.trait
    out.head(one.label, one.formula)
    if one.reason:
        out.line(one.reason)
        return
    rows = []
    for bin_ in answer.bins:
        ends = [value_words(w, one.unit, at, None, currency) for at in (bin_.start, bin_.end)]
        words = safe(bin_.key) if bin_.key is not None else " – ".join(ends)
        rows.append([words, n.count(bin_.customers), n.share(bin_.share)])
    out.table([out.t("value", "取值"), out.t("customers", "客户"), out.t("share", "占比")], rows, wide=(0,))


def customer(out: Printer, answer: CustomerTraits) -> None:
    """One line for each trait of a customer."""
    w = Words(out.language, out.shop.timezone)
    out.head(safe(answer.customer_id), ", ".join(safe(one.name) for one in answer.tags))
    rows = [
        [
            one.label,
            safe(value_words(w, one.unit, one.number, one.text, answer.currency)),
            "–" if one.unit == "text" else value_words(w, one.unit, one.shop_median, None, answer.currency),
            one.reason or "",
        ]
        for one in answer.traits
    ]
    out.table(
        [out.t("trait", "特征"), out.t("value", "取值"), out.t("shop", "本店"), out.t("missing", "缺失原因")], rows, wide=(0, 1, 3)
    )


def alike(out: Printer, answer: AlikeAnswer) -> None:
    """One line for each customer."""
    if answer.reason:
        out.line(answer.reason)
        return
    w = Words(out.language, out.shop.timezone)
    rows = [
        [
            safe(one.customer_id),
            n.share(one.likeness),
            "; ".join(f"{why.label} {value_words(w, why.unit, why.theirs, None, answer.currency)}" for why in one.because),
        ]
        for one in answer.alike
    ]
    out.table([out.t("customer", "客户"), out.t("likeness", "相似度"), out.t("because", "相似之处")], rows, wide=(2,))


def tags(out: Printer, found: Sequence[Tag]) -> None:
    """One line for each tag."""
    if not found:
        out.line(out.t("no tag yet", "还没有标签"))
        return
    rows = [
        [
            safe(one.name),
            n.count(one.customers),
            out.t("rule", "规则") if one.has_rule else out.t("by hand", "手动"),
            safe(one.description),
        ]
        for one in found
    ]
    out.table([out.t("tag", "标签"), out.t("customers", "客户"), out.t("how", "方式"), out.t("meaning", "说明")], rows, wide=(0, 3))
