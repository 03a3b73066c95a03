"""Lists that are not all alike: maximal marginal relevance, and how many of one brand, category or seller a list may hold."""

from __future__ import annotations

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
    while left and len(chosen) < size:
        open_ = [one for one in left if fits(one, chosen)]
        if not open_:
            break
        best = max(open_, key=lambda one: weight * left[one] - ((1 - weight) * closest[one] if chosen else 0.0))
        chosen.append(best)
        del left[best]
        for one in left:
            closest[one] = max(closest[one], alike(one, best))
    return chosen


def within_caps(traits: Mapping[str, Mapping[T, str | None]], caps: Mapping[str, int]) -> Callable[[T, Sequence[T]], bool]:
    """Whether one more fits: at most so many of one value of each trait; what has no value is not counted."""

    def fits(one: T, chosen: Sequence[T]) -> bool:
        for trait, most in caps.items():
            values = traits.get(trait, {})
            mine = values.get(one)
            if mine is not None and Counter(values.get(other) for other in chosen)[mine] >= most:
                return False
        return True

    return fits
