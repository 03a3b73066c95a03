"""Warning levels: how much is expected to be lost, where the levels are cut, and why a level does not flicker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from regulars.errors import InvalidInput
from regulars.values.money import Money, minor_digits

Level = Literal["green", "yellow", "orange", "red"]
LEVELS: tuple[Level, ...] = get_args(Level)
#: Levels that warn, the worst first.
WARNING: tuple[Level, ...] = ("red", "orange", "yellow")
#: What a warning can end as, beside green: the customer has been away for two horizons and is not judged any more.
GONE = "gone"
#: Red and orange begin where leaving is as likely as staying.
LIKELY = 0.5
#: A level that changed by one step stays for so many days; larger changes count at once.
HOLD_DAYS = 7

#: Expected loss from which on customers are yellow, orange and red, in CNY.
CNY = {"yellow": 60, "orange": 150, "red": 400}
#: The average order that these go with; elsewhere they are as many average orders.
CNY_ORDER = 200
#: Where we choose the levels, yellow is to hold no more than so many of the customers, as far as orange allows.
WARNED_SHARE = 0.25
CAPACITY = 200
#: Of what customers pay, so much is taken as margin where the catalogue knows no costs.
ASSUMED_MARGIN = 0.30


@dataclass(frozen=True, slots=True)
class Cuts:
    """Expected loss from which on a customer is yellow, orange, red: minor units of one currency."""

    yellow: int
    orange: int
    red: int
    currency: str

    def __post_init__(self) -> None:
        if not 0 < self.yellow <= self.orange <= self.red <= 2**53:
            raise InvalidInput(
                f"levels at {self.yellow}, {self.orange} and {self.red} are out of order",
                mend="give three amounts above nothing: yellow <= orange <= red",
                code="bad_levels",
            )

    def money(self, level: Level) -> Money:
        """Where a warning level begins."""
        return Money({"yellow": self.yellow, "orange": self.orange, "red": self.red}[level], self.currency)


def usual_cuts(currency: str, average_order_minor: float | None, upper_loss_minor: float | None = None) -> Cuts:
    """The levels of a shop that set none: CNY 60, 150 and 400; in other currencies as many average orders as these are of CNY 200.

    There yellow begins no lower than `upper_loss_minor`, the loss that a quarter of the customers exceed, as far as orange allows: where
    everybody buys often or for much, a few orders' worth of expected loss tells nobody apart. Rounded to two figures, so that they do
    not move with every order.
    """
    unit = 10 ** minor_digits(currency)
    if currency == "CNY" or not average_order_minor or average_order_minor <= 0:
        made = [value * unit for value in CNY.values()]
    else:
        made = [max(1, _two_figures(value / CNY_ORDER * average_order_minor)) for value in CNY.values()]
    yellow, orange, red = made
    if currency != "CNY" and upper_loss_minor:
        yellow = max(yellow, min(orange, _two_figures(upper_loss_minor)))
    return Cuts(yellow, orange, red, currency)


def upper_loss(loss_minor: npt.NDArray[np.int64]) -> int:
    """The loss that a quarter of the customers exceed; 0 where there are none."""
    return int(np.quantile(loss_minor, 1 - WARNED_SHARE)) if len(loss_minor) else 0


def levels_of(p: npt.NDArray[np.float64], loss_minor: npt.NDArray[np.int64], cuts: Cuts) -> npt.NDArray[np.int64]:
    """Places in `LEVELS`, shape (customers,): of P(no order in the horizon) and the expected loss."""
    made = np.zeros(len(p), dtype=np.int64)
    made[loss_minor >= cuts.yellow] = 1
    made[(loss_minor >= cuts.orange) & (p >= LIKELY)] = 2
    made[(loss_minor >= cuts.red) & (p >= LIKELY)] = 3
    return made


def held(fresh: Level, before: str, since: date | None, today: date) -> Level:
    """The level that is told: a change by one step within 7 days of the last change waits; no level changes twice on one day."""
    if before not in LEVELS or since is None or fresh == before:
        return fresh
    was = before
    if since >= today:
        return was
    far = abs(LEVELS.index(fresh) - LEVELS.index(was)) > 1
    return fresh if far or today - since >= timedelta(days=HOLD_DAYS) else was


def _two_figures(amount: float) -> int:
    size = 10 ** max(len(str(int(amount))) - 2, 0)
    return int(round(amount / size) * size)
