"""What is counted on the way of new customers, before it is put into figures."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from regulars.understand.questions.sorting import Ints


@dataclass
class Ways:
    """What is counted of all new customers."""

    ends: Ints  # by bucket and depth
    took: list[list[Ints]]  # of each stage the microseconds since the stage before
    last: dict[int, Counter[str]]  # what the lost did last, by depth

    @classmethod
    def empty(cls, buckets: int, stages: int) -> Ways:
        """Of nobody."""
        return cls(np.zeros((buckets, stages + 1), np.int64), [[] for _ in range(stages)], {k: Counter() for k in range(stages)})
