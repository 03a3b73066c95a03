"""What a question about attribution asks, the models it is answered under, and what the answer holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from regulars.understand.questions import Asked, EventFilter, Moments, Property

Model = Literal["first", "last", "last_non_direct", "linear", "position", "time_decay"]
MODELS: tuple[Model, ...] = ("first", "last", "last_non_direct", "linear", "position", "time_decay")
By = Literal["channel", "source", "medium", "campaign"]
#: A touch that does not tell what is asked for (a campaign, say); "(none)" is an order without any touch.
NOT_SET = "(not set)"


@dataclass(frozen=True, slots=True)
class AttributionQuery:
    """Which touches share which orders.

    `touch_event` null: visits that tell where they came from. `conversion_event` null: the shop's orders; else events, once by
    their `order_id`, with the money they tell.
    """

    asked: Asked
    moments: Moments  # of the conversions
    by: By | Property
    model: Model  # rows are in its order
    lookback_days: int
    half_life_days: float
    currency: str
    touch_event: EventFilter | None = None
    conversion_event: EventFilter | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Credit:
    """What a model gives a channel: a part of the revenue, in minor units, and of the number of orders."""

    revenue_minor: int
    conversions: float


@dataclass(frozen=True, slots=True)
class Credited:
    """A channel (source, medium, campaign) under all models."""

    value: str
    touches: int  # before orders, within the lookback
    touched_conversions: int  # orders with at least one of them
    customers: int
    credit: Mapping[Model, Credit]
    share: float | None  # of the revenue, under the model asked for


@dataclass(frozen=True, slots=True)
class AttributionAnswer:
    """All models side by side. Under each one the credits add up to the revenue, to the minor unit."""

    model: Model
    models: tuple[Model, ...]
    currency: str
    conversions: int
    customers: int
    revenue_minor: int
    touched_conversions: int
    complete: bool  # false while the range is not over
    rows: tuple[Credited, ...]
