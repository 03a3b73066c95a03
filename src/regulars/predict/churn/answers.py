"""What the warning answers: the list, one customer, the book over time, the four views, and how good it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from regulars.predict.churn.feedback import Feedback
from regulars.values.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ChurnReason:
    """Why a customer is thought to leave: the group, the fact behind it, and what to do. A symptom shows leaving and does not cause it."""

    group: str
    name: str
    is_symptom: bool
    weight: float  # added to the log odds
    text: str
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """A customer's risk as of the newest run."""

    place: int | None  # 1: the worst; null: green, or answered by support
    beyond_capacity: bool
    answered: bool
    customer_id: str
    level: str
    level_name: str
    since_on: date
    probability: float
    expected_margin: Money  # over 12 months
    expected_loss: Money
    reasons: Sequence[ChurnReason]  # causes first, at most three
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelSum:
    """Customers and money at one level; `from_loss` is where it begins (null: green)."""

    level: str
    name: str
    customers: int
    expected_loss: Money
    from_loss: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseSum:
    """How many of the listed name a cause first."""

    group: str
    name: str
    customers: int
    expected_loss: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ChurnRun:
    """The run the answer is from."""

    as_of: datetime
    computed_at: datetime
    horizon_days: int
    method: str
    method_name: str
    version: int | None  # in the registry of models
    currency: str
    customers: int
    expected_leavers: float
    margin_share: float
    margin_source: str  # set | costs | assumed


@dataclass(frozen=True, slots=True, kw_only=True)
class Warnings:
    """The early-warning list; `run` is null before the first run, and `reason` says why."""

    run: ChurnRun | None
    reason: str | None
    levels: Sequence[LevelSum]
    causes: Sequence[CauseSum]
    capacity: int
    total: int
    items: Sequence[Warned]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelChange:
    """A change of one customer's level."""

    day: date
    level: str
    level_name: str
    previous: str
    probability: float | None
    expected_loss: Money | None
    reasons: Sequence[ChurnReason]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRisk:
    """One customer's risk, the changes of its level, and what was said of its warnings. `risk` is null for who is not judged."""

    customer_id: str
    run: ChurnRun | None
    risk: Warned | None
    reason: str | None  # why there is no risk to tell
    changes: Sequence[LevelChange]
    feedback: Sequence[Feedback]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """The book as one run found it."""

    as_of: datetime
    horizon_days: int
    method: str
    customers: int
    expected_leavers: float
    levels: Sequence[LevelSum]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """The whole book over time, oldest first."""

    currency: str
    points: Sequence[TrendPoint]


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """A product, category or seller that the warned of a view bought more often than everybody: `lift` is how many times as often."""

    dimension: str  # product | category | seller
    key: str
    name: str
    customers: int
    share: float
    lift: float
    refunds: int  # lines given back by these customers
    mean_rating: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewGroup:
    """One reason in a view: customers who have it among their causes, and what leavers said in surveys."""

    group: str
    name: str
    customers: int
    expected_loss: Money
    survey_answers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewSum:
    """One of the four views: satisfaction, product quality, service experience, brand and price."""

    view: str
    name: str
    customers: int
    share: float | None  # of the warned
    expected_loss: Money
    groups: Sequence[ViewGroup]
    behind: Sequence[Behind]


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyReason:
    """What leavers answered, as they said it; `group` is null where it is none of our reasons."""

    answer: str
    group: str | None
    customers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Views:
    """The four views of the newest run. `without_cause`: warned customers of whom only the rhythm is known."""

    run: ChurnRun | None
    warned: int
    without_cause: int
    views: Sequence[ViewSum]
    survey: Sequence[SurveyReason]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A past cut-off of the model's backtest: who would have been warned then, against who left. Money is the margin of a year."""

    as_of: datetime
    customers: int
    churn_rate: float
    auc: float | None
    brier: float
    ece: float
    top_decile_lift: float | None
    warned_left: int
    warned_stayed: int
    missed: int  # left without a warning
    warned_left_margin: Money
    missed_margin: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongCount:
    """How often a warning was said to be wrong for this reason."""

    wrong_because: str
    name: str
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How good the model was at past cut-offs, and what support says of its warnings."""

    version: int | None
    method: str | None
    auc: float | None
    brier: float | None
    ece: float | None
    folds: Sequence[Judged]
    warned: int  # warnings told so far
    contested: int  # of them, said to be wrong
    wrong: Sequence[WrongCount]


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """Where the shop's levels begin, and what it set itself."""

    currency: str
    yellow: Money
    orange: Money
    red: Money
    levels_set: bool
    capacity: int
    margin_share: float | None  # null: from the catalogue's costs, else 30 %
    horizon_days: int | None  # null: the shop's own
