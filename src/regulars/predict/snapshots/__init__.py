"""Snapshots: what was known of every customer at a past instant, as numbers a model can learn from?

Hears: nothing. Tells: nothing. Owns: no table; every read ends at the cut-off, and a feature that reads past it is refused.
"""

from regulars.predict.snapshots.catalogue import FEATURES, GROUPS, feature_of
from regulars.predict.snapshots.closures import Closure, closures
from regulars.predict.snapshots.costs import known_margin
from regulars.predict.snapshots.domain import Feature, Outcomes, Snapshot
from regulars.predict.snapshots.past import Own, Past
from regulars.predict.snapshots.reference import reference_page
from regulars.predict.snapshots.service import known_at, outcomes, take
from regulars.predict.snapshots.words import meaning

__all__ = [
    "FEATURES",
    "GROUPS",
    "Closure",
    "Feature",
    "Outcomes",
    "Own",
    "Past",
    "Snapshot",
    "closures",
    "feature_of",
    "known_at",
    "known_margin",
    "meaning",
    "outcomes",
    "reference_page",
    "take",
]
