"""What questions about shopping ask, and what their answers hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from regulars.understand.questions import Asked, EventFilter, Interval, Moments, Property, Window

CartStatus = Literal["abandoned", "converted", "open"]
Thing = Literal["product", "category", "brand"]
Basket = Literal["order", "customer"]
Measure = Literal["orders", "units", "views", "carts"]
#: Beyond so many standard deviations (1 in 1,000) a change is called significant.
SIGNIFICANT = 3.2905


@dataclass(frozen=True, slots=True)
class CartsQuery:
    """Which carts, and when one is given up."""

    asked: Asked
    moments: Moments  # of the openings
    abandon_after_hours: float
    as_of: datetime
    interval: Interval | None
    breakdown: Property | None  # of the event that opens the cart
    limit: int

    @property
    def silence(self) -> int:
        """The silence after which a cart is abandoned, in microseconds."""
        return round(self.abandon_after_hours * 3_600_000_000)


@dataclass(frozen=True, slots=True)
class CartFigures:
    """Carts by what became of them. The rate is null while none has ended."""

    carts: int
    abandoned: int
    converted: int
    open: int
    rate: float | None  # abandoned / (abandoned + converted)
    customers: int
    abandoned_customers: int
    abandoned_at_checkout: int  # abandoned, although the checkout had begun
    abandoned_value_minor: int  # of what lay in them, as events told it
    seconds_to_order_mean: float | None


@dataclass(frozen=True, slots=True)
class CartBucket:
    """The carts that were opened in one calendar bucket; complete when it ended as long ago as a silence is."""

    start: str
    starts_at: datetime
    complete: bool
    figures: CartFigures


@dataclass(frozen=True, slots=True)
class CartGroup:
    """The carts whose opening event carries one value."""

    value: str
    figures: CartFigures


@dataclass(frozen=True, slots=True)
class LeftProduct:
    """A product that lies in abandoned carts."""

    product_id: str
    carts: int
    customers: int
    value_minor: int


@dataclass(frozen=True, slots=True)
class CartsAnswer:
    """All carts of the range, by bucket and group, and what is left in them most."""

    abandon_after_hours: float
    currency: str
    complete: bool
    total: CartFigures
    buckets: tuple[CartBucket, ...]
    groups: tuple[CartGroup, ...] | None
    left_products: tuple[LeftProduct, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage behind the entry: an event of any of these filters reaches it."""

    name: str
    filters: tuple[EventFilter, ...]
    with_orders: bool = False  # an order of the shop reaches it too, whoever told of it


@dataclass(frozen=True, slots=True)
class JourneyQuery:
    """Who is new, by which stages they go, and how long is waited for them."""

    asked: Asked
    moments: Moments  # of the entries; both ends
    entry: tuple[EventFilter, ...] | None  # null: the first event of all
    with_registrations: bool  # a loaded date of registration is an entry too
    stages: tuple[Stage, ...]
    window: Window
    interval: Interval
    as_of: datetime


@dataclass(frozen=True, slots=True)
class StageFigures:
    """How many came so far. Times are of those who did both stages in this order."""

    stage: str
    customers: int
    of_entered: float | None
    of_previous: float | None
    median_seconds_from_previous: float | None
    mean_seconds_from_previous: float | None


@dataclass(frozen=True, slots=True)
class LastDone:
    """What the lost did last."""

    event: str
    customers: int


@dataclass(frozen=True, slots=True)
class Loss:
    """Those who came to a stage and to none behind it within the window."""

    after: str
    before: str
    customers: int
    share: float | None  # of those who came to `after`
    of_all_lost: float | None
    did_last: tuple[LastDone, ...]


@dataclass(frozen=True, slots=True)
class JourneyBucket:
    """The customers who entered in one calendar bucket; complete when the window of the last of them is over."""

    start: str
    starts_at: datetime
    complete: bool
    entered: int
    reached: tuple[int, ...]  # by stage
    rate: float | None  # who came to the last stage


@dataclass(frozen=True, slots=True)
class JourneyAnswer:
    """The way of the new customers, and where they are lost (most first)."""

    entered: int
    complete: bool
    stages: tuple[StageFigures, ...]
    losses: tuple[Loss, ...]
    buckets: tuple[JourneyBucket, ...]


@dataclass(frozen=True, slots=True)
class AffinityQuery:
    """What is bought together: which things, in which baskets."""

    asked: Asked
    moments: Moments
    of: Thing
    basket: Basket
    min_baskets: int  # a pair must lie in so many
    min_support: float  # and in such a share of all
    sort: Literal["lift", "baskets", "confidence"]
    limit: int
    thing: str | None  # only pairs with this one


@dataclass(frozen=True, slots=True)
class Pair:
    """Two things and how much more often they lie together than chance would have it. Support is of all baskets."""

    a: str
    a_name: str | None
    b: str
    b_name: str | None
    baskets: int
    a_baskets: int
    b_baskets: int
    support: float
    confidence: float  # of those with a, how many have b
    confidence_back: float  # of those with b, how many have a
    lift: float


@dataclass(frozen=True, slots=True)
class AffinityAnswer:
    """The pairs in the asked order."""

    of: Thing
    basket: Basket
    baskets: int
    complete: bool
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class MoversQuery:
    """What rises and fades: which things, counted how, in which range against the one before it."""

    asked: Asked
    moments: Moments  # both ends
    before: Moments
    of: Thing
    measure: Measure
    min_count: int  # of both ranges together
    limit: int


@dataclass(frozen=True, slots=True)
class Mover:
    """A thing and its count now and before.

    `z` compares with no change, `z_against_shop` with the change of the whole shop: normal approximations of Poisson counts.
    """

    key: str
    name: str | None
    now: int
    before: int
    change: float | None  # null: there was none before
    z: float
    z_against_shop: float
    p: float  # of a change as large as `z` by chance, up or down
    significant: bool


@dataclass(frozen=True, slots=True)
class MoversAnswer:
    """What rose and what faded most surely."""

    of: Thing
    measure: Measure
    now: int
    before: int
    complete: bool
    rising: tuple[Mover, ...]
    fading: tuple[Mover, ...]
