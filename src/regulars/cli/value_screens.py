"""Expected values on one screen of a terminal."""

from __future__ import annotations

from datetime import datetime

from regulars.cli.printing import Printer, safe
from regulars.console import numbers as n
from regulars.console.words import Words
from regulars.predict.lifetime_value import GroupsAnswer, ValueRow, ValuesAnswer


def listing(out: Printer, answer: ValuesAnswer) -> None:
    """Sums, tiers, and the most valuable customers."""
    w = Words(out.language, out.shop.timezone)
    out.head(out.t("Customer value, next 12 months", "未来 12 个月客户价值"), w.day(answer.as_of))
    basis = out.t("margin", "毛利") if answer.basis == "margin" else out.t("net revenue", "净收入")
    out.line(f"{n.money(answer.value)} ({basis}) · {n.count(answer.customers)} {out.t('customers', '位客户')}")
    for caution in answer.cautions:
        out.line(caution.text, "dim")
    out.table(
        [out.t("tier", "层级"), out.t("customers", "客户"), out.t("from", "起点"), out.t("money", "占比")],
        [[row.name, n.count(row.customers), n.money(row.value_from), n.share(row.share)] for row in answer.tiers],
    )
    out.table(
        [
            out.t("customer", "客户"),
            out.t("value", "价值"),
            out.t("interval", "区间"),
            out.t("next order", "预计下单"),
            out.t("no order", "不再下单"),
            out.t("worth keeping", "留存价值"),
        ],
        [
            [
                safe(row.customer_id),
                n.money(row.value),
                f"{n.short_money(row.value_low, out.language)} – {n.short_money(row.value_high, out.language)}",
                _day(w, row.next_order_at),
                n.share(row.no_order_probability),
                n.money(row.retained_gain),
            ]
            for row in answer.rows
        ],
        wide=(0,),
    )
    if answer.next:
        out.line(out.t("the whole list: --csv FILE", "完整名单：--csv 文件名"), "dim")


def customer(out: Printer, row: ValueRow) -> None:
    """One customer's value."""
    w = Words(out.language, out.shop.timezone)
    out.head(safe(row.customer_id), row.tier_name)
    out.table(
        [out.t("figure", "指标"), ""],
        [
            [out.t("value, next 12 months", "未来 12 个月价值"), n.money(row.value)],
            [out.t("interval", "区间"), f"{n.money(row.value_low)} – {n.money(row.value_high)}"],
            [out.t("orders to expect", "预计下单天数"), n.count(row.expected_orders, 1)],
            [
                out.t("next order", "预计下单"),
                f"{_day(w, row.next_order_at)} ({_day(w, row.next_order_from_at)} – {_day(w, row.next_order_to_at)})",
            ],
            [out.t("no order within the horizon", "观察期内不再下单"), n.share(row.no_order_probability)],
            [out.t("worth keeping", "留存价值"), n.money(row.retained_gain)],
        ],
    )


def groups(out: Printer, answer: GroupsAnswer) -> None:
    """One line for each group; money per customer."""
    out.head(out.t("Lifetime value", "客户终身价值"), answer.by)
    out.table(
        [
            out.t("began with", "起点"),
            out.t("customers", "客户"),
            out.t("so far", "至今"),
            out.t("next 12 months", "未来 12 个月"),
            out.t("both", "合计"),
        ],
        [
            [safe(row.key), n.count(row.customers), n.money(row.so_far), n.money(row.expected), n.money(row.lifetime)]
            for row in answer.rows
        ],
        wide=(0,),
    )


def _day(w: Words, moment: datetime | None) -> str:
    return n.NOTHING if moment is None else w.day(moment)
