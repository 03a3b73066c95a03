"""What is to be priced: a cart, who buys it, what has been used up, and the points that shall pay a part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from regulars.errors import InvalidInput

#: Large enough for every shop, small enough that no sum leaves 64 bits and nothing takes long.
MOST_LINES = 500
MOST_UNITS = 1_000_000
LARGEST_MINOR = 10**12


@dataclass(frozen=True, slots=True, kw_only=True)
class CartLine:
    """One line: `qty` units at `unit_price` minor units each."""

    id: str
    sku: str
    unit_price: int
    qty: int
    category: str = ""
    seller: str = ""
    discountable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Cart:
    """The lines, what sending them costs before offers, all in one currency."""

    currency: str
    lines: Sequence[CartLine]
    shipping: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Who buys, as far as offers ask for it; an empty id is somebody not signed in."""

    id: str = ""
    segments: frozenset[str] = frozenset()
    tier: str | None = None
    new_customer: bool = False
    traits: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How often an offer has been used, and how much of its budget is spent."""

    total: int = 0
    customer: int = 0
    customer_today: int = 0
    budget_used: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsAsked:
    """Points that shall pay a part: `step_points` are worth `step_minor`; at most `max_bps` of the goods."""

    balance: int
    redeem: int
    step_points: int = 100
    step_minor: int = 100
    max_bps: int = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Where and when: the zone cuts local days and hours."""

    timezone: str
    now: datetime
    channel: str = ""


def checked(cart: Cart) -> Cart:
    """The cart, or the sentence that says what is wrong with it.

    Raises
    ------
    InvalidInput : two lines of one id, no unit on a line, a negative or an immense amount, too many lines.
    """
    if len(cart.lines) > MOST_LINES:
        raise InvalidInput(
            f"{len(cart.lines)} lines are too many for one cart", mend=f"send at most {MOST_LINES}", code="too_many_lines"
        )
    if len({line.id for line in cart.lines}) != len(cart.lines):
        raise InvalidInput(
            "two lines of the cart have the same id", mend="give every line an id of its own", code="same_line_twice"
        )
    for line in cart.lines:
        if not 1 <= line.qty <= MOST_UNITS:
            raise InvalidInput(
                f"line '{line.id}' has {line.qty} units", mend=f"give a number from 1 to {MOST_UNITS}", code="bad_quantity"
            )
        if not line.unit_price >= 0 or line.unit_price * line.qty > LARGEST_MINOR:
            raise InvalidInput(
                f"line '{line.id}' has no price that can be counted",
                mend=f"give minor units from 0; a line is at most {LARGEST_MINOR}",
                code="bad_price",
            )
    if not 0 <= cart.shipping <= LARGEST_MINOR:
        raise InvalidInput("the shipping of the cart cannot be counted", mend="give minor units from 0", code="bad_price")
    return cart
