"""Lists that are not all alike: maximal marginal relevance, and how many of one brand, category or seller a list may hold."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


def mmr(
    ranked: Sequence[tuple[T, float]],
    alike: Callable[[T, T], float],
    size: int,
    *,
    weight: float,
    fits: Callable[[T, Sequence[T]], bool] = lambda _one, _chosen: True,
) -> list[T]:
    """Choose one after another by `weight * relevance - (1 - weight) * most alike to a chosen one`; ties go to the earlier.

    Of those that do not fit beside the chosen ones none is taken. Carbonell & Goldstein 1998.
    """
    left = dict(ranked)
    closest = dict.fromkeys(left, 0.0)
    chosen: list[T] = []
    other = 1 - weight
    while left and len(chosen) < size:
        best, most = None, -math.inf
        for one, relevance in left.items():
            worth = weight * relevance - other * closest[one]
            if worth > most and fits(one, chosen):
                best, most = one, worth
        if best is None:
            break
        chosen.append(best)
        del left[best]
        if other:
            for one in left:
                likeness = alike(one, best)
                if likeness > closest[one]:
                    closest[one] = likeness
    return chosen


def within_caps(traits: Mapping[str, Mapping[T, str | None]], caps: Mapping[str, int]) -> Callable[[T, Sequence[T]], bool]:
    """Whether one more fits: at most so many of one value of each trait; what has no value is not counted. For one list, which only grows."""

    counted: list[T] = []
    counts: dict[str, Counter[str | None]] = {trait: Counter() for trait in caps}

    def fits(one: T, chosen: Sequence[T]) -> bool:
        if len(chosen) < len(counted):
            counted.clear()
            counts.update({trait: Counter() for trait in caps})
        for other in chosen[len(counted) :]:
            counted.append(other)
            for trait in caps:
                counts[trait][traits.get(trait, {}).get(other)] += 1
        for trait, most in caps.items():
            mine = traits.get(trait, {}).get(one)
            if mine is not None and counts[trait][mine] >= most:
                return False
        return True

    return fits
