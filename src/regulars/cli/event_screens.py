"""Events, their sources and what was put aside, on one screen of a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from regulars.cli.printing import Printer, safe
from regulars.collect.track.quarantine import QuarantinedEvent
from regulars.collect.track.reading import EventRow
from regulars.collect.track.sources import Source
from regulars.console import numbers as n

_STATES = {"sending": "正常发送", "silent": "静默", "never": "暂无记录", "disabled": "已停用"}


def events(out: Printer, found: Sequence[EventRow]) -> None:
    """One line for each event."""
    if not found:
        out.line(out.t("no events", "没有事件"))
        return
    rows = [
        [
            n.instant(event.timestamp, out.shop.timezone, out.language, seconds=True),
            event.event + (" !" if event.schema_problems else ""),
            event.customer_id or n.NOTHING,
            " ".join(word for word in (event.order_id, event.product_name or event.product_id, event.query, event.path) if word)[
                :60
            ],
        ]
        for event in found
    ]
    heads = [out.t("happened", "发生"), out.t("event", "事件"), out.t("customer or visitor", "客户或访客"), out.t("about", "内容")]
    out.table(heads, rows, wide=(1, 2, 3))


def sources(out: Printer, found: Sequence[Source]) -> None:
    """One line for each source."""
    if not found:
        out.line(out.t("no source yet; make one in the console", "还没有来源，请在控制台新建"))
        return
    rows = [
        [
            safe(source.name),
            source.kind,
            _STATES[source.state] if out.language == "zh" else source.state,
            n.instant(source.last_event_at, out.shop.timezone, out.language),
            n.count(source.events),
            n.count(source.duplicates),
            n.count(source.quarantined),
            n.count(source.uncollected),
        ]
        for source in found
    ]
    heads = [out.t("source", "来源"), out.t("kind", "类型"), out.t("state", "状态"), out.t("last event", "最近事件")]
    out.table(
        [*heads, out.t("events", "事件"), out.t("duplicates", "重复"), out.t("put aside", "已隔离"), out.t("no consent", "未同意")],
        rows,
        wide=(1, 2),
    )


def quarantine(out: Printer, found: Sequence[QuarantinedEvent]) -> None:
    """One line for each message."""
    if not found:
        out.line(out.t("nothing is put aside", "没有被隔离的消息"))
        return
    rows = [
        [
            n.instant(one.received_at, out.shop.timezone, out.language, seconds=True),
            one.reason,
            one.says + (f" ({one.detail})" if one.detail else ""),
            one.event or n.NOTHING,
            one.quarantine_id,
        ]
        for one in found
    ]
    heads = [out.t("received", "收到"), out.t("reason", "原因"), "", out.t("event", "事件"), out.t("number", "编号")]
    out.table(heads, rows, wide=(1, 2, 3, 4))
