"""What questions about competitors ask and answer: prices beside ours, their changes, and shares of the market."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from regulars.values.money import Money
from regulars.values.periods import Period, Unit

By = Literal["product", "category"]
Basis = Literal["told", "sales", "units"]

#: What files call the shop itself in the column of competitors; its own name does too.
OWN = ("own", "self", "us", "ours", "our shop", "本店", "自己", "我们", "自家", "本品牌")


@dataclass(frozen=True, slots=True)
class MarketQuery:
    """Which days of which shop, and what of them; not every report uses every field."""

    shop_id: str
    zone: str
    week_start: Literal["monday", "sunday"]
    currency: str
    own_names: tuple[str, ...]  # in small letters
    period: Period
    by: By = "product"
    category: str | None = None
    product: str | None = None
    unit: Unit = "month"
    limit: int = 50


@dataclass(frozen=True, slots=True)
class ProductPrice:
    """One product: our price and those of the competitors who have it."""

    key: str  # its product_id
    name: str
    category: str | None
    listed: Money | None  # our list price
    paid: Money | None  # what was paid for one on average in the time
    own: Money | None  # what is compared: the list price, else what was paid
    competitors: int
    lowest: Money
    median: Money
    highest: Money
    rank: int | None  # 1: nobody is cheaper
    gap: float | None  # own / median - 1
    gap_to_lowest: float | None  # own / lowest - 1
    dearer_lately: bool  # above the median now, and not at the beginning of the time


@dataclass(frozen=True, slots=True)
class CategoryPrice:
    """One category: how many of its compared products are dearer than the market."""

    key: str
    products: int  # with own price and at least one competitor's
    cheapest: int  # nobody is cheaper
    cheaper: int  # below the median
    dearer: int  # above the median
    dearer_lately: int
    index: float | None  # mean of own / median; 1 is the market
    index_to_lowest: float | None


@dataclass(frozen=True, slots=True)
class PricesAnswer:
    """The widest gaps above the market first."""

    by: By
    currency: str
    first_on: date
    last_on: date
    products: tuple[ProductPrice, ...]
    categories: tuple[CategoryPrice, ...]
    total: CategoryPrice  # all products


@dataclass(frozen=True, slots=True)
class PriceChange:
    """A competitor has changed a price."""

    day: date
    competitor: str
    product: str
    name: str
    before: Money
    now: Money
    change: float
    own: Money | None
    gap: float | None  # own / now - 1


@dataclass(frozen=True, slots=True)
class ChangesAnswer:
    """The newest first; and how many went up and down in all."""

    currency: str
    first_on: date
    last_on: date
    up: int
    down: int
    changes: tuple[PriceChange, ...]


@dataclass(frozen=True, slots=True)
class ShareBucket:
    """A category's market in a stretch of time."""

    own: float | None
    basis: Basis | None  # told by the file, or counted from sales or units; null: nothing tells our share
    competitors: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class CategoryShare:
    """A category over time; `buckets` in the order of the answer's."""

    category: str
    own: float | None  # of the last bucket that tells
    change: float | None  # since the bucket before that tells, in parts of 1
    buckets: tuple[ShareBucket, ...]


@dataclass(frozen=True, slots=True)
class SharesAnswer:
    """Shares of the market by category, the categories with most of our sales first."""

    interval: Unit
    first_on: date
    last_on: date
    buckets: tuple[str, ...]
    complete: tuple[bool, ...]
    categories: tuple[CategoryShare, ...]


def share_of(own: float, others: Mapping[str, Mapping[str, float | None]], told: float | None, own_units: float) -> ShareBucket:
    """Our share and theirs, from what files tell.

    Parameters
    ----------
    own, own_units : what we sold, in money and units.
    others : competitor -> `share`, `sales`, `units`, null where not told.
    told : our share as a file tells it.
    """
    shares = {name: row["share"] for name, row in others.items()}
    if told is not None:
        return ShareBucket(told, "told", _known(shares))
    bases: tuple[tuple[Basis, float], ...] = (("sales", own), ("units", own_units))
    for basis, ours in bases:
        sold = _known({name: row[basis] for name, row in others.items()})
        whole = ours + sum(sold.values())
        if sold and whole:
            return ShareBucket(round(ours / whole, 4), basis, {name: round(one / whole, 4) for name, one in sold.items()})
    return ShareBucket(None, None, _known(shares))


def _known(found: Mapping[str, float | None]) -> dict[str, float]:
    return {name: value for name, value in found.items() if value is not None}
