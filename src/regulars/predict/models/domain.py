"""What is told of a model: its card, how it stands, and what beats what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from regulars.registry import Act, State
from regulars.understand.metrics import Value

#: `steady` needs nothing, `watch` a look, `retrain` a new model; `unknown` before anything was seen.
Judgement = Literal["unknown", "steady", "watch", "retrain"]
#: Population stability index from which a distribution has moved (Siddiqi, Credit Risk Scorecards, 2006).
WATCH_PSI = 0.1
RETRAIN_PSI = 0.25
#: After a load, models wait so long for the next one before they learn.
SETTLED = timedelta(minutes=1)
#: Why a version took over that could not be compared.
NOTHING_TO_COMPARE = "nothing to compare by: the newer one has seen more"


@dataclass(frozen=True, slots=True, kw_only=True)
class Realised:
    """A forecast whose horizon has passed, against what came: probabilities of customers, or intervals of days."""

    as_of: datetime
    customers: int  # or days
    forecast: float  # mean probability, or the share of days that was to lie inside
    came: float  # share it happened to, or of days that lay inside
    low: float  # 99 % of such groups lie between, if the forecast was right
    high: float

    @property
    def outside(self) -> bool:
        """Whether what came is outside of what chance allows."""
        return not self.low <= self.came <= self.high


@dataclass(frozen=True, slots=True, kw_only=True)
class RealisedMetric:
    """A registered forecast of one metric, against the days that have passed since."""

    metric: str
    title: str
    days: int
    inside: float  # share of these days within the interval
    expected: Value  # mean of a day
    came: Value
    off: float | None  # errors as a share of what came; null where nothing did


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelScore:
    """A figure of a backtest, in words."""

    name: str
    label: str
    meaning: str
    value: float | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVersion:
    """One version in the list of a model's versions."""

    number: int
    state: State
    as_of: datetime
    made_at: datetime
    method: str
    trained_on: int
    scores: Sequence[ModelScore]
    kept: bool  # false: only the card is kept, it cannot answer again


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChange:
    """A change of champion."""

    number: int
    before: int | None
    act: Act
    by: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCheck:
    """What was seen of a version on a day."""

    number: int
    day: date
    judgement: Judgement
    score_psi: float | None
    moved: Sequence[tuple[str, float]]  # features that moved most, with their index
    realised: Realised | None
    metrics: Sequence[RealisedMetric]  # of forecasts only


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """The champion of a model in short."""

    model: str
    title: str
    tells: str
    version: ModelVersion
    judgement: Judgement
    checked_on: date | None
    challengers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAnswer:
    """Everything kept of a model."""

    card: ModelCard
    settings: Mapping[str, Any]
    fingerprint: str
    facts: Mapping[str, Any]  # what else its room wrote on the card
    folds: Sequence[Mapping[str, Any]]  # each past cut-off with its figures
    versions: Sequence[ModelVersion]  # newest first
    changes: Sequence[ModelChange]  # newest first
    checks: Sequence[ModelCheck]  # newest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """The champion of every model."""

    models: Sequence[ModelCard]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """Champion and challenger on the newest closed cut-off; lower is better."""

    figure: str  # "brier"
    champion: float
    challenger: float

    @property
    def won(self) -> bool:
        """Whether the challenger was better."""
        return self.challenger < self.champion


def judged(psis: Sequence[float], outside: int) -> Judgement:
    """From how far distributions moved, and how many cohorts in a row came outside of what was forecast."""
    if not psis and not outside:
        return "unknown"
    most = max(psis, default=0.0)
    if most >= RETRAIN_PSI or outside >= 2:
        return "retrain"
    return "watch" if most >= WATCH_PSI or outside else "steady"
