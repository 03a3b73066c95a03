"""What a quote says in words: why a code did not apply, and what is missing to the next threshold, in English and Chinese."""

from __future__ import annotations

from decimal import Decimal

from regulars.offer.promotions.domain.offers import Reason
from regulars.offer.promotions.domain.standing import Gain, Missing
from regulars.values.money import Money, currency_symbol

REASON_WORDS: dict[Reason, tuple[str, str]] = {
    "CODE_NOT_FOUND": ("There is no such code", "没有这个优惠码"),
    "NOT_STARTED": ("Not valid yet", "尚未开始"),
    "ENDED": ("No longer valid", "已结束"),
    "CUSTOMER_NOT_ELIGIBLE": ("Not for this customer, channel or hour", "不适用于该客户、渠道或时段"),
    "NOT_OWNER": ("Belongs to another customer", "属于其他客户"),
    "CODE_EXHAUSTED": ("Used up", "已用完"),
    "CUSTOMER_LIMIT": ("This customer has used it as often as allowed", "该客户的使用次数已满"),
    "DAILY_LIMIT": ("This customer has used it as often as allowed today", "该客户今日的使用次数已满"),
    "CURRENCY_MISMATCH": ("For another currency", "币种不符"),
    "NO_ELIGIBLE_LINES": ("Nothing in the cart it is for", "购物车中没有适用的商品"),
    "THRESHOLD_NOT_MET": ("The cart has not reached its threshold", "未达到使用门槛"),
    "COUPON_LIMIT_PER_SELLER": ("Another coupon of this seller saves more", "同一商家只能用一张券，已选更优惠的一张"),
    "PLATFORM_COUPON_LIMIT": ("Another coupon of the shop saves more", "平台券只能用一张，已选更优惠的一张"),
    "NOT_STACKABLE": ("Cannot be combined with the offer that saves more", "不能与已选的优惠同时使用"),
    "BETTER_OFFER": ("Another offer saves more", "已有更优惠的活动"),
    "BUDGET_EXHAUSTED": ("Its budget is spent", "活动预算已用完"),
}

CLAIM_WORDS: dict[str, tuple[str, str]] = {
    "TITLE": ("A coupon for you", "送您一张优惠券"),
    "CLAIM": ("Get the coupon", "领取"),
    "YOURS": ("This is your code. Enter it when you pay.", "这是您的优惠码，付款时填写即可。"),
    "SOLD_OUT": ("All coupons are taken.", "优惠券已领完。"),
    "CUSTOMER_LIMIT": ("You have had your coupons.", "您已领过。"),
    "ENDED": ("This is over.", "领取已结束。"),
    "NOT_RUNNING": ("There is nothing to get at the moment.", "目前没有可领取的优惠券。"),
    "GONE": ("This link does not lead to a coupon any more.", "链接已失效。"),
}


def claim_words(key: str, language: str) -> str:
    """A sentence of the page on which coupons are claimed."""
    return CLAIM_WORDS[key][1 if language == "zh" else 0]


def reason_in_words(reason: Reason, language: str) -> str:
    """A reason as a sentence."""
    return REASON_WORDS[reason][1 if language == "zh" else 0]


def amount(minor: int, currency: str) -> str:
    """An amount with its sign, and no more decimals than it needs."""
    major = Money(minor, currency).major
    whole = major == major.to_integral_value()
    return f"{currency_symbol(currency)}{major.quantize(Decimal(1)) if whole else major}"


def missing_in_words(missing: Missing, currency: str, language: str) -> str:
    """What is missing to a threshold and what it brings: `¥23 more for ¥30 off`."""
    zh = language == "zh"
    gain = gain_in_words(missing.gain, currency, language)
    need = []
    if missing.minor:
        need.append(f"再买 {amount(missing.minor, currency)}" if zh else f"{amount(missing.minor, currency)} more")
    if missing.qty:
        need.append(f"再买 {missing.qty} 件" if zh else f"{missing.qty} more unit{'s' if missing.qty > 1 else ''}")
    if zh:
        return "，".join([*need, f"可享{gain}" if gain else "可享优惠"])
    return f"{' and '.join(need)} for {gain or 'the offer'}"


def gain_in_words(gain: Gain, currency: str, language: str) -> str:
    """What reaching a threshold brings; empty where it cannot be said in short."""
    zh = language == "zh"
    if gain.free_shipping:
        return "包邮" if zh else "free shipping"
    if gain.free_units:
        units = "unit" if gain.free_units == 1 else "units"
        return f" {gain.free_units} 件免费" if zh else f"{gain.free_units} free {units}"
    if gain.bps is not None:
        off = Decimal(gain.bps) / 100
        text = f"{off.normalize():f}%"
        capped = gain.cap is not None
        if zh:
            return f"减 {text}" + (f"（最多 {amount(gain.cap or 0, currency)}）" if capped else "")
        return f"{text} off" + (f", at most {amount(gain.cap or 0, currency)}" if capped else "")
    if gain.minor is not None:
        return f"减 {amount(gain.minor, currency)}" if zh else f"{amount(gain.minor, currency)} off"
    return ""
