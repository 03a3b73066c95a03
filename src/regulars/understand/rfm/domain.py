"""Recency, frequency and monetary scores, the ten segments of the R x F grid, and the eight value types of Chinese CRM."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from regulars.values.money import Money

Dimension = Literal["recency", "frequency", "monetary"]
DIMENSIONS: tuple[Dimension, ...] = ("recency", "frequency", "monetary")

Segment = Literal[
    "champions",
    "loyal",
    "potential_loyalists",
    "new_customers",
    "promising",
    "need_attention",
    "about_to_sleep",
    "at_risk",
    "cannot_lose",
    "hibernating",
]
ValueType = Literal[
    "important_value",
    "important_develop",
    "important_keep",
    "important_win_back",
    "general_value",
    "general_develop",
    "general_keep",
    "general_win_back",
]

#: Scores 1 to 5: how many fifths the customers are cut into.
SCORES = 5
#: A score of at least this is "high" in the eight value types.
HIGH = 4

#: The grid, worst recency first; each row runs from the lowest frequency score to the highest.
GRID: tuple[tuple[Segment, ...], ...] = (
    ("hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"),
    ("hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"),
    ("about_to_sleep", "about_to_sleep", "need_attention", "loyal", "loyal"),
    ("promising", "potential_loyalists", "potential_loyalists", "loyal", "loyal"),
    ("new_customers", "potential_loyalists", "potential_loyalists", "champions", "champions"),
)

SEGMENTS: tuple[Segment, ...] = (
    "champions",
    "loyal",
    "potential_loyalists",
    "new_customers",
    "promising",
    "need_attention",
    "about_to_sleep",
    "cannot_lose",
    "at_risk",
    "hibernating",
)

#: (recency high, frequency high, monetary high) -> value type.
VALUE_TYPES: dict[tuple[bool, bool, bool], ValueType] = {
    (True, True, True): "important_value",
    (True, False, True): "important_develop",
    (False, True, True): "important_keep",
    (False, False, True): "important_win_back",
    (True, True, False): "general_value",
    (True, False, False): "general_develop",
    (False, True, False): "general_keep",
    (False, False, False): "general_win_back",
}


def score(below: int, equal: int, of: int) -> int:
    """The score of a value, from the customers that do worse, do equally well, and all there are.

    The place is the middle of its ties, so equal values score equally: 1 + floor(5 x (below + equal / 2) / of).
    When all are equal everyone scores 3: the dimension tells nobody apart, and says nothing good or bad.
    """
    return min(SCORES, 1 + SCORES * (2 * below + equal) // (2 * of))


def segment_of(recency: int, frequency: int) -> Segment:
    """The segment of a cell of the R x F grid."""
    return GRID[recency - 1][frequency - 1]


def value_type_of(recency: int, frequency: int, monetary: int) -> ValueType:
    """Which of the eight value types three scores make (4 and 5 are high)."""
    return VALUE_TYPES[recency >= HIGH, frequency >= HIGH, monetary >= HIGH]


@dataclass(frozen=True, slots=True)
class ScoreBand:
    """The values that earn one score: both ends are values that occur."""

    score: int
    lowest: float
    highest: float
    customers: int


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How one dimension is cut. Bands run from the best score down; a score that no value earns has no band."""

    dimension: Dimension
    name: str
    unit: Literal["days", "orders", "minor"]
    bands: list[ScoreBand]
    note: str  # empty, or why fewer than five scores occur


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """One segment (or value type): who they are, what to do, and what they bring."""

    segment: str
    name: str
    explanation: str
    handling: str
    customers: int
    share: float | None
    orders: int
    revenue: Money  # net revenue of all their orders up to as_of
    revenue_share: float | None
    average_recency_days: float | None
    average_orders: float | None
    revenue_per_customer: Money | None
    aov: Money | None


@dataclass(frozen=True, slots=True)
class RfmCell:
    """One cell of the R x F grid."""

    recency_score: int
    frequency_score: int
    segment: str
    name: str
    customers: int
    share: float | None
    revenue: Money


@dataclass(frozen=True, slots=True)
class RfmAnswer:
    """The shop's buyers by recency, frequency and monetary value, as of one instant."""

    as_of: datetime | None
    currency: str
    customers: int
    revenue: Money
    segments: list[SegmentRow]  # all ten, in the order of SEGMENTS, empty ones included
    value_types: list[SegmentRow]  # all eight
    matrix: list[RfmCell]  # all 25, best recency first, then by frequency ascending
    thresholds: list[Thresholds]


@dataclass(frozen=True, slots=True)
class ScoreWords:
    """One score of one customer in words."""

    dimension: Dimension
    name: str
    score: int
    value: float
    unit: Literal["days", "orders", "minor"]
    text: str  # "Last order 5 days ago: more recent than 93 % of buyers"


@dataclass(frozen=True, slots=True)
class RfmExplanation:
    """Why a customer is in its segment."""

    segment: str
    name: str
    explanation: str
    handling: str
    value_type: str
    value_type_name: str
    scores: list[ScoreWords]
