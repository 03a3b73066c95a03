"""The stages in words, Chinese and English."""

from __future__ import annotations

from regulars.understand.lifecycle.domain import Cuts, CutsSuggestion

_NAMES = {
    "new": {"en": "New", "zh": "新客"},
    "active": {"en": "Active", "zh": "活跃客户"},
    "dormant": {"en": "Dormant", "zh": "沉睡客户"},
    "churned": {"en": "Churned", "zh": "流失客户"},
    "prospect": {"en": "Prospect", "zh": "潜在客户"},
    "none": {"en": "Not yet a buyer", "zh": "尚未购买"},
}

_EXPLANATIONS = {
    "new": {
        "en": "First order within the last {new} days.",
        "zh": "首次下单在最近 {new} 天内。",
    },
    "active": {
        "en": "Last order within {dormant} days, first order more than {new} days ago.",
        "zh": "最近一次下单在 {dormant} 天内，首单早于 {new} 天前。",
    },
    "dormant": {
        "en": "No order for more than {dormant} days, but not yet {churned}.",
        "zh": "超过 {dormant} 天未下单，但未满 {churned} 天。",
    },
    "churned": {
        "en": "No order for more than {churned} days.",
        "zh": "超过 {churned} 天未下单。",
    },
    "prospect": {
        "en": "Known to the shop, but has never ordered.",
        "zh": "店铺已有其资料，但从未下单。",
    },
    "none": {
        "en": "No order by then.",
        "zh": "当时尚未下单。",
    },
}


def stage_name(stage: str, language: str = "en") -> str:
    """What a stage is called."""
    return _NAMES[stage]["zh" if language == "zh" else "en"]


def stage_explanation(stage: str, cuts: Cuts, language: str = "en") -> str:
    """Who is in a stage, with the cuts in use."""
    return _EXPLANATIONS[stage]["zh" if language == "zh" else "en"].format(
        new=cuts.new_within_days, dormant=cuts.dormant_after_days, churned=cuts.churned_after_days
    )


def suggestion_text(suggestion: CutsSuggestion, language: str = "en") -> str:
    """Where suggested cuts come from."""
    if language == "zh":
        return (
            f"本店 {suggestion.intervals:,} 个购买间隔中，90% 不超过 {suggestion.p90_days:.0f} 天，"
            f"98% 不超过 {suggestion.p98_days:.0f} 天；"
            f"建议 {suggestion.dormant_after_days} 天未下单记为沉睡，{suggestion.churned_after_days} 天记为流失。"
        )
    return (
        f"Of {suggestion.intervals:,} repeat orders of this shop, 90% came within {suggestion.p90_days:.0f} days of the one before "
        f"and 98% within {suggestion.p98_days:.0f}: dormant after {suggestion.dormant_after_days} days, "
        f"churned after {suggestion.churned_after_days}."
    )
