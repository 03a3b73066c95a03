"""What a flash sale is, and when units of it may be taken: rules F1 to F7, free of any store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from regulars.errors import Conflict, InvalidInput

#: What became of a reservation. `expired` holds from `expires_at` on, whether or not somebody has written it down yet.
State = Literal["reserved", "sold", "cancelled", "expired", "refund_required", "refunded"]
STATES: tuple[State, ...] = ("reserved", "sold", "cancelled", "expired", "refund_required", "refunded")
Refusal = Literal["not_started", "ended", "customer_limit", "sold_out"]
Phase = Literal["planned", "running", "ended"]

TTL = timedelta(seconds=900)
MOST_UNITS = 10_000_000
MOST_AT_ONCE = 10_000
LONGEST_TTL = timedelta(days=7)

_REFUSED: dict[Refusal, tuple[str, str]] = {
    "not_started": ("the flash sale has not begun", "try again at `starts_at`"),
    "ended": ("the flash sale is over", "sell the product at its usual price"),
    "customer_limit": ("the customer has had as many units of this sale as one may have", "ask for fewer units"),
    "sold_out": ("so many units are not free", "ask for fewer units, or try again when a reservation has lapsed"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FlashSale:
    """One product at a price for a time, out of a stock of its own.

    `available` is what can be reserved at the instant asked about: stock - sold - reserved, where a reservation that has run out
    counts as given back (F1, F4). Sold units that were refunded stay sold (F7).
    """

    sale_id: str
    name: str
    product_id: str
    currency: str
    price_minor: int
    list_price_minor: int | None
    stock: int
    per_customer: int | None
    ttl_s: int
    starts_at: datetime
    ends_at: datetime
    phase: Phase
    available: int
    reserved: int
    sold: int
    refunds_due: int
    made_at: datetime
    made_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """Units of a flash sale that one customer holds, bought, or let go.

    `late` tells a payment after the reservation had lapsed. `reason` tells why a payment is to be given back.
    `returned_to_activity` counts units that a cancellation or lapse gave back; a refund gives back none.
    """

    reservation_id: str
    sale_id: str
    customer_id: str
    quantity: int
    price_minor: int
    currency: str
    status: State
    reserved_at: datetime
    expires_at: datetime
    paid_at: datetime | None = None
    late: bool = False
    reason: str | None = None
    closed_at: datetime | None = None
    returned_to_activity: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """When a sale runs, half open, and how much one customer may have of it."""

    starts_at: datetime
    ends_at: datetime
    per_customer: int | None

    def phase(self, at: datetime) -> Phase:
        """Where an instant lies."""
        return "planned" if at < self.starts_at else "running" if at < self.ends_at else "ended"

    def refusal(self, at: datetime, quantity: int, *, had: int, available: int) -> Refusal | None:
        """Why these units cannot be taken, or None.

        Parameters
        ----------
        had : units the customer holds open or has bought, those refunded since among them (F3).
        available : units that are free at that instant.
        """
        phase = self.phase(at)
        if phase != "running":
            return "not_started" if phase == "planned" else "ended"
        if self.per_customer is not None and had + quantity > self.per_customer:
            return "customer_limit"
        return "sold_out" if quantity > available else None


def refused(why: Refusal) -> Conflict:
    """The error of a refusal; its code is the reason."""
    what, mend = _REFUSED[why]
    return Conflict(what, mend=mend, code=why)


def checked(
    *,
    name: str,
    product_id: str,
    price_minor: int,
    list_price_minor: int | None,
    stock: int,
    per_customer: int | None,
    ttl_s: int,
    starts_at: datetime,
    ends_at: datetime,
) -> None:
    """Refuse a sale that cannot mean anything.

    Raises
    ------
    InvalidInput : says which value and what would do.
    """
    if not name.strip() or not product_id.strip():
        raise _bad("no_offer_name", "a flash sale needs a name and a product", "give `name` and `product_id`")
    if price_minor < 0 or (list_price_minor is not None and list_price_minor < price_minor):
        raise _bad(
            "bad_offer_price",
            "the price is not between nothing and the usual price",
            "give `price` of 0 or more, and `list_price` not below it",
        )
    if not 1 <= stock <= MOST_UNITS:
        raise _bad("bad_stock", f"a stock is 1 to {MOST_UNITS:,} units", "give `stock`")
    if per_customer is not None and per_customer < 1:
        raise _bad(
            "bad_customer_limit",
            "the limit of one customer is 1 unit or more",
            "give `per_customer`, or leave it out for no limit",
        )
    if not timedelta(seconds=1) <= timedelta(seconds=ttl_s) <= LONGEST_TTL:
        raise _bad("bad_ttl", "a reservation is held for 1 second to 7 days", "give `ttl_s`; 900 is usual")
    if ends_at <= starts_at:
        raise _bad("bad_offer_time", "a sale ends after it begins", "give `ends_at` later than `starts_at`")


def _bad(code: str, what: str, mend: str) -> InvalidInput:
    return InvalidInput(what, mend=mend, code=code)
