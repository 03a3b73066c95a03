"""Exact arithmetic of prices: percent half up, sums split without a cent lost, lines cut into units (rules P2, P11, P12)."""

from __future__ import annotations

from collections.abc import Sequence

WHOLE_BPS = 10_000


def percent(amount: int, bps: int) -> int:
    """That many basis points of an amount, rounded half up."""
    return (amount * bps + WHOLE_BPS // 2) // WHOLE_BPS


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Split a total by weights: floors first, then one more to the largest remainders; ties to the larger weight, then the earlier.

    Parameters
    ----------
    total : from 0. Up to the sum of the weights no share is larger than its weight.
    weights : from 0, not all of them 0 where there is something to split; a weight of 0 gets nothing.
    """
    whole = sum(weights)
    if total == whole:
        return list(weights)
    if not total:
        return [0] * len(weights)
    shares = [total * weight // whole for weight in weights]
    left = total - sum(shares)
    if left:
        remainders = [total * weight % whole for weight in weights]
        order = sorted(range(len(weights)), key=lambda i: (-remainders[i], -weights[i], i))
        for i in order[:left]:
            shares[i] += 1
    return shares


def unit_levels(amount: int, qty: int) -> tuple[tuple[int, int], ...]:
    """A line's amount over its units as (price, how many): the first `amount mod qty` units hold one more."""
    low, more = divmod(amount, qty)
    return ((low + 1, more), (low, qty - more)) if more else ((low, qty),)
