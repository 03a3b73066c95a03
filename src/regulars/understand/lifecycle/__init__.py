"""Lifecycle: how many customers are new, active, dormant or churned, and how do they move between these stages?

Hears: nothing. Tells: nothing. Owns: no table; reads orders and customer_profiles.
"""

from regulars.understand.lifecycle.domain import (
    NOT_YET,
    PROSPECT,
    STAGES,
    Cuts,
    CutsSuggestion,
    LifecycleAnswer,
    LifecycleMonth,
    Movement,
    StageNow,
    stage_of,
)
from regulars.understand.lifecycle.queries import History, known_orders, purchase_gaps, stage
from regulars.understand.lifecycle.service import cuts_of, history_of, last_day_of, report, suggestion
from regulars.understand.lifecycle.words import stage_explanation, stage_name

__all__ = [
    "NOT_YET",
    "PROSPECT",
    "STAGES",
    "Cuts",
    "CutsSuggestion",
    "History",
    "LifecycleAnswer",
    "LifecycleMonth",
    "Movement",
    "StageNow",
    "cuts_of",
    "history_of",
    "known_orders",
    "last_day_of",
    "purchase_gaps",
    "report",
    "stage",
    "stage_explanation",
    "stage_name",
    "stage_of",
    "suggestion",
]
