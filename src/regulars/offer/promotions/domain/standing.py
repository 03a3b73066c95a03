"""How far the pricing of a cart is: what each line still costs, and what one offer took off it or why it did not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from regulars.offer.promotions.domain.carts import Cart
from regulars.offer.promotions.domain.offers import Basis, Offer, Reason


@dataclass(frozen=True, slots=True)
class Gain:
    """What reaching a threshold brings: an amount, a percentage (with its cap), or free shipping."""

    minor: int | None = None
    bps: int | None = None
    cap: int | None = None
    free_shipping: bool = False
    free_units: int = 0


@dataclass(frozen=True, slots=True)
class Missing:
    """What a cart lacks of an offer's next threshold: so much more money, or so many more units, and what they bring."""

    minor: int
    qty: int
    gain: Gain


@dataclass(frozen=True, slots=True)
class Deal:
    """What one offer takes off: in all, and of which lines (only those it takes something off)."""

    offer: Offer
    total: int
    shares: tuple[tuple[int, int], ...]
    missing: Missing | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an offer takes nothing off."""

    offer: Offer
    reason: Reason
    missing: Missing | None = None


class Standing:
    """The amounts of a cart's lines between two layers."""

    __slots__ = ("after_item", "current", "listed", "locked", "qty")

    def __init__(self, cart: Cart) -> None:
        self.qty = [line.qty for line in cart.lines]
        self.listed = [line.unit_price * line.qty for line in cart.lines]
        self.after_item = self.listed
        self.current = list(self.listed)
        self.locked: set[int] = set()

    def copy(self) -> Standing:
        """The same standing, to go on from in another way."""
        other: Standing = object.__new__(Standing)
        other.qty, other.listed, other.after_item, other.locked = self.qty, self.listed, self.after_item, self.locked
        other.current = list(self.current)
        return other

    def take(self, deal: Deal) -> None:
        """Take a deal off its lines."""
        current = self.current
        for i, amount in deal.shares:
            current[i] -= amount

    def basis(self, name: Basis) -> Sequence[int]:
        """The amounts that a threshold is measured on."""
        return self.current if name == "current" else self.after_item if name == "after_item" else self.listed
