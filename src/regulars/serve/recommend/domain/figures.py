"""How good a list was: hit rate, reciprocal rank, NDCG, recall and coverage, as the literature counts them."""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T", bound=Hashable)
_Z = 1.959963985


def hit(ranked: Sequence[T], target: T, k: int) -> float:
    """1 when the target is among the first k."""
    return float(target in ranked[:k])


def reciprocal_rank(ranked: Sequence[T], target: T, k: int) -> float:
    """One over the target's place; 0 when it is not among the first k."""
    return 1.0 / (1 + ranked.index(target)) if target in ranked[:k] else 0.0


def ndcg_of_one(ranked: Sequence[T], target: T, k: int) -> float:
    """NDCG with a single relevant item."""
    return 1.0 / math.log2(2 + ranked.index(target)) if target in ranked[:k] else 0.0


def recall(ranked: Sequence[T], truth: Collection[T], k: int) -> float:
    """The share of the truth that is among the first k."""
    return len(set(ranked[:k]) & set(truth)) / len(truth) if truth else 0.0


def any_hit(ranked: Sequence[T], truth: Collection[T], k: int) -> float:
    """1 when any of the truth is among the first k (PHR)."""
    return float(bool(set(ranked[:k]) & set(truth)))


def ndcg(ranked: Sequence[T], truth: Collection[T], k: int, *, ideal_within_k: bool = False) -> float:
    """NDCG of a set.

    The ideal list holds the whole truth, as the next-basket papers count it; with `ideal_within_k` no more than k of it.
    """
    wanted = set(truth)
    gain = sum(1 / math.log2(2 + place) for place, item in enumerate(ranked[:k]) if item in wanted)
    most = min(k, len(wanted)) if ideal_within_k else len(wanted)
    ideal = sum(1 / math.log2(2 + place) for place in range(most))
    return gain / ideal if ideal else 0.0


def graded_ndcg(gains: Sequence[float], judged: Iterable[float], k: int) -> float:
    """NDCG of a list by its gains, against the best order of all judged gains."""
    reached = sum(gain / math.log2(2 + place) for place, gain in enumerate(gains[:k]))
    best = sum(gain / math.log2(2 + place) for place, gain in enumerate(sorted(judged, reverse=True)[:k]))
    return reached / best if best else 0.0


def coverage(lists: Iterable[Sequence[T]], k: int, catalogue: int) -> float:
    """The share of the catalogue that is in the first k of any list."""
    return len({item for ranked in lists for item in ranked[:k]}) / catalogue if catalogue else 0.0


def means(rows: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """The mean of every figure."""
    found = list(rows)
    return {name: sum(row[name] for row in found) / len(found) for name in found[0]} if found else {}


def intervals(rows: Iterable[Mapping[str, float]]) -> dict[str, tuple[float, float]]:
    """The 95 % interval of the mean of every figure, the rows taken as independent; none from fewer than two."""
    found = list(rows)
    if len(found) < 2:
        return {}
    told = {}
    for name in found[0]:
        mean = sum(row[name] for row in found) / len(found)
        error = math.sqrt(sum((row[name] - mean) ** 2 for row in found) / (len(found) - 1) / len(found))
        told[name] = (mean - _Z * error, mean + _Z * error)
    return told
