"""Reports on one screen of a terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from regulars.cli.printing import Printer, safe
from regulars.console import numbers as n
from regulars.understand.reports import Answered, Behind, Compared, GoalProgress, SavedReport, kept_table
from regulars.values.money import Money

_MOST_ROWS = 200


def answer(out: Printer, answered: Answered) -> None:
    """The figures as a table, one row each."""
    out.head(answered.kind.replace("_", " "), out.t("figures up to", "数据截至") + " " + _moment(out, answered.as_of))
    table = kept_table(answered)
    if not table.rows:
        out.line(out.t("nothing happened in this range", "这段时间没有数据"))
        return
    texts = [i for i in range(len(table.columns)) if any(isinstance(row[i], str) for row in table.rows)]
    heads = [name.replace("_", " ") for name in table.columns]
    out.table(heads, [[_cell(out, cell) for cell in row] for row in table.rows[:_MOST_ROWS]], wide=texts)
    if len(table.rows) > _MOST_ROWS:
        left = n.count(len(table.rows) - _MOST_ROWS)
        out.line(out.t(f"{left} more rows; write them with --csv FILE", f"另有 {left} 行，可用 --csv FILE 导出"))


def comparison(out: Printer, both: Compared) -> None:
    """One answer, then the other."""
    answer(out, both.first)
    out.line()
    told = {name: both.second.question.get(name) for name in ("range", "segment") if both.second.question.get(name)}
    out.line(out.t("beside", "对比") + " " + json.dumps(told, ensure_ascii=False))
    answer(out, both.second)


def customers(out: Printer, found: Behind) -> None:
    """One line each."""
    out.head(out.t("customers and visitors", "客户与访客"), n.count(found.total))
    heads = [
        out.t("id", "编号"), out.t("region", "地区"), out.t("stage", "阶段"), out.t("orders", "订单"), out.t("net", "净收入"),
        out.t("last order", "最近下单"),
    ]  # fmt: skip
    rows = [
        [
            safe(one.customer_id),
            safe(one.region or ""),
            one.stage or (out.t("visitor", "访客") if not one.is_known else ""),
            n.count(one.orders),
            n.money(one.net),
            _moment(out, one.last_order_at),
        ]
        for one in found.customers
    ]
    out.table(heads, rows, wide=(1,))


def saved(out: Printer, found: Sequence[SavedReport]) -> None:
    """One line each."""
    if not found:
        out.line(out.t("no saved reports yet", "还没有已存报告"))
        return
    heads = [out.t("name", "名称"), out.t("kind", "类型"), out.t("folder", "文件夹"), out.t("changed", "修改时间")]
    out.table(heads, [[safe(one.name), one.kind, safe(one.folder), _moment(out, one.changed_at)] for one in found], wide=(0, 1, 2))


def goals(out: Printer, told: Sequence[GoalProgress]) -> None:
    """One line each."""
    if not told:
        out.line(out.t("no goals yet", "还没有目标"))
        return
    heads = [
        out.t("goal", "目标"), out.t("until", "截止"), out.t("target", "目标值"), out.t("so far", "目前"), out.t("planned", "计划"),
        out.t("expected", "预期"), out.t("reached on", "达成日"), out.t("state", "状态"),
    ]  # fmt: skip
    lights = {
        "green": ("on track", "正常"),
        "yellow": ("in doubt", "存疑"),
        "red": ("out of reach", "难以达成"),
        "unknown": ("", ""),
    }
    rows = [
        [
            safe(one.goal.name),
            str(one.goal.ends_on),
            n.count(one.goal.target),
            n.count(one.value),
            n.count(one.planned),
            n.count(one.expected_at_end),
            str(one.reached_on or one.arrives_on or n.NOTHING),
            out.t(*lights[one.light]),
        ]
        for one in told
    ]
    out.table(heads, rows)


def kinds(out: Printer, found: Sequence[Mapping[str, Any]], words: Mapping[str, str]) -> None:
    """One line each, with the example."""
    rows = [[one["kind"], words.get(one["kind"], ""), json.dumps(one["example"], ensure_ascii=False)] for one in found]
    out.table([out.t("kind", "类型"), "", out.t("example", "示例")], rows, wide=(1, 2))


def _cell(out: Printer, cell: object) -> str:
    match cell:
        case None:
            return n.NOTHING
        case bool():
            return out.t("yes", "是") if cell else out.t("no", "否")
        case Money():
            return n.money(cell)
        case int() | float():
            return n.count(cell) if isinstance(cell, int) or not cell or abs(cell) >= 1 else n.count(cell, 4)
        case datetime() | date():
            return str(cell)
    return safe(str(cell))


def _moment(out: Printer, moment: datetime | None) -> str:
    return n.instant(moment, out.shop.timezone, out.language) if moment else n.NOTHING
