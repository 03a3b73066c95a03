"""Activity: who comes back, who is new or fell asleep, and how often customers come.

Question      of those who did something, who did it again, when, and how often?
Events heard  none
Events told   none
Tables owned  none; reads `events`, `customers` and `segment_members`
"""

from regulars.understand.activity.domain import (
    ActiveAnswer,
    ActiveQuery,
    CurvePoint,
    LifecycleAnswer,
    LifecycleQuery,
    RetentionAnswer,
    RetentionGroup,
    RetentionQuery,
    RetentionRow,
    RollingAnswer,
    RollingQuery,
    RollingValues,
    StickinessAnswer,
    StickinessQuery,
)
from regulars.understand.activity.reports import ACTIVE, LIFECYCLE, RETENTION, RETENTION_ROLLING, STICKINESS
from regulars.understand.activity.service import active, lifecycle, retention, retention_rolling, stickiness

__all__ = [
    "ACTIVE",
    "LIFECYCLE",
    "RETENTION",
    "RETENTION_ROLLING",
    "STICKINESS",
    "ActiveAnswer",
    "ActiveQuery",
    "CurvePoint",
    "LifecycleAnswer",
    "LifecycleQuery",
    "RetentionAnswer",
    "RetentionGroup",
    "RetentionQuery",
    "RetentionRow",
    "RollingAnswer",
    "RollingQuery",
    "RollingValues",
    "StickinessAnswer",
    "StickinessQuery",
    "active",
    "lifecycle",
    "retention",
    "retention_rolling",
    "stickiness",
]
