"""RFM: which buyers are recent, frequent and valuable, and what should be done about each kind?

Hears: nothing. Tells: nothing. Owns: no table; scores the rows of customer_profiles, which profiles rebuilds.
"""

from regulars.understand.rfm.domain import (
    SEGMENTS,
    VALUE_TYPES,
    RfmAnswer,
    RfmCell,
    RfmExplanation,
    ScoreBand,
    ScoreWords,
    SegmentRow,
    Thresholds,
)
from regulars.understand.rfm.queries import scored, value_type
from regulars.understand.rfm.service import explain, report
from regulars.understand.rfm.words import segment_name

__all__ = [
    "SEGMENTS",
    "VALUE_TYPES",
    "RfmAnswer",
    "RfmCell",
    "RfmExplanation",
    "ScoreBand",
    "ScoreWords",
    "SegmentRow",
    "Thresholds",
    "explain",
    "report",
    "scored",
    "segment_name",
    "value_type",
]
