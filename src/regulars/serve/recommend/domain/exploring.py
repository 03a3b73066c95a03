"""New arrivals get a fair start: each takes part in a draw by what its impressions have shown so far (Thompson sampling)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

#: An item that was shown so often has had its start.
ENOUGH_IMPRESSIONS = 200
#: Of the strength of borrowed scores half is left after so many views of its own.
FADING = 20


def borrowed_weight(own_views: int) -> float:
    """How much what like items earned still counts for an item with so many views of its own: 1/(1 + n/20)."""
    return 1.0 / (1.0 + own_views / FADING)


def draw(arrivals: Sequence[str], shown: Mapping[str, tuple[int, int]], size: int, *, seed: str) -> list[str]:
    """The new items to show, best draw first: each draws from Beta(1 + clicks, 1 + impressions without click).

    `shown` tells (impressions, clicks). The same seed gives the same draw; items past their start do not take part.
    """
    open_ = sorted(one for one in arrivals if shown.get(one, (0, 0))[0] < ENOUGH_IMPRESSIONS)
    chance = np.random.default_rng(int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8]))
    drawn = []
    for one in open_:
        impressions, clicks = shown.get(one, (0, 0))
        clicks = min(clicks, impressions)
        drawn.append((-float(chance.beta(1 + clicks, 1 + impressions - clicks)), one))
    return [one for _, one in sorted(drawn)[:size]]
