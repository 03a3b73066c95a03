"""What points pay: whole steps, never more than is asked, held, or allowed of the goods (rule P19)."""

from __future__ import annotations

from regulars.offer.promotions.domain.carts import PointsAsked
from regulars.offer.promotions.domain.exact import WHOLE_BPS


def points_for(goods: int, asked: PointsAsked | None) -> tuple[int, int]:
    """How many points pay a part of the goods, and what they are worth."""
    if asked is None or asked.step_points <= 0 or asked.step_minor <= 0:
        return 0, 0
    most = goods * asked.max_bps // WHOLE_BPS // asked.step_minor
    steps = max(0, min(asked.redeem // asked.step_points, asked.balance // asked.step_points, most))
    return steps * asked.step_points, steps * asked.step_minor


def least_after_points(goods: int, asked: PointsAsked | None) -> int:
    """No goods of at least this amount cost less than this after points; never falls as goods grow."""
    if asked is None or asked.step_points <= 0 or asked.step_minor <= 0:
        return goods
    steps = max(0, min(asked.redeem // asked.step_points, asked.balance // asked.step_points))
    return goods - min(steps * asked.step_minor, goods * asked.max_bps // WHOLE_BPS)
