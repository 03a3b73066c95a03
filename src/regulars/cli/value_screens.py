"""Expected values, and what is bought again, on one screen of a terminal."""

from __future__ import annotations

from datetime import datetime

from regulars.cli.printing import Printer, safe
from regulars.console import numbers as n
from regulars.console.words import Words
from regulars.predict.lifetime_value import GroupsAnswer, ValueRow, ValuesAnswer
from regulars.predict.next_purchase import HitRate, NextProductsAnswer


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


def next_products(out: Printer, answer: NextProductsAnswer) -> None:
    """Whom to remind of what."""
    w = Words(out.language, out.shop.timezone)
    out.head(out.t("Bought again within 30 days", "30 天内可能复购"), w.day(answer.as_of))
    out.table(
        [
            out.t("customer", "客户"),
            out.t("what", "商品"),
            out.t("probability", "概率"),
            out.t("likely on", "预计日期"),
            out.t("days bought", "购买天数"),
            out.t("rhythm", "周期"),
        ],
        [
            [
                safe(row.customer_id),
                safe(row.name),
                n.share(row.probability),
                w.day(row.likely_at),
                n.count(row.times),
                n.days(row.rhythm_days, out.language),
            ]
            for row in answer.rows
        ],
        wide=(0, 1),
    )
    if answer.next:
        out.line(out.t("the whole list: --csv FILE", "完整名单：--csv 文件名"), "dim")


def hit_rate(out: Printer, rate: HitRate) -> None:
    """How often one of the three things named first was bought, beside two plain rules."""
    out.head(out.t("Of the first three named, one was bought by", "前三项中至少买了一项的客户占比"), rate.level)
    out.table(
        [out.t("named by", "依据"), out.t("share", "占比")],
        [
            [out.t("probability", "概率"), n.share(rate.probable)],
            [out.t("what they bought most", "本人最常买"), n.share(rate.own_frequency)],
            [out.t("what they bought last", "上次所买"), n.share(rate.last_basket)],
            [out.t("what is bought most", "店铺最热门"), n.share(rate.popularity)],
        ],
    )
    out.line(
        out.t(
            f"{n.count(rate.customers)} customers at {rate.cut_offs} past cut-offs; purchases expected {n.count(round(rate.expected))}, made {n.count(rate.came)}",
            f"{rate.cut_offs} 个历史截止时刻的 {n.count(rate.customers)} 位客户；预计购买 {n.count(round(rate.expected))} 次，实际 {n.count(rate.came)} 次",
        ),
        "dim",
    )


def _day(w: Words, moment: datetime | None) -> str:
    return n.NOTHING if moment is None else w.day(moment)
