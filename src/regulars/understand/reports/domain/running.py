"""A question that is answered beside the one who asked it: how far it is, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from regulars.understand.reports.domain.answers import Answered

RunState = Literal["waiting", "running", "done", "failed", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why there is no answer, in the words of every other refusal."""

    code: str
    message: str
    mend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A question under way, or answered and kept for a while."""

    run_id: str
    shop_id: str
    kind: str
    question: Mapping[str, Any]
    state: RunState
    percent: float | None  # of the statement that runs now; null: not known
    seconds: float  # since it was asked, or until it ended
    asked_at: datetime
    ended_at: datetime | None
    kept_until: datetime | None  # null: not ended yet
    answer: Answered | None
    failure: Failure | None
