"""What is kept of a fitted model, and what may happen to it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from regulars.errors import InvalidInput
from regulars.values.answers import to_json

#: `champion` answers, `challenger` waits to be compared, `retired` was champion once or lost.
State = Literal["champion", "challenger", "retired"]
Act = Literal["first", "promoted", "rolled_back"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A model as its room hands it in."""

    model: str  # what it tells: "churn", "lifetime_value"
    as_of: datetime  # the cut-off: nothing after it was seen
    method: str  # what was fitted: "blend", "logistic", "pareto_nbd"
    settings: Mapping[str, Any]  # seed, horizon, currency: whatever else the body follows from
    fingerprint: str  # of the rows it learned from
    trained_on: int  # rows
    body: bytes
    scores: Mapping[str, Any] = field(default_factory=dict)  # of the backtest, over all its cut-offs
    folds: Sequence[Mapping[str, Any]] = ()  # the same of each past cut-off, oldest first
    card: Mapping[str, Any] = field(default_factory=dict)  # what else a reader of its card needs

    def __post_init__(self) -> None:
        if self.as_of.tzinfo is None:
            raise InvalidInput("the cut-off of a model has no time zone", mend="give an aware instant", code="naive_instant")
        if not self.body:
            raise InvalidInput(f"the model '{self.model}' has no body", mend="hand in what was fitted", code="empty_model")

    @property
    def digest(self) -> str:
        """Of everything the model follows from and of its body: the same again is the same version."""
        told = [self.model, self.as_of, self.method, self.settings, self.fingerprint, digest_of(self.body)]
        return digest_of(json.dumps(to_json(told), sort_keys=True, ensure_ascii=False).encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One fitted model on the shelf; versions of a shop's model count from 1."""

    shop_id: str
    model: str
    number: int
    state: State
    as_of: datetime
    method: str
    settings: Mapping[str, Any]
    fingerprint: str
    trained_on: int
    scores: Mapping[str, Any]
    folds: Sequence[Mapping[str, Any]]
    card: Mapping[str, Any]
    made_at: datetime
    body_bytes: int  # 0: too old to be brought back, only its card is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of champion."""

    model: str
    number: int
    before: int | None
    act: Act
    by: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What was seen of a version on a day: drift, and forecast against what came."""

    model: str
    number: int
    day: date
    figures: Mapping[str, Any]


def digest_of(body: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(body).hexdigest()
