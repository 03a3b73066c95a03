"""How much a coupon can take off at most, whatever other coupons leave of its lines."""

from __future__ import annotations

from collections.abc import Sequence, Set

from regulars.offer.promotions.domain.effects import group_discount
from regulars.offer.promotions.domain.exact import percent, unit_levels
from regulars.offer.promotions.domain.offers import Offer
from regulars.offer.promotions.domain.standing import Standing

_MOST_UNITS_COUNTED = 5_000


def most_off(offer: Offer, standing: Standing, lines: Sequence[int], wiped: Set[int], left: int | None) -> int:
    """No standing with less on these lines lets the offer take off more than this.

    Parameters
    ----------
    wiped : lines that another coupon may take off the cart's price altogether; their units are not counted then.
    left : what is left of the offer's budget.

    Notes
    -----
    Amounts, percentages and steps grow with what they are taken of. So do groups of n at a price: the sorted units of a smaller cart are
    smaller one by one. Of free units the same holds while the number of units stays; where lines may be wiped, the dearest of them stay.
    """
    effect = offer.effect
    base = sum(standing.current[i] for i in lines)
    match effect.kind:
        case "amount":
            most = effect.minor
        case "percent":
            most = percent(base, effect.bps) if effect.cap is None else min(percent(base, effect.bps), effect.cap)
        case "tiers":
            offs = (step.minor if step.minor is not None else percent(base, step.bps or 0) for step in effect.tiers)
            most = max(offs, default=0)
        case "every":
            times = sum(standing.basis(offer.threshold_basis)[i] for i in lines) // effect.min_amount
            most = effect.minor * (times if effect.max_times is None else min(times, effect.max_times))
        case "cheapest_free":
            most = _most_free(standing, lines, sum(standing.qty[i] for i in lines if i in wiped), effect.n)
        case _:
            most = group_discount(standing, lines, effect.n, effect.minor)
    most = min(most, base)
    return most if left is None else min(most, max(0, left))


def _most_free(standing: Standing, lines: Sequence[int], gone: int, n: int) -> int:
    """The most that the cheapest of every n units can cost when up to `gone` units are not counted."""
    many = sum(standing.qty[i] for i in lines)
    if many > _MOST_UNITS_COUNTED:
        return sum(standing.current[i] for i in lines)
    units = sorted(
        (price for i in lines for price, count in unit_levels(standing.current[i], standing.qty[i]) for _ in range(count)),
        reverse=True,
    )
    sums = [0]
    for price in units:
        sums.append(sums[-1] + price)
    return max(sums[kept] - sums[kept - kept // n] for kept in range(many - gone, many + 1))
