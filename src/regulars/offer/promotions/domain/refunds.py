"""Refunds: what comes back for returned units, in money and points, so that the parts add up to the whole (rules P22, P23, P25)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from regulars.errors import InvalidInput
from regulars.offer.promotions.domain.carts import Cart
from regulars.offer.promotions.domain.exact import allocate
from regulars.offer.promotions.domain.quoting import POINTS, Priced

Policy = Literal["keep", "reclaim"]


@dataclass(frozen=True, slots=True)
class Returned:
    """So many units of a line come back."""

    line: str
    qty: int


@dataclass(frozen=True, slots=True)
class LineRefund:
    """What a return gives back: money in minor units, and points."""

    line: str
    qty: int
    cash: int
    points: int


class Refunding:
    """An order being returned piece by piece.

    `reprice` tells what a cart of kept lines costs under the same offers at the order's time, without points; it is asked under the policy
    `reclaim` only. Sending is refunded apart from this.
    """

    def __init__(self, cart: Cart, priced: Priced, policy: Policy, reprice: Callable[[Cart], Priced]) -> None:
        self._cart, self._policy, self._reprice = cart, policy, reprice
        self._lines = {line.id: line for line in cart.lines}
        self._net = {line.id: line.net for line in priced.lines}
        self._points_value = {line.id: sum(one.amount for one in line.discounts if one.source == POINTS) for line in priced.lines}
        values = list(self._points_value.values())
        shares = allocate(priced.totals.points_used, values) if any(values) else [0] * len(values)
        self._points = dict(zip(self._points_value, shares, strict=True))
        self._paid = priced.totals.goods_net
        self.returned: dict[str, int] = dict.fromkeys(self._lines, 0)
        self.cash = 0

    @property
    def complete(self) -> bool:
        """Whether every unit has come back."""
        return all(self.returned[line.id] == line.qty for line in self._cart.lines)

    def give_back(self, back: Returned) -> LineRefund:
        """Return units of a line.

        Raises
        ------
        InvalidInput : no such line, no unit, or more units than are still kept.
        """
        line = self._lines.get(back.line)
        if line is None:
            raise InvalidInput(f"the order has no line '{back.line}'", mend="name a line of the order", code="no_such_line")
        before = self.returned[back.line]
        after = before + back.qty
        if back.qty < 1 or after > line.qty:
            raise InvalidInput(
                f"{back.qty} units of line '{back.line}' cannot come back",
                mend=f"{line.qty - before} of {line.qty} are still kept",
                code="too_many_returned",
            )
        points = _grown(self._points[line.id], line.qty, before, after)
        self.returned[back.line] = after
        if self._policy == "keep":
            cash = _grown(self._net[line.id], line.qty, before, after)
        else:
            cash = max(0, self._paid - self._due() - self.cash)
        self.cash += cash
        return LineRefund(back.line, back.qty, cash, points)

    def _due(self) -> int:
        """What the kept units cost in money: their price, less what the points that stay have paid."""
        kept = [
            replace(line, qty=line.qty - self.returned[line.id]) for line in self._cart.lines if line.qty > self.returned[line.id]
        ]
        if not kept:
            return 0
        price = self._reprice(replace(self._cart, lines=tuple(kept))).totals.goods_net
        by_points = sum(
            value - value * self.returned[line_id] // self._lines[line_id].qty for line_id, value in self._points_value.items()
        )
        return max(0, price - by_points)


def refunds(
    cart: Cart, priced: Priced, returns: Sequence[Returned], policy: Policy, reprice: Callable[[Cart], Priced]
) -> list[LineRefund]:
    """What each return gives back, one after the other."""
    order = Refunding(cart, priced, policy, reprice)
    return [order.give_back(back) for back in returns]


def _grown(whole: int, qty: int, before: int, after: int) -> int:
    """How much the share of `after` units of `qty` is above that of `before`."""
    return whole * after // qty - whole * before // qty
