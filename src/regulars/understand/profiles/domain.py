"""What is known about customers: the row of a list, the page about one, its timeline, and how lists are cut and sorted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from regulars.understand.profiles.next_order import NextOrder
from regulars.understand.rfm.domain import RfmExplanation
from regulars.values.money import Money

Sort = Literal["net", "orders", "last_order", "first_order", "aov", "customer_id"]
SORTS: tuple[Sort, ...] = ("net", "orders", "last_order", "first_order", "aov", "customer_id")

#: The job that rebuilds the profiles of a shop.
REFRESH = "profiles.refresh"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which customers to list; a null (or empty) filter lets everyone pass."""

    text: str | None = None  # start of the customer number, or any part of it from three characters on
    customer_ids: tuple[str, ...] | None = None  # exactly these, e.g. found by e-mail
    segment: str | None = None  # RFM segment
    value_type: str | None = None  # one of the eight RFM value types
    stage: str | None = None
    region: str | None = None
    channel: str | None = None
    status: str | None = None  # of the next order: on_time | due | overdue | lost
    tag: str | None = None  # by hand or by its rule
    min_orders: int | None = None
    max_orders: int | None = None
    min_net_minor: int | None = None
    from_on: date | None = None  # with an order from this local day on; given `to_on` alone, from 11 months before it
    to_on: date | None = None  # with an order up to this local day, included


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One customer in a list."""

    customer_id: str
    orders: int
    purchase_days: int
    units: float
    gmv: Money
    refunds: Money
    net: Money
    aov: Money | None
    first_order_at: datetime | None
    last_order_at: datetime | None
    days_since_last: float | None
    gap_days_median: float | None
    recency_score: int | None
    frequency_score: int | None
    monetary_score: int | None
    segment: str | None
    segment_name: str | None
    stage: str
    stage_name: str
    region: str | None
    channel: str | None


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """One page of a customer list."""

    as_of: datetime | None
    currency: str
    total: int  # customers that pass the filters
    sort: Sort
    descending: bool
    rows: list[CustomerRow]
    next: str | None  # cursor of the following page


@dataclass(frozen=True, slots=True)
class FilterChoices:
    """What the filters of the list can be set to, with how many customers each would show."""

    segments: list[Choice]
    stages: list[Choice]
    regions: list[Choice]
    channels: list[Choice]
    tags: list[Choice]


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter."""

    value: str
    name: str
    customers: int


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How regularly a customer orders: gaps between its purchase days, in days."""

    gaps: int
    median_days: float | None
    mean_days: float | None
    spread_days: float | None  # median absolute deviation
    text: str


@dataclass(frozen=True, slots=True)
class Favourite:
    """A category or product a customer buys most, by amount."""

    id: str | None
    name: str
    orders: int
    units: float
    amount: Money
    share: float | None  # of what the customer spent on products


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """One line of an order or refund."""

    product_id: str | None
    name: str | None
    kind: str
    quantity: float | None
    amount: Money


TimelineKind = Literal["order", "refund", "review", "registered", "event", "segment", "consent"]


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Something that happened: an order, a refund, a review, the registration, an event, a segment entered or left, a consent."""

    kind: TimelineKind
    at: datetime
    id: str
    status: str | None = None  # order: placed | cancelled | unpaid; refund: return | refund | cancellation; segment: entered | left
    amount: Money | None = None
    units: float | None = None
    rating: float | None = None
    product_name: str | None = None
    line_count: int = 0
    lines: list[TimelineLine] = field(default_factory=list)  # the largest 20
    text: str = ""
    name: str | None = None  # of an event: what it is called; of a segment: its id; of a consent: its purpose


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of a customer's history, newest first."""

    entries: list[TimelineEntry]
    next: str | None


@dataclass(frozen=True, slots=True)
class CustomerAnswer:
    """Everything known about one customer, in pseudonyms."""

    as_of: datetime
    numbers: CustomerRow
    cancelled: Money
    average_basket_units: float | None
    city: str | None
    gender: str | None
    birth_year: int | None
    tier: str | None
    tags: list[str]
    registered_at: datetime | None
    stage_explanation: str
    rfm: RfmExplanation | None  # null without an order
    rhythm: Rhythm
    next_order: NextOrder | None  # null without an order, or before the first prediction
    favourite_categories: list[Favourite]
    favourite_products: list[Favourite]
    timeline: Timeline
