"""The churn warning on one screen of a terminal."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from rich.text import Text

from regulars.cli.printing import Printer, safe
from regulars.console import numbers as n
from regulars.predict.churn import Scored
from regulars.predict.churn.answers import ChurnReason, ChurnRun, CustomerRisk, Levels, Quality, Trend, Views, Warnings


def scored(out: Printer, found: Scored) -> None:
    """What a run came to."""
    out.head(
        out.t("Churn warnings", "流失预警"), _day(out, found.as_of), out.t(f"{found.horizon_days} days", f"{found.horizon_days} 天")
    )
    line = out.t(
        f"{found.customers:,} customers judged: {found.red:,} red, {found.orange:,} orange, {found.yellow:,} yellow, {found.green:,} green.",
        f"评估客户 {found.customers:,} 位：红 {found.red:,}，橙 {found.orange:,}，黄 {found.yellow:,}，绿 {found.green:,}。",
    )
    out.line(line)
    if found.is_newest:
        out.line(out.t(f"{found.changes:,} changes of level were told.", f"已通知 {found.changes:,} 个级别变化。"))
    else:
        words = ("A run at an earlier cut-off than the newest one: nothing was told.", "截止时刻早于最新一次运行：未发出通知。")
        out.line(out.t(*words))
    if found.note:
        out.line(safe(found.note), "dim")


def warnings(out: Printer, found: Warnings) -> None:
    """The list."""
    if found.run is None:
        out.line(found.reason or "")
        return
    _head(out, found.run)
    out.line(
        " · ".join(
            f"{one.name} {n.count(one.customers)} ({n.short_money(one.expected_loss, out.language)})" for one in found.levels
        )
    )
    if not found.items:
        out.line(out.t("Nobody is warned of here.", "没有符合条件的预警客户。"))
        return
    rows: list[list[str | Text]] = [
        [
            "" if row.place is None else str(row.place),
            row.customer_id,
            row.level_name,
            n.short_money(row.expected_loss, out.language),
            n.share(row.probability, 0),
            _why(list(row.reasons)),
            row.action,
        ]
        for row in found.items
    ]
    heads = [
        "", out.t("customer", "客户"), out.t("level", "级别"), out.t("loss", "预计损失"), out.t("chance", "概率"), out.t("why", "原因"),
        out.t("what to do", "建议"),
    ]  # fmt: skip
    out.table(heads, rows, wide=[1, 5, 6])
    if found.next:
        out.line(out.t("the whole list: --csv FILE", "完整名单：--csv 文件名"), "dim")


def customer(out: Printer, found: CustomerRisk) -> None:
    """One customer."""
    out.head(safe(found.customer_id))
    if found.risk is None:
        out.line(found.reason or "")
    else:
        risk = found.risk
        out.line(f"{risk.level_name} · {n.share(risk.probability, 0)} · {n.money(risk.expected_loss)}")
        for one in risk.reasons:
            out.line(f"• {one.name}: {one.text}")
            out.line(f"  {one.action}", "dim")
    for change in found.changes[:10]:
        out.line(f"{change.day}  {change.level_name}", "dim")


def trend(out: Printer, found: Trend) -> None:
    """Run by run, the newest last."""
    if not found.points:
        out.line(out.t("No run yet: regulars run churn", "尚未运行：regulars run churn"))
        return
    names = [one.name for one in found.points[-1].levels]
    rows: list[list[str | Text]] = [
        [
            _day(out, point.as_of),
            n.count(point.customers),
            *[f"{n.count(one.customers)} ({n.short_money(one.expected_loss, out.language)})" for one in point.levels],
        ]
        for point in found.points[-30:]
    ]
    out.table([out.t("day", "日期"), out.t("customers", "客户"), *names], rows)


def views(out: Printer, found: Views) -> None:
    """The four views."""
    if found.run is None:
        out.line(out.t("No run yet: regulars run churn", "尚未运行：regulars run churn"))
        return
    _head(out, found.run)
    rows: list[list[str | Text]] = [
        [
            view.name,
            n.count(view.customers),
            n.short_money(view.expected_loss, out.language),
            ", ".join(safe(one.name) for one in view.behind[:3]),
        ]
        for view in found.views
    ]
    heads = [out.t("view", "视角"), out.t("customers", "客户"), out.t("loss", "预计损失"), out.t("behind it", "背后")]
    out.table(heads, rows, wide=[3])
    out.line(
        out.t(
            f"{found.without_cause:,} of {found.warned:,} show no cause in the data.",
            f"{found.warned:,} 位预警客户中有 {found.without_cause:,} 位在数据中看不到原因。",
        ),
        "dim",
    )


def quality(out: Printer, found: Quality) -> None:
    """Figures at past cut-offs."""
    if not found.folds:
        out.line(out.t("No model has been judged at a past cut-off yet.", "尚无模型在过去的截止时刻接受过检验。"))
        return
    rows: list[list[str | Text]] = [
        [
            _day(out, fold.as_of),
            n.count(fold.customers),
            n.share(fold.churn_rate, 0),
            f"{fold.auc or 0:.3f}",
            f"{fold.brier:.3f}",
            f"{fold.ece:.3f}",
        ]
        for fold in found.folds
    ]
    out.table([out.t("cut-off", "截止"), out.t("customers", "客户"), out.t("left", "流失率"), "AUC", "Brier", "ECE"], rows)
    last = found.folds[-1]
    warned, left = last.warned_left + last.warned_stayed, last.warned_left + last.missed
    out.line(
        out.t(
            f"At {_day(out, last.as_of)} {warned:,} would have been warned of: {last.warned_left:,} left, {last.warned_stayed:,} stayed; {last.missed:,} of {left:,} leavers would have been missed.",
            f"若在{_day(out, last.as_of)}评估：预警 {warned:,} 位，其中 {last.warned_left:,} 位离开，{last.warned_stayed:,} 位留下；{left:,} 位流失客户中漏掉 {last.missed:,} 位。",
        )
    )
    out.line(
        out.t(
            f"{found.contested:,} of {found.warned:,} warnings were called wrong.",
            f"{found.warned:,} 条预警中有 {found.contested:,} 条被指有误。",
        ),
        "dim",
    )


def levels(out: Printer, found: Levels) -> None:
    """Where levels begin."""
    out.line(f"{n.money(found.yellow)} / {n.money(found.orange)} / {n.money(found.red)}")
    out.line(out.t(f"{found.capacity:,} customers a day", f"每天可处理 {found.capacity:,} 位客户"), "dim")


def _head(out: Printer, run: ChurnRun) -> None:
    horizon = out.t(f"no order within {run.horizon_days} days", f"{run.horizon_days} 天内无订单")
    out.head(out.t("Churn warnings", "流失预警"), _day(out, run.as_of), horizon, run.method_name)


def _why(reasons: list[ChurnReason]) -> str:
    return "; ".join(f"{one.name}: {one.text}" for one in reasons[:2])


def _day(out: Printer, moment: datetime | date) -> str:
    """The last day that counts before a cut-off."""
    if not isinstance(moment, datetime):
        return str(moment)
    return n.instant(moment - timedelta(seconds=1), out.shop.timezone, out.language).rsplit(" ", 1)[0].rstrip(",")
