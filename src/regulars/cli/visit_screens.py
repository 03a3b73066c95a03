"""Visits on one screen of a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from regulars.cli.printing import Printer, safe
from regulars.collect.sessions import SessionRow, VisitReport
from regulars.console import numbers as n
from regulars.console.words import Words


def visits(out: Printer, answer: VisitReport) -> None:
    """One line for each group, then all of them."""
    from regulars.collect.sessions.words import group_words

    if not answer.total.visits:
        out.line(out.t("no visits in this period", "这段时间没有访问"))
        return
    words = Words(out.language, out.shop.timezone)
    groups = [(safe(group_words(words, answer.by, one.key)), one) for one in answer.groups[:40]]
    rows = [
        [
            name if answer.interval is None else f"{one.start_on}  {name}",
            *_figures(one.figures),
            "" if one.complete else out.t("not over yet", "未结束"),
        ]
        for name, one in groups
    ]
    rows.append([out.t("all", "合计"), *_figures(answer.total), "" if answer.complete else out.t("not over yet", "未结束")])
    out.line(f"{answer.start_on} – {answer.end_on}")
    heads = [
        out.t(answer.by or "", "来源"), out.t("visits", "访问"), out.t("customers", "人数"), out.t("bounce", "跳出率"),
        out.t("conversion", "转化率"), out.t("orders", "订单"), out.t("revenue", "收入"), "",
    ]  # fmt: skip
    out.table(heads, rows, wide=(0,))


def _figures(one: object) -> list[str]:
    from regulars.collect.sessions.reading import VisitFigures

    assert isinstance(one, VisitFigures)
    return [
        n.count(one.visits),
        n.count(one.customers),
        n.share(one.bounce_rate),
        n.share(one.conversion_rate, 2),
        n.count(one.orders),
        n.money(one.revenue),
    ]


def sessions(out: Printer, found: Sequence[SessionRow]) -> None:
    """One line for each visit."""
    from regulars.collect.sessions.words import came_by

    if not found:
        out.line(out.t("no visits", "没有访问"))
        return
    words = Words(out.language, out.shop.timezone)
    rows = [
        [
            n.instant(one.started_at, out.shop.timezone, out.language),
            safe(one.customer_id),
            safe(came_by(words, one)) + (out.t("  (bot)", "（机器人）") if one.is_bot else ""),
            safe(one.landing_path or n.NOTHING),
            n.count(one.pages),
            n.count(one.events),
            n.money(one.value) if one.value else "",
        ]
        for one in found
    ]
    heads = [
        out.t("began", "开始"), out.t("customer or visitor", "客户或访客"), out.t("came by", "来源"), out.t("landing page", "着陆页"),
        out.t("pages", "页面"), out.t("events", "事件"), out.t("orders", "订单金额"),
    ]  # fmt: skip
    out.table(heads, rows, wide=(1, 2, 3))
