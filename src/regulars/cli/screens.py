"""Each answer of `regulars show` on one screen of a terminal, the most telling part first."""

from __future__ import annotations

from rich.text import Text

from regulars.cli.printing import Printer, safe, toned
from regulars.console import numbers as n
from regulars.guard.consent import ConsentOverview
from regulars.predict.next_purchase import ActOnAnswer
from regulars.understand.lifecycle import LifecycleAnswer, stage_name
from regulars.understand.metrics import METRICS, BreakdownRow, MetricsAnswer, OverviewAnswer
from regulars.understand.profiles import CustomerAnswer, CustomerPage, TimelineEntry
from regulars.understand.retention import Cell, RetentionAnswer
from regulars.understand.rfm import RfmAnswer
from regulars.values.money import Money
from regulars.values.periods import Period

_HEAVY, _LIGHT = "█", "░"


def overview(out: Printer, answer: OverviewAnswer, acting: ActOnAnswer) -> None:
    """Half a screen a growth manager reads first."""
    out.head(out.shop.name, _days(out, answer.period), f"{answer.timezone}, {answer.currency}")
    if answer.span.empty:
        _nothing(out)
        return
    rows: list[list[str | Text]] = []
    for tile in answer.tiles:
        metric = METRICS[tile.metric]
        changes = (tile.previous_change, tile.last_year_change)
        name = metric.title["zh" if out.language == "zh" else "en"]
        rows.append([name, value(out, tile.metric, tile.value), *[_change(change, metric.better) for change in changes]])
    out.table(["", out.t("period", "本期"), out.t("vs before", "较上期"), out.t("vs last year", "较去年同期")], rows)
    if answer.findings:
        out.line()
        for finding in answer.findings[:4]:
            out.line(f"• {finding.text['zh' if out.language == 'zh' else 'en']}")
    if answer.top_products:
        out.line()
        out.head(out.t("Best products", "畅销商品"))
        out.table(
            ["", out.t("revenue", "销售额"), out.t("share", "占比"), out.t("buyers", "购买人数")],
            [_product(row) for row in answer.top_products[:5]],
        )
    out.line()
    _overdue_line(out, acting)
    for row in acting.rows:
        out.line(f"  {safe(row.customer_id)}  {safe(row.next_order.reason.text)}")
    if acting.total:
        out.line(out.t("  all of them: regulars show act-on", "  全部名单：regulars show act-on"), "dim")


def metrics(out: Printer, answer: MetricsAnswer) -> None:
    """Every metric with comparisons, then the buckets of the headline ones."""
    out.head(out.t("Metrics", "指标"), _days(out, answer.period), f"{answer.timezone}, {answer.currency}")
    rows: list[list[str | Text]] = []
    for total in answer.totals:
        metric = METRICS[total.metric]
        rows.append(
            [
                metric.title["zh" if out.language == "zh" else "en"],
                value(out, total.metric, total.value),
                value(out, total.metric, total.previous) if answer.previous.covered else n.NOTHING,
                _change(total.previous_change, metric.better),
                value(out, total.metric, total.last_year) if answer.last_year.covered else n.NOTHING,
                _change(total.last_year_change, metric.better),
            ]
        )
    heads = [out.t("period", "本期"), out.t("before", "上期"), "", out.t("last year", "去年同期"), ""]
    out.table(["", *heads], rows)
    shown = [name for name in ("gmv", "net_revenue", "orders", "buyers", "aov", "repeat_purchase_rate") if name in METRICS]
    out.line()
    out.table(
        ["", *[METRICS[name].title["zh" if out.language == "zh" else "en"] for name in shown]],
        [
            [
                n.bucket(bucket.start_on, answer.unit, out.language) + ("" if bucket.complete else " *"),
                *[value(out, name, bucket.values.get(name)) for name in shown],
            ]
            for bucket in answer.series
        ],
    )
    if any(not bucket.complete for bucket in answer.series):
        out.line(out.t("* not a whole one, or not over yet", "* 不完整或尚未结束"), "dim")


def retention(out: Printer, answer: RetentionAnswer) -> None:
    """The triangle in percent, and the weighted curve under it."""
    unit = out.t(answer.unit, "周" if answer.unit == "week" else "月")
    out.head(out.t("Retention by first order", "按首单的留存"), _days(out, answer.period), unit)
    if not answer.cohorts:
        _nothing(out)
        return
    width = min(13, max(len(row.cells) for row in answer.cohorts))
    rows: list[list[str | Text]] = []
    for cohort in answer.cohorts:
        by_period = {cell.period: cell for cell in cohort.cells}
        cells = [_retained(by_period.get(period)) for period in range(width)]
        rows.append([n.bucket(cohort.start_on, answer.unit, out.language), n.count(cohort.customers), *cells])
    curve = {point.period: point for point in answer.curve}
    average = [n.share(curve[k].share, 0) if k in curve else "" for k in range(width)]
    rows.append([out.t("all", "合计"), n.count(sum(row.customers for row in answer.cohorts)), *average])
    out.table(["", out.t("customers", "客户"), *[str(k) for k in range(width)]], rows)
    out.line(out.t("* not over yet; the last line weighs only whole ones", "* 尚未结束；合计行只计完整周期"), "dim")


def rfm(out: Printer, answer: RfmAnswer) -> None:
    """The segments, how they share the revenue, and what to do."""
    out.head(
        out.t("RFM segments", "RFM 分层"),
        out.t(
            f"{answer.customers:,} buyers, {n.money(answer.revenue)}", f"{answer.customers:,} 位购买客户，{n.money(answer.revenue)}"
        ),
        _as_of(out, answer.as_of),
    )
    if not answer.customers:
        _nothing(out)
        return
    columns = [
        "",
        out.t("customers", "客户数"),
        "",
        out.t("of revenue", "收入占比"),
        out.t("each", "人均"),
        out.t("last order", "距上单"),
        out.t("orders", "人均单数"),
        out.t("what to do", "建议"),
    ]
    rows = [
        [
            row.name,
            n.count(row.customers),
            n.share(row.share),
            n.share(row.revenue_share),
            n.short_money(row.revenue_per_customer, out.language),
            n.days(row.average_recency_days, out.language),
            n.count(row.average_orders, 1),
            row.handling,
        ]
        for row in answer.segments
    ]
    out.table(columns, rows, wide=[7])
    for thresholds in answer.thresholds:
        unit = {"days": out.t("days", "天"), "orders": out.t("orders", "单"), "minor": ""}[thresholds.unit]
        bands = []
        for band in thresholds.bands:
            low, high = (
                (n.short_money(Money(int(end), answer.currency), out.language) if thresholds.unit == "minor" else n.count(end, 0))
                for end in (band.lowest, band.highest)
            )
            bands.append(f"{band.score}: {low}" + (f"–{high}" if high != low else ""))
        out.line(f"{thresholds.name} ({unit})  ".replace(" ()", "") + "   ".join(bands), "dim")
        if thresholds.note:
            out.line(f"  {thresholds.note}", "dim")


def lifecycle(out: Printer, answer: LifecycleAnswer) -> None:
    """Stages now, and the stock and movement of each month."""
    cuts = answer.cuts
    out.head(
        out.t("Lifecycle", "生命周期"),
        out.t(
            f"dormant after {cuts.dormant_after_days} days, churned after {cuts.churned_after_days}",
            f"{cuts.dormant_after_days} 天沉睡，{cuts.churned_after_days} 天流失",
        ),
        _as_of(out, answer.as_of),
    )
    out.table(
        ["", out.t("customers", "客户数"), "", out.t("of revenue", "收入占比"), ""],
        [
            [row.name, n.count(row.customers), n.share(row.share), n.share(row.revenue_share), row.explanation]
            for row in answer.now
            if row.customers or row.stage != "prospect"
        ],
        wide=[4],
    )
    if answer.months:
        out.line()
        stages = [stage_name(stage, out.language) for stage in ("new", "active", "dormant", "churned")]
        moved = [
            out.t("joined", "新增"),
            out.t("won back", "挽回"),
            out.t("churn rate", "流失率"),
            out.t("win-back rate", "挽回率"),
        ]
        out.table(
            [out.t("month end", "月末"), *stages, *moved],
            [
                [
                    n.bucket(month.month, "month", out.language) + ("" if month.complete else " *"),
                    *[n.count(count) for count in (month.new, month.active, month.dormant, month.churned)],
                    n.count(month.joined),
                    n.count(month.won_back),
                    n.share(month.churn_rate),
                    n.share(month.win_back_rate),
                ]
                for month in answer.months
            ],
        )
    if answer.suggestion:
        out.line(answer.suggestion.text, "dim")


def customers(out: Printer, answer: CustomerPage) -> None:
    """A page of the customer list."""
    out.head(out.t("Customers", "客户"), n.count(answer.total), _as_of(out, answer.as_of))
    columns = [
        "",
        out.t("orders", "订单"),
        out.t("net", "净消费"),
        out.t("AOV", "客单价"),
        out.t("last order", "距上单"),
        "RFM",
        out.t("segment", "分层"),
        out.t("stage", "阶段"),
        out.t("region", "地区"),
    ]
    rows = [
        [
            row.customer_id,
            n.count(row.orders),
            n.money(row.net),
            n.money(row.aov),
            n.days(row.days_since_last, out.language),
            "".join(str(score) for score in (row.recency_score, row.frequency_score, row.monetary_score) if score),
            row.segment_name or n.NOTHING,
            row.stage_name,
            row.region or n.NOTHING,
        ]
        for row in answer.rows
    ]
    out.table(columns, rows, wide=[6, 7, 8])
    if answer.next:
        out.line(out.t(f"more: --cursor {answer.next}", f"下一页：--cursor {answer.next}"), "dim")


def customer(out: Printer, answer: CustomerAnswer) -> None:
    """Everything about one customer."""
    row = answer.numbers
    out.head(safe(row.customer_id), row.stage_name, row.segment_name or "", row.region or "")
    facts = [
        (out.t("Orders", "订单"), f"{n.count(row.orders)} ({n.money(row.aov)} {out.t('each', '每单')})"),
        (out.t("Net revenue", "净消费"), f"{n.money(row.net)} ({out.t('refunds', '退款')} {n.money(row.refunds)})"),
        (out.t("First order", "首单"), n.instant(row.first_order_at, out.shop.timezone, out.language)),
        (out.t("Last order", "最近下单"), n.instant(row.last_order_at, out.shop.timezone, out.language)),
        (out.t("Rhythm", "购买节奏"), answer.rhythm.text),
    ]
    if answer.rfm:
        facts += [(score.name, f"{score.score}  {score.text}") for score in answer.rfm.scores]
        facts.append((answer.rfm.name, answer.rfm.handling))
    if answer.next_order:
        order = answer.next_order
        facts.append((f"{out.t('Next order', '下次购买')}: {order.status_name}", order.reason.text))
        facts.append((out.t("Suggested", "建议"), order.action.text))
    if answer.favourite_products:
        facts.append((out.t("Buys most", "常买"), ", ".join(each.name for each in answer.favourite_products[:3])))
    out.table(["", ""], facts, wide=[1])
    out.line()
    out.table(
        [out.t("When", "时间"), "", out.t("amount", "金额"), ""],
        [_event(out, entry) for entry in answer.timeline.entries],
        wide=[1, 3],
    )


def act_on(out: Printer, answer: ActOnAnswer) -> None:
    """Whom to act on, why, and what to do."""
    out.head(out.t("Whom to act on", "建议行动名单"), _as_of(out, answer.as_of))
    _overdue_line(out, answer)
    if not answer.rows:
        return
    out.table(
        ["", out.t("customer", "客户"), out.t("at stake", "风险金额"), out.t("why", "原因"), out.t("what to do", "建议")],
        [
            [
                str(row.rank),
                row.customer_id,
                n.short_money(row.next_order.value_at_stake, out.language),
                row.next_order.reason.text,
                row.next_order.action.text,
            ]
            for row in answer.rows
        ],
        wide=[1, 3, 4],
    )
    if answer.next:
        out.line(out.t("the whole list: --csv FILE", "完整名单：--csv 文件名"), "dim")


def value(out: Printer, metric: str, given: object) -> str:
    """A metric's value in words."""
    match given:
        case None:
            return n.NOTHING
        case Money():
            return n.money(given)
        case int() | float():
            unit = METRICS[metric].unit
            return n.share(given) if unit == "ratio" else n.days(given, out.language) if unit == "days" else n.count(given)
    return safe(str(given))


def _overdue_line(out: Printer, answer: ActOnAnswer) -> None:
    if not answer.total:
        out.line(out.t("Nobody is overdue.", "目前没有逾期未购的客户。"))
        return
    names = "、" if out.language == "zh" else ", "
    parts = names.join(f"{row.name} {n.count(row.customers)}" for row in answer.actions[:4])
    people = f"{answer.total:,} customer{'s' * (answer.total != 1)}"
    out.line(
        out.t(
            f"{people} should have ordered by now; {n.money(answer.value_at_stake)} a year at stake. {parts}",
            f"{answer.total:,} 位客户早该再次购买，每年 {n.money(answer.value_at_stake)} 面临流失。{parts}",
        ),
        "bold",
    )


def _event(out: Printer, entry: TimelineEntry) -> list[str | Text]:
    kinds = {
        "order": out.t("order", "订单"),
        "refund": out.t("refund", "退款"),
        "review": out.t("review", "评价"),
        "registered": out.t("registered", "注册"),
    }
    known = kinds.get(entry.kind, entry.kind)
    what = f"{known} {entry.id}" if entry.kind in ("order", "refund") else known
    if entry.status in ("cancelled", "unpaid"):
        what += f" ({out.t(entry.status, {'cancelled': '已取消', 'unpaid': '未付款'}[entry.status])})"
    names = ", ".join(line.name or line.product_id or line.kind for line in entry.lines[:3])
    more = entry.line_count - min(3, len(entry.lines))
    if entry.lines and more > 0:
        names += out.t(f" and {more} more", f" 等 {entry.line_count} 行")
    if entry.rating is not None:
        names = f"{entry.rating:g}★ {entry.product_name or ''}".strip()
    sign = "−" if entry.kind == "refund" else ""
    amount = sign + n.money(entry.amount) if entry.amount else ""
    return [n.instant(entry.at, out.shop.timezone, out.language), what, amount, names or entry.product_name or ""]


def _product(row: BreakdownRow) -> list[str | Text]:
    return [row.name[:48], n.money(row.item_revenue), n.share(row.share), n.count(row.buyers)]


def _retained(cell: Cell | None) -> str:
    return "" if cell is None else n.share(cell.share, 0) + ("" if cell.complete else "*")


def _change(change: float | None, better: str) -> Text:
    if change is None:
        return Text(n.NOTHING, style="dim")
    return toned(n.change(change), None if better == "neither" or change == 0 else (change > 0) == (better == "higher"))


def _days(out: Printer, period: Period) -> str:
    return n.span(period.start_on, period.last_on, out.language)


def _as_of(out: Printer, moment: object) -> str:
    from datetime import datetime, timedelta

    if not isinstance(moment, datetime):
        return ""
    day = n.instant(moment - timedelta(seconds=1), out.shop.timezone, out.language).rsplit(" ", 1)[0].rstrip(",")
    return out.t(f"as of {day}", f"截至 {day}")


def _nothing(out: Printer) -> None:
    out.line(
        out.t("No orders yet: load some with `regulars load orders FILE`.", "还没有订单：用 `regulars load orders 文件` 导入。")
    )


def consents(out: Printer, answer: ConsentOverview) -> None:
    """Who permits what."""
    out.head(out.t("Consents", "同意"))
    heads = [
        out.t("Purpose", "目的"),
        out.t("Channel", "渠道"),
        out.t("Given", "同意"),
        out.t("Pending", "待确认"),
        out.t("Withdrawn", "撤回"),
    ]
    rows = [
        [one.purpose, one.channel or out.t("all", "全部"), f"{one.given:,}", f"{one.pending:,}", f"{one.withdrawn:,}"]
        for one in answer.counts
    ]
    if rows:
        out.table(heads, rows, wide=(1,))
    else:
        out.line(out.t("Nobody has said anything yet.", "还没有任何同意记录。"), "dim")
