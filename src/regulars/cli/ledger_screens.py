"""Points and tiers on one screen of a terminal."""

from __future__ import annotations

from regulars.cli.printing import Printer, safe
from regulars.console import numbers as n
from regulars.offer.loyalty import Correction, Membership, PointsBalance, PointsOverview, PointsStatement


def overview(out: Printer, found: PointsOverview) -> None:
    """Headline figures, then one line a month."""
    out.head(
        out.t("Points programme", "积分计划"),
        out.t(f"owed {n.money(found.liability)}", f"负债 {n.money(found.liability)}"),
        out.t(f"outstanding {n.count(found.outstanding)}", f"未使用 {n.count(found.outstanding)}"),
        out.t(f"burn rate {n.share(found.burn_rate)}", f"消耗率 {n.share(found.burn_rate)}"),
        out.t(f"breakage {n.share(found.breakage_rate)}", f"过期率 {n.share(found.breakage_rate)}"),
    )
    heads = [
        out.t("month", "月份"),
        out.t("earned", "获得"),
        out.t("spent", "使用"),
        out.t("lapsed", "过期"),
        out.t("taken back", "扣回"),
    ]
    out.table(
        heads,
        [
            [f"{one.month:%Y-%m}", n.count(one.earned), n.count(one.spent), n.count(one.expired), n.count(one.clawed)]
            for one in found.months
        ],
    )


def balance(out: Printer, found: PointsBalance) -> None:
    """One line of figures, then the lots."""
    out.head(
        safe(found.customer_id),
        out.t(f"balance {n.count(found.balance)}", f"余额 {n.count(found.balance)}"),
        out.t(f"pending {n.count(found.pending)}", f"待生效 {n.count(found.pending)}") if found.pending else "",
        out.t(f"on hold {n.count(found.held)}", f"冻结 {n.count(found.held)}") if found.held else "",
        out.t(f"worth {n.money(found.worth)}", f"价值 {n.money(found.worth)}") if found.worth.minor else "",
    )
    heads = [out.t("lot", "批次"), out.t("left", "剩余"), out.t("state", "状态"), out.t("earned", "获得"), out.t("lapses", "过期")]
    zone = out.shop.timezone
    out.table(
        heads,
        [
            [
                safe(lot.lot),
                n.count(lot.remaining + lot.held),
                lot.state,
                n.instant(lot.earned_at, zone, out.language),
                n.instant(lot.expires_at, zone, out.language),
            ]
            for lot in found.lots
        ],
    )


def statement(out: Printer, found: PointsStatement) -> None:
    """One line an act."""
    out.head(safe(found.customer_id), found.currency_id)
    heads = [
        out.t("when", "时间"),
        out.t("what", "类型"),
        out.t("points", "积分"),
        out.t("balance", "余额"),
        out.t("order", "订单"),
        out.t("by", "来源"),
    ]
    rows = [
        [
            n.instant(line.at, out.shop.timezone, out.language),
            line.kind,
            f"{line.balance_change or line.pending_change:+,}",
            n.count(line.balance_after),
            safe(line.about or ""),
            safe(line.source),
        ]
        for line in found.lines
    ]
    out.table(heads, rows, wide=(4, 5))


def tier(out: Printer, found: Membership) -> None:
    """The tier, and what is missing."""
    name = (found.name_zh if out.language == "zh" else found.name) or found.name
    until = n.instant(found.valid_until, out.shop.timezone, out.language) if found.valid_until else ""
    out.head(safe(found.customer_id), safe(name), out.t(f"until {until}", f"至 {until}") if until else "")
    rows = [[out.t("counts now", "当前累计"), n.count(found.metric)]]
    if found.to_next is not None:
        rows.append([out.t(f"to {found.next_tier_id}", f"距 {found.next_tier_id}"), n.count(found.to_next)])
    if found.to_keep is not None:
        rows.append([out.t("to keep it", "保级还差"), n.count(found.to_keep)])
    out.table(["", ""], rows)


def corrected(out: Printer, made: Correction) -> None:
    """What came of it."""
    if made.state == "waiting":
        out.line(out.t(f"waits for approval: {made.request_id}", f"等待审批：{made.request_id}"))
    else:
        out.line(out.t(f"points: {made.applied or 0:+,}", f"积分：{made.applied or 0:+,}"))
