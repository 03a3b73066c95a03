"""Segments on one screen of a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from regulars.cli.printing import Printer, safe
from regulars.console import numbers as n
from regulars.understand import segments
from regulars.values.zones import zone


def listed(out: Printer, found: Sequence[segments.Segment]) -> None:
    """One line each."""
    out.head(out.t("segments", "人群"), n.count(len(found)))
    heads = [
        out.t("id", "编号"),
        out.t("name", "名称"),
        out.t("kind", "类型"),
        out.t("customers", "人数"),
        out.t("evaluated", "更新于"),
    ]
    kinds = {"dynamic": out.t("dynamic", "动态"), "frozen": out.t("frozen", "冻结"), "uploaded": out.t("uploaded", "上传")}
    rows = [
        [
            one.segment_id,
            safe(one.called(out.language)),
            kinds[one.kind],
            "-" if one.customers is None else n.count(one.customers),
            _moment(out, one.evaluated_at),
        ]
        for one in found
    ]
    out.table(heads, rows, wide=[1])


def hooks(out: Printer, found: Sequence[segments.Hook]) -> None:
    """Where changes are sent."""
    out.head(out.t("webhooks", "回调地址"), n.count(len(found)))
    heads = [out.t("id", "编号"), out.t("address", "地址"), out.t("last sent", "上次发送"), out.t("trouble", "问题")]
    rows = [[one.hook_id, safe(one.url), _moment(out, one.sent_at), safe(one.error or "")] for one in found]
    out.table(heads, rows, wide=[1, 3])


def hooked(out: Printer, made: segments.NewHook) -> None:
    """A webhook just made, with its secret."""
    hooks(out, [made.hook])
    out.line(out.t("secret, shown this once: ", "密钥（仅显示这一次）：") + made.secret)


def previewed(out: Printer, found: segments.Preview) -> None:
    """Size, share and a sample."""
    share = "" if found.share is None else f" ({found.share:.1%})"
    out.head(
        out.t("customers", "人数"), f"{n.count(found.customers)}{share}", out.t("of", "共") + f" {n.count(found.of_customers)}"
    )
    for one in found.sample:
        out.line(safe(one))


def members(out: Printer, one: segments.Segment, found: Sequence[Mapping[str, Any]]) -> None:
    """Ids and since when."""
    out.head(safe(one.name), "" if one.customers is None else n.count(one.customers))
    heads = [out.t("customer", "客户"), out.t("in since", "进入时间")]
    out.table(heads, [[safe(row["customer_id"]), _moment(out, row["entered_at"].replace(tzinfo=UTC))] for row in found])


def explained(out: Printer, found: Any) -> None:
    """The tree, a line for each condition."""
    inside = out.t("is in", "属于") if found.is_member else out.t("is not in", "不属于")
    out.head(f"{safe(found.customer_id)} {inside} {found.segment_id}")
    if found.reason is None:
        out.line(out.t("its members are a list", "该人群是一份名单"))
        return
    _reason(out, found.reason, 0)
    if found.known_only and not found.is_known:
        out.line(out.t("no: only known customers", "否：仅限已知客户"))


def _reason(out: Printer, reason: Any, depth: int) -> None:
    mark = out.t("yes", "是") if reason.holds else out.t("no ", "否")
    value = (
        "" if reason.value is None else f"   → {n.count(reason.value) if isinstance(reason.value, int) else _plain(reason.value)}"
    )
    out.line(f"{'  ' * depth}{mark}  {safe(reason.text)}{safe(value)}", "" if reason.holds else "dim")
    for part in reason.parts:
        _reason(out, part, depth + 1)


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def overlapping(out: Printer, found: Any) -> None:
    """One line for each combination that somebody is in."""
    out.head(out.t("overlap", "重叠"), n.count(found.in_any))
    heads = [*found.segments, out.t("customers", "人数")]
    rows = [
        [*("x" if name in one.segments else "" for name in found.segments), n.count(one.customers)] for one in found.combinations
    ]
    out.table(heads, rows)


def sizes(out: Printer, found: Sequence[Any]) -> None:
    """One line a day."""
    heads = [out.t("day", "日期"), out.t("customers", "人数"), out.t("entered", "进入"), out.t("left", "离开")]
    out.table(heads, [[one.day.isoformat(), n.count(one.customers), n.count(one.entered), n.count(one.left)] for one in found])


def evaluated(out: Printer, found: segments.Evaluated) -> None:
    """What it came to."""
    out.head(out.t("segments evaluated", "人群已更新"), n.count(found.segments))
    out.line(out.t(f"{found.entered} entered, {found.left} left", f"进入 {found.entered}，离开 {found.left}"))


def library(out: Printer, language: str) -> None:
    """Each with what it means."""
    out.head(out.t("ready-made segments", "人群模板"), n.count(len(segments.LIBRARY)))
    heads = [out.t("id", "编号"), out.t("name", "名称"), out.t("what it means", "含义")]
    out.table(heads, [[one.library_id, one.name(language), one.means(language)] for one in segments.LIBRARY], wide=[2])


def _moment(out: Printer, at: Any) -> str:
    return "-" if at is None else at.astimezone(zone(out.shop.timezone)).strftime("%Y-%m-%d %H:%M")
