"""How a placement spreads its impressions over the catalogue: coverage, inequality, novelty, and how much the head takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from regulars.serve.recommend.domain.lists import Placement

#: The head: this share of the catalogue, by what sold most.
HEAD = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Impressions of a placement in a run of days, over the catalogue.

    `coverage` is the share of the catalogue that was shown at all; `gini` 0 where all products are shown alike and 1 where one has
    all; `novelty` the mean of -log2 of each shown product's share of order lines, so that what few buy counts more; `head_share` the
    share of impressions that the best-selling 1 % of the catalogue has.
    """

    placement: Placement
    start_on: date
    last_on: date
    impressions: int
    products: int
    coverage: float | None
    gini: float | None
    novelty: float | None
    head_share: float | None


def gini(counts: Mapping[str, int], catalogue: int) -> float | None:
    """The Gini coefficient of impressions over the catalogue, products that were never shown among it."""
    total, n = sum(counts.values()), max(catalogue, len(counts))
    if not total or n < 1:
        return None
    ordered = np.sort(np.concatenate([np.zeros(n - len(counts)), np.array(list(counts.values()), np.float64)]))
    places = np.arange(1, n + 1)
    return float(2 * (places * ordered).sum() / (n * total) - (n + 1) / n)


def novelty(counts: Mapping[str, int], sold: Mapping[str, int], catalogue: int) -> float | None:
    """The mean self-information of what was shown, in bits; one line is added to every product, so that none is infinitely new.

    References
    ----------
    Zhou et al. (2010), "Solving the apparent diversity-accuracy dilemma of recommender systems".
    """
    total = sum(counts.values())
    if not total:
        return None
    lines = sum(sold.values()) + max(catalogue, len(counts))
    return float(sum(n * -np.log2((sold.get(one, 0) + 1) / lines) for one, n in counts.items()) / total)


def head_share(counts: Mapping[str, int], sold: Mapping[str, int], catalogue: int) -> float | None:
    """The share of impressions that the head of the catalogue has; the head is at least one product."""
    total = sum(counts.values())
    if not total or not sold:
        return None
    size = max(1, round(HEAD * max(catalogue, len(sold))))
    head = sorted(sold, key=lambda one: (-sold[one], one))[:size]
    return sum(counts.get(one, 0) for one in head) / total


def spread(
    placement: Placement, start_on: date, last_on: date, counts: Mapping[str, int], sold: Mapping[str, int], catalogue: int
) -> Spread:
    """All of it."""

    def rounded(value: float | None) -> float | None:
        return None if value is None else round(value, 6)

    return Spread(
        placement=placement,
        start_on=start_on,
        last_on=last_on,
        impressions=sum(counts.values()),
        products=len(counts),
        coverage=rounded(len(counts) / max(catalogue, len(counts)) if counts else None),
        gini=rounded(gini(counts, catalogue)),
        novelty=rounded(novelty(counts, sold, catalogue)),
        head_share=rounded(head_share(counts, sold, catalogue)),
    )
