"""Names of tiers, in both languages."""

from __future__ import annotations

from regulars.predict.lifetime_value.domain import Tier

_TIERS: dict[Tier, tuple[str, str]] = {
    "top": ("Top 5 %", "前 5%"),
    "high": ("Next 15 %", "次 15%"),
    "middle": ("Next 30 %", "中 30%"),
    "low": ("Lower half", "后 50%"),
}


def tier_name(tier: Tier, language: str = "en") -> str:
    """What people call a tier."""
    return _TIERS[tier][language == "zh"]
