"""Flash sales, group buys and referrals on one screen of a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from regulars.cli.printing import Printer, safe
from regulars.console import numbers as n
from regulars.offer.flash_sales import FlashSale, Reservation
from regulars.offer.group_buys import GroupBuy, GroupRefund, GroupState
from regulars.offer.referrals import Referral, ReferralProgramme, ReferralReward, Settled
from regulars.values.money import Money

#: What stored codes are called: English, Chinese.
WORDS: dict[str, tuple[str, str]] = {
    "planned": ("planned", "未开始"),
    "running": ("running", "进行中"),
    "ended": ("ended", "已结束"),
    "reserved": ("reserved", "已预留"),
    "sold": ("sold", "已售"),
    "cancelled": ("cancelled", "已取消"),
    "expired": ("expired", "超时释放"),
    "refund_required": ("refund due", "待退款"),
    "refunded": ("refunded", "已退款"),
    "pending": ("not paid yet", "待团长支付"),
    "open": ("open", "拼团中"),
    "success": ("complete", "已成团"),
    "failed": ("failed", "未成团"),
    "held": ("held", "待支付"),
    "paid": ("paid", "已支付"),
    "lapsed": ("lapsed", "已失效"),
    "left": ("left", "已退出"),
    "late": ("paid late", "付款过晚"),
    "claimed": ("came", "已应邀"),
    "ordered": ("ordered", "已下单"),
    "review": ("to look at", "待审核"),
    "rewarded": ("rewarded", "已发奖"),
    "refused": ("refused", "已拒绝"),
    "referrer": ("who brings", "邀请人"),
    "friend": ("who comes", "被邀请人"),
    "same_email": ("same e-mail", "邮箱相同"),
    "same_phone": ("same phone", "手机号相同"),
    "same_address": ("same address", "地址相同"),
    "same_device": ("same device", "设备相同"),
    "device_shared": ("device of another invited", "与其他被邀请人设备相同"),
    "address_shared": ("address of another invited", "与其他被邀请人地址相同"),
    "same_customer": ("same customer", "同一客户"),
    "not_new_customer": ("not a new customer", "不是新客户"),
    "returned": ("order given back", "订单已退"),
    "operator": ("refused by hand", "人工拒绝"),
    "referrer_cap": ("cap of who brings", "邀请人已达上限"),
}


def flash_sales(out: Printer, found: Sequence[FlashSale]) -> None:
    """Sales with what is free now."""
    out.head(out.t("Flash sales", "限时抢购"))
    columns = [out.t("Sale", "活动"), out.t("Name", "名称"), out.t("State", "状态"), out.t("Ends", "结束"), out.t("Price", "价格")]
    counts = [out.t("Free", "可抢"), out.t("Reserved", "已预留"), out.t("Sold", "已售"), out.t("Refunds due", "待退款")]
    rows = [
        [
            one.sale_id,
            safe(one.name),
            _word(out, one.phase),
            _at(out, one.ends_at),
            n.money(Money(one.price_minor, one.currency)),
            n.count(one.available),
            n.count(one.reserved),
            n.count(one.sold),
            n.count(one.refunds_due),
        ]
        for one in found
    ]
    out.table([*columns, *counts], rows, wide=(0, 1))


def reservations(out: Printer, found: Sequence[Reservation]) -> None:
    """Who holds or bought what."""
    columns = [
        out.t("Reservation", "预留单"),
        out.t("Customer", "客户"),
        out.t("Units", "件数"),
        out.t("State", "状态"),
        out.t("Until", "保留至"),
    ]
    rows = [
        [safe(one.reservation_id), safe(one.customer_id), n.count(one.quantity), _word(out, one.status), _at(out, one.expires_at)]
        for one in found
    ]
    out.table(columns, rows, wide=(0, 1))


def group_buys(out: Printer, found: Sequence[GroupBuy]) -> None:
    """Offers with how their groups stand."""
    out.head(out.t("Group buys", "拼团"))
    columns = [
        out.t("Offer", "活动"),
        out.t("Name", "名称"),
        out.t("State", "状态"),
        out.t("Price", "价格"),
        out.t("Members", "成团人数"),
    ]
    counts = [out.t("Open", "拼团中"), out.t("Complete", "已成团"), out.t("Failed", "未成团"), out.t("Refunds due", "待退款")]
    rows = [
        [
            one.offer_id,
            safe(one.name),
            _word(out, one.phase),
            n.money(Money(one.price_minor, one.currency)),
            n.count(one.size),
            n.count(one.open_groups),
            n.count(one.successes),
            n.count(one.failures),
            n.count(one.refunds_due),
        ]
        for one in found
    ]
    out.table([*columns, *counts], rows, wide=(0, 1))


def groups(out: Printer, found: Sequence[GroupState]) -> None:
    """Groups, one a line."""
    columns = [
        out.t("Group", "团"),
        out.t("State", "状态"),
        out.t("Leader", "团长"),
        out.t("Paid", "已支付"),
        out.t("Deadline", "截止"),
    ]
    rows = [
        [
            safe(one.group_id),
            _word(out, one.status),
            safe(one.leader),
            f"{one.paid}/{one.size}",
            _at(out, one.deadline_at) if one.deadline_at else "–",
        ]
        for one in found
    ]
    out.table(columns, rows, wide=(0, 2))


def members(out: Printer, one: GroupState) -> None:
    """One group."""
    out.head(out.t(f"Group {safe(one.group_id)}", f"团 {safe(one.group_id)}"), _word(out, one.status), f"{one.paid}/{one.size}")
    leader = out.t("leader", "团长")
    rows = [[safe(seat.customer_id), leader if seat.leader else "", _word(out, seat.status)] for seat in one.members]
    out.table([out.t("Customer", "客户"), "", out.t("State", "状态")], rows, wide=(0,))


def refunds(out: Printer, found: Sequence[GroupRefund]) -> None:
    """Money to give back."""
    out.head(out.t("Money to give back", "待退款项"))
    columns = [
        out.t("Refund", "退款单"),
        out.t("Customer", "客户"),
        out.t("Why", "原因"),
        out.t("Amount", "金额"),
        out.t("Done", "完成时间"),
    ]
    rows = [
        [
            one.refund_id,
            safe(one.customer_id),
            _word(out, one.reason),
            n.money(Money(one.amount_minor, one.currency)),
            _at(out, one.done_at) if one.done_at else "–",
        ]
        for one in found
    ]
    out.table(columns, rows, wide=(0, 1))


def programmes(out: Printer, found: Sequence[ReferralProgramme]) -> None:
    """Programmes with how they go."""
    out.head(out.t("Referral programmes", "邀请有礼"))
    columns = [out.t("Programme", "活动"), out.t("Name", "名称"), out.t("State", "状态"), out.t("Codes", "邀请码")]
    counts = [out.t("Came", "应邀"), out.t("To look at", "待审核"), out.t("Rewarded", "已发奖"), out.t("Rewards due", "待发奖励")]
    rows = [
        [
            one.programme_id,
            safe(one.name),
            _word(out, one.phase),
            n.count(one.codes),
            n.count(sum(one.counts.values())),
            n.count(one.counts.get("review", 0)),
            n.count(one.counts.get("rewarded", 0)),
            n.count(one.rewards_due),
        ]
        for one in found
    ]
    out.table([*columns, *counts], rows, wide=(0, 1))


def referrals(out: Printer, found: Sequence[Referral]) -> None:
    """Who was brought by whom."""
    columns = [
        out.t("Referral", "邀请"),
        out.t("New customer", "新客户"),
        out.t("Brought by", "邀请人"),
        out.t("State", "状态"),
        out.t("Why", "原因"),
    ]
    rows = [
        [
            one.referral_id,
            safe(one.customer_id),
            safe(one.referrer_id),
            _word(out, one.state),
            out.t(", ", "、").join(_word(out, why) for why in one.reasons),
        ]
        for one in found
    ]
    out.table(columns, rows, wide=(0, 1, 2, 4))


def rewards(out: Printer, found: Sequence[ReferralReward]) -> None:
    """Rewards, one a line."""
    columns = [
        out.t("Reward", "奖励"),
        out.t("Customer", "客户"),
        out.t("As", "身份"),
        out.t("What", "内容"),
        out.t("Given", "发放时间"),
    ]
    rows = [
        [
            one.reward_id,
            safe(one.customer_id),
            _word(out, one.side),
            out.t(f"{one.points:,} points", f"{one.points:,} 积分") if one.points is not None else safe(one.coupon or ""),
            _at(out, one.granted_at) if one.granted_at else "–",
        ]
        for one in found
    ]
    out.table(columns, rows, wide=(0, 1))


def settled(out: Printer, done: Settled) -> None:
    """What a look at the orders led to."""
    out.line(
        out.t(
            f"{done.ordered} ordered, {done.rewarded} rewarded, {done.review} to look at, {done.refused} refused, {done.lapsed} lapsed.",
            f"下单 {done.ordered}，发奖 {done.rewarded}，待审核 {done.review}，拒绝 {done.refused}，失效 {done.lapsed}。",
        )
    )


def _word(out: Printer, code: str) -> str:
    return WORDS[code][out.language == "zh"]


def _at(out: Printer, at: datetime) -> str:
    return n.instant(at, out.shop.timezone, out.language)
