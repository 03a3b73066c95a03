"""Promotions, coupons and quotes on one screen of a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from regulars.cli.printing import Printer, safe
from regulars.console import numbers as n
from regulars.offer import promotions
from regulars.values.money import Money


def listed(out: Printer, found: Sequence[promotions.Promotion], did: Mapping[str, promotions.Performance]) -> None:
    """One line each."""
    states = {
        "draft": out.t("draft", "草稿"),
        "waiting": out.t("waits for approval", "待审批"),
        "scheduled": out.t("scheduled", "待开始"),
        "running": out.t("running", "进行中"),
        "paused": out.t("paused", "已暂停"),
        "ended": out.t("ended", "已结束"),
    }
    out.head(out.t("promotions", "促销"), n.count(len(found)))
    heads = [out.t("id", "编号"), out.t("name", "名称"), out.t("state", "状态"), out.t("code", "优惠码"), out.t("ends", "结束"), out.t("orders", "订单"), out.t("cost", "成本")]  # fmt: skip
    rows = []
    for one in found:
        figures = did.get(one.promotion_id)
        rows.append(
            [
                one.promotion_id,
                safe(one.name),
                states[one.state],
                safe(one.code or "-"),
                _moment(out, one.ends_at),
                n.count(figures.orders if figures else 0),
                n.money(Money(figures.cost if figures else 0, out.shop.currency)),
            ]
        )
    out.table(heads, rows, wide=[1])


def batches(out: Printer, found: Sequence[promotions.Batch]) -> None:
    """Batches of coupons."""
    heads = [out.t("batch", "批次"), out.t("name", "名称"), out.t("made", "已生成"), out.t("of", "计划")]
    out.table(heads, [[one.batch_id, safe(one.name), n.count(one.made), n.count(one.wanted)] for one in found], wide=[1])


def coupons(out: Printer, found: Sequence[promotions.Coupon]) -> None:
    """Coupons."""
    states = {
        "open": out.t("to use", "可用"),
        "used": out.t("used", "已使用"),
        "void": out.t("void", "已作废"),
        "expired": out.t("expired", "已过期"),
    }
    heads = [
        out.t("code", "优惠码"),
        out.t("promotion", "促销"),
        out.t("customer", "客户"),
        out.t("state", "状态"),
        out.t("ends", "结束"),
    ]
    rows = [
        [safe(one.code), safe(one.promotion), one.customer_id or "-", states[one.state], _moment(out, one.ends_at)] for one in found
    ]
    out.table(heads, rows, wide=[1])


def quoted(out: Printer, found: promotions.Quote) -> None:
    """A price, line by line, and why."""

    def money(minor: int) -> str:
        return n.money(Money(minor, found.currency))

    out.head(out.t("to pay", "应付"), money(found.totals.payable))
    heads = [out.t("line", "行"), out.t("discounts", "优惠"), out.t("list price", "原价"), out.t("price", "价格")]
    rows = [
        [
            safe(line.id),
            safe(", ".join(f"{one.name} -{money(one.amount)}" for one in line.discounts)),
            money(line.list),
            money(line.net),
        ]
        for line in found.lines
    ]
    rows.append([out.t("shipping", "运费"), "", money(found.shipping.list), money(found.shipping.net)])
    out.table(heads, rows, wide=[1])
    for code in found.rejected:
        out.line(f"{safe(code.id)}: {code.words}", "dim")
    for hint in found.hints:
        out.line(f"{safe(hint.name)}: {hint.words}", "dim")
    for warning in found.warnings:
        out.line(warning)


def _moment(out: Printer, at: datetime | None) -> str:
    return "-" if at is None else n.instant(at, out.shop.timezone, out.language)
