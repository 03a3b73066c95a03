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
    t = out.t
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
    out.head(title, _span(report))
    for file in report.files:
        out.line(f"{file.name}: {file.form}; {file.layout_title}; {file.rows:,} " + t("rows", "行"))
        out.line("  " + ", ".join(f"{column.field} = {column.column}" for column in file.columns), "dim")
        if file.unmapped:
            out.line("  " + t("not read: ", "未读取：") + ", ".join(file.unmapped[:12]), "dim")
        for field, column in file.also_fitting[:4]:
            out.line("  " + t(f"would fit too: {field} = {column}", f"也可作为 {field}：{column}"), "dim")
        for notice in file.notices[:4]:
            out.line("  " + notice, "dim")
    outcomes = report.rows_by_outcome
    words = {
        "loaded": t("loaded", "导入"),
        "duplicate": t("duplicate", "重复"),
        "set_aside": t("set aside", "剔除"),
        "quarantined": t("quarantined", "隔离"),
    }
    out.line(
        t("rows: ", "行：")
        + ", ".join(f"{words[name]} {count:,}" for name, count in outcomes.items() if count)
        + f" = {report.rows:,}"
    )
    _found(out, report)
    out.line(t(f"currency {report.currency}: {report.currency_why}", f"币种 {report.currency}：{report.currency_why}"), "dim")
    out.line(t(f"time zone {report.timezone}: {report.timezone_why}", f"时区 {report.timezone}：{report.timezone_why}"), "dim")
    for share in report.shops:
        new = t(" (new)", "（新）") if share.new else ""
        out.line(f"  {share.name}{new}: {share.orders:,} " + t("orders", "单"))
    for assumption in report.assumptions:
        out.line(t("assumed: ", "假定：") + assumption, "dim")
    if report.problems:
        _problems(out, report)
    if not report.dry_run:
        changes = ", ".join(
            f"{table} +{change.inserted:,} ~{change.updated:,} ={change.unchanged:,}" for table, change in report.changes.items()
        )
        out.line(t("changed: ", "变化：") + (changes or t("nothing", "无")))
        out.line(f"{report.seconds:.1f} s, {report.rows_per_second:,.0f} " + t("rows/s", "行/秒"), "dim")
    elif report.already_loaded:
        out.line(t(f"the same content was loaded before: {report.already_loaded}", f"相同内容已导入过：{report.already_loaded}"))


def _span(report: LoadReport) -> str:
    found = report.found
    return f"{found.first_at:%Y-%m-%d} .. {found.last_at:%Y-%m-%d}" if found.first_at and found.last_at else ""


def _found(out: Printer, report: LoadReport) -> None:
    found, t = report.found, out.t
    parts = [
        (found.orders, t("orders", "单")), (found.order_lines, t("lines", "行明细")), (found.refunds, t("refunds", "笔退款")),
        (found.customers, t("customers", "位客户")), (found.products, t("products", "个商品")), (found.reviews, t("reviews", "条评价")),
        (found.unpaid_orders, t("unpaid", "单未付款")), (found.cancelled_orders, t("cancelled", "单已取消")),
    ]  # fmt: skip
    text = ", ".join(f"{count:,} {word}" for count, word in parts if count)
    if found.gmv and found.orders:
        text += f"; GMV {found.gmv.major:,} {found.gmv.currency}"
    if found.refunded and found.refunded.minor:
        text += t(f", refunded {found.refunded.major:,}", f"，退款 {found.refunded.major:,}")
    out.line(t("found: ", "识别：") + (text or t("nothing to load", "没有可导入的内容")))


def _problems(out: Printer, report: LoadReport) -> None:
    t = out.t
    weight = {"quarantined": 0, "set_aside": 1, "duplicate": 2, "loaded": 3}
    problems = sorted(report.problems, key=lambda problem: (weight[problem.outcome], -problem.rows))
    out.table(
        (t("rows", "行数"), t("outcome", "结果"), t("what", "说明"), t("for example", "例如")),
        [(f"{problem.rows:,}", problem.outcome, problem.says, _example(problem)) for problem in problems[:_PROBLEMS_SHOWN]],
        wide=(1, 2, 3),
    )
    bad = [problem for problem in problems if problem.outcome == "quarantined"]
    for problem in bad[:4]:
        out.line(f"{problem.rule}: {problem.mend}")


def _example(problem: Problem) -> str:
    if not problem.examples:
        return ""
    one = problem.examples[0]
    return f"row {one.row}: {one.column} = {one.value[:_VALUE_WIDTH]}"
