"""A load on the terminal: progress while it runs, and its report on one screen."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regulars.cli.printing import Printer
    from regulars.collect.imports.domain import LoadReport, Problem

_PROBLEMS_SHOWN = 12
_VALUE_WIDTH = 40
_TABLES_ZH = {
    "orders": "订单",
    "order_lines": "订单行",
    "refunds": "退款",
    "customers": "客户",
    "products": "商品",
    "product_snapshots": "商品快照",
    "reviews": "评价",
    "events": "事件",
    "ad_costs": "推广花费",
    "market_prices": "竞品行情",
}


@contextmanager
def progress(silent: bool) -> Iterator[Callable[[str, int | None, int | None], None]]:
    """A bar on standard error: bytes and remaining time while reading, then the step; nothing where nobody looks."""
    from regulars.cli.running import visit

    if silent or visit.get() is not None or not sys.stderr.isatty():
        yield lambda _note, _done, _total: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    bar = Progress(
        TextColumn("{task.description}"), BarColumn(bar_width=30), DownloadColumn(), TransferSpeedColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
    with bar:
        task = bar.add_task("start", total=None)

        def tell(note: str, done: int | None, total: int | None) -> None:
            bar.update(task, description=f"{note[:40]:40}", completed=done or 0, total=total)

        yield tell


def show(out: Printer, report: LoadReport) -> None:
    """The report of a dry run or a load, for a person at a terminal."""
    from regulars.collect.imports import field_word, say

    t, language = out.t, out.language
    comma = t(", ", "，")
    if report.already_loaded and not report.dry_run:
        out.line(
            t(f"already loaded: {report.already_loaded}; nothing changed", f"已经导入过：{report.already_loaded}，没有任何变化")
        )
        return
    title = (
        t("Dry run: nothing is written", "预检：不写入任何数据")
        if report.dry_run
        else t(f"Load {report.load_id}", f"导入 {report.load_id}")
    )
    out.head(title, _span(report, out.shop.timezone))
    for file in report.files:
        form, title = say(file.form, language), say(file.layout_title, language)
        out.line(t(f"{file.name}: {form}; {title}; {file.rows:,} rows", f"{file.name}：{form}；{title}；{file.rows:,} 行"))
        columns = [f"{field_word(file.kind, column.field, language)} = {column.column}" for column in file.columns]
        out.line("  " + comma.join(columns), "dim")
        if file.unmapped:
            out.line("  " + t("not read: ", "未读取：") + comma.join(file.unmapped[:12]), "dim")
        for field, column in file.also_fitting[:4]:
            fitting = f"{field_word(file.kind, field, language)} = {column}"
            out.line("  " + t(f"would fit too: {fitting}", f"也可以是：{fitting}"), "dim")
        for notice in file.notices[:4]:
            out.line("  " + say(notice, language), "dim")
    outcomes = report.rows_by_outcome
    out.line(
        t("rows: ", "行：")
        + comma.join(f"{_outcome(out, name)} {count:,}" for name, count in outcomes.items() if count)
        + (f" = {report.rows:,}" if report.rows else "0")
    )
    _found(out, report)
    currency_why, timezone_why = say(report.currency_why, language), say(report.timezone_why, language)
    out.line(t(f"currency {report.currency}: {currency_why}", f"币种 {report.currency}：{currency_why}"), "dim")
    out.line(t(f"time zone {report.timezone}: {timezone_why}", f"时区 {report.timezone}：{timezone_why}"), "dim")
    for share in report.shops:
        new = t(" (new)", "（新）") if share.new else ""
        out.line("  " + t(f"{share.name}{new}: {share.orders:,} orders", f"{share.name}{new}：{share.orders:,} 单"))
    for assumption in report.assumptions:
        out.line(t("assumed: ", "假定：") + say(assumption, language), "dim")
    if report.problems:
        _problems(out, report)
    if not report.dry_run:
        changes = comma.join(
            f"{_table(out, table)} +{change.inserted:,} ~{change.updated:,} ={change.unchanged:,}"
            for table, change in report.changes.items()
        )
        out.line(t("changed: ", "变化：") + (changes or t("nothing", "无")))
        speed = f"{report.rows_per_second:,.0f}"
        out.line(t(f"{report.seconds:.1f} s, {speed} rows/s", f"{report.seconds:.1f} 秒，每秒 {speed} 行"), "dim")
    elif report.already_loaded:
        out.line(t(f"the same content was loaded before: {report.already_loaded}", f"相同内容已导入过：{report.already_loaded}"))


def _span(report: LoadReport, zone: str) -> str:
    """The first and the last day on the shop's own calendar."""
    from regulars.values.zones import local_day

    first, last = report.found.first_at, report.found.last_at
    return f"{local_day(first, zone)} .. {local_day(last, zone)}" if first and last else ""


def _outcome(out: Printer, outcome: str) -> str:
    words = {
        "loaded": out.t("loaded", "导入"),
        "duplicate": out.t("duplicate", "重复"),
        "set_aside": out.t("set aside", "不计入"),
        "quarantined": out.t("quarantined", "隔离"),
    }
    return words[outcome]


def _table(out: Printer, table: str) -> str:
    return out.t(table, _TABLES_ZH.get(table, table))


def _found(out: Printer, report: LoadReport) -> None:
    found, t = report.found, out.t
    parts = [
        (found.orders, t("orders", "单")), (found.order_lines, t("lines", "行明细")), (found.refunds, t("refunds", "笔退款")),
        (found.customers, t("customers", "位客户")), (found.products, t("products", "个商品")), (found.reviews, t("reviews", "条评价")), (found.events, t("events", "个事件")),
        (found.cost_days, t("days of campaigns", "条计划日花费")), (found.market_rows, t("rows about competitors", "条竞品记录")),
        (found.unpaid_orders, t("unpaid", "单未付款")), (found.cancelled_orders, t("cancelled", "单已取消")),
    ]  # fmt: skip
    text = t(", ", "，").join(f"{count:,} {word}" for count, word in parts if count)
    if found.gmv and found.orders:
        gmv = f"{found.gmv.major:,} {found.gmv.currency}"
        text += t(f"; GMV {gmv}", f"；成交额（GMV）{gmv}")
    if found.refunded and found.refunded.minor:
        text += t(f", refunded {found.refunded.major:,}", f"，退款 {found.refunded.major:,}")
    if found.spent:
        text += t(f"; {found.spent.major:,} {found.spent.currency} spent", f"；共花费 {found.spent.major:,} {found.spent.currency}")
    out.line(t("found: ", "识别：") + (text or t("nothing to load", "没有可导入的内容")))


def _problems(out: Printer, report: LoadReport) -> None:
    from regulars.collect.imports import RULES

    t = out.t
    weight = {"quarantined": 0, "set_aside": 1, "duplicate": 2, "loaded": 3}
    problems = sorted(report.problems, key=lambda problem: (weight[problem.outcome], -problem.rows))
    words = {problem.rule: RULES[problem.rule].words(out.language) for problem in problems}
    out.table(
        (t("rows", "行数"), t("outcome", "结果"), t("what", "说明"), t("for example", "例如")),
        [
            (f"{problem.rows:,}", _outcome(out, problem.outcome), words[problem.rule][0], _example(out, problem))
            for problem in problems[:_PROBLEMS_SHOWN]
        ],
        wide=(1, 2, 3),
    )
    for problem in [problem for problem in problems if problem.outcome == "quarantined"][:4]:
        says, mend = words[problem.rule]
        out.line(t(f"{problem.rule}: {mend}", f"{says}：{mend}"))


def _example(out: Printer, problem: Problem) -> str:
    if not problem.examples:
        return ""
    one = problem.examples[0]
    cell = f"{one.column} = {one.value[:_VALUE_WIDTH]}"
    return out.t(f"row {one.row:,}: {cell}", f"第 {one.row:,} 行：{cell}")
