"""Histories of customers' orders, in the three numbers that purchase models read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from regulars.errors import InvalidInput

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class WholeDays:
    """Histories whose times are whole numbers, by orders and days: many customers have the same."""

    orders: Floats  # (kinds,), every number of orders there is, ascending
    earliest: Floats  # (kinds,), the earliest t_x of each
    kind: npt.NDArray[np.intp]  # (customers,), which number of orders a customer has
    first: npt.NDArray[np.intp]  # (customers,), t_x
    last: npt.NDArray[np.intp]  # (customers,), T

    def worth(self, places: int) -> bool:
        """Whether a table of ten places a day for each number of orders is cheaper than `places` for each customer."""
        return len(self.orders) * int(self.last.max()) * 20 <= len(self.kind) * places


@dataclass(frozen=True)
class Histories:
    """Customers by repeat orders, when the last one was, and how long they have been watched.

    x : shape (customers,), purchase days after the first one, whole numbers.
    t_x : shape (customers,), time from the first purchase to the last; 0 where x is 0.
    T : shape (customers,), time from the first purchase to the cut-off.

    One unit of time throughout, days in this product. Several orders of a customer on one day are one.

    Raises
    ------
    InvalidInput : a number is missing, negative or out of order; the sentence names the customer's place.
    """

    x: Floats
    t_x: Floats
    T: Floats

    def __post_init__(self) -> None:
        for name in ("x", "t_x", "T"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=np.float64))
        if not self.x.shape == self.t_x.shape == self.T.shape or self.x.ndim != 1:
            raise InvalidInput("x, t_x and T differ in length", mend="give one number each per customer", code="bad_histories")
        for what, wrong in (
            ("a number is missing or not finite", ~(np.isfinite(self.x) & np.isfinite(self.t_x) & np.isfinite(self.T))),
            ("x is not a whole number of orders", (self.x < 0) | (self.x != np.floor(self.x))),
            ("t_x lies outside 0 to T", (self.t_x < 0) | (self.t_x > self.T)),
            ("x is 0 and t_x is not, or the other way round", (self.x == 0) != (self.t_x == 0)),
        ):
            if wrong.any():
                place = int(np.argmax(wrong))
                raise InvalidInput(
                    f"{what}: customer {place} has x = {self.x[place]:g}, t_x = {self.t_x[place]:g}, T = {self.T[place]:g}",
                    mend="count purchase days after the first, and measure all times from the first",
                    code="bad_histories",
                    place=place,
                )

    def __len__(self) -> int:
        return len(self.x)

    def take(self, places: npt.NDArray[np.intp]) -> Histories:
        """Some of the customers."""
        return Histories(self.x[places], self.t_x[places], self.T[places])

    @cached_property
    def whole_days(self) -> WholeDays | None:
        """The same as whole days; None where a time is not whole, or there is none."""
        if not len(self) or not 1 <= float(self.T.max()) < 2**31 or float(self.x.max()) >= 2**31:
            return None
        if (self.t_x != np.floor(self.t_x)).any() or (np.floor(self.T) != self.T).any():
            return None
        x, first, last = (part.astype(np.intp) for part in (self.x, self.t_x, self.T))
        orders, kind = np.unique(x, return_inverse=True)
        earliest = np.full(len(orders), np.inf)
        np.minimum.at(earliest, kind, self.t_x)
        return WholeDays(orders.astype(np.float64), earliest, kind, first, last)

    def scaled(self, unit: float) -> Histories:
        """The same with times in `unit`s."""
        return Histories(self.x, self.t_x / unit, self.T / unit)

    def collapsed(self) -> tuple[Histories, Floats]:
        """Each different history once, and how many customers have it; the order is that of the numbers."""
        key = _as_one_number(self.x, self.t_x, self.T)
        if key is None:
            rows, counts = np.unique(np.column_stack([self.x, self.t_x, self.T]), axis=0, return_counts=True)
            return Histories(rows[:, 0], rows[:, 1], rows[:, 2]), counts.astype(np.float64)
        _, first, counts = np.unique(key, return_index=True, return_counts=True)
        return self.take(first), counts.astype(np.float64)

    def distinct(self) -> tuple[Histories, npt.NDArray[np.intp]]:
        """Each different history once, and which of these each customer has."""
        key = _as_one_number(self.x, self.t_x, self.T)
        if key is None:
            rows, back = np.unique(np.column_stack([self.x, self.t_x, self.T]), axis=0, return_inverse=True)
            return Histories(rows[:, 0], rows[:, 1], rows[:, 2]), back.reshape(-1)
        _, first, back = np.unique(key, return_index=True, return_inverse=True)
        return self.take(first), back

    @classmethod
    def of_days(cls, customers: Sequence[object] | npt.NDArray[np.generic], days: npt.NDArray[np.int64], cut_off: int) -> Histories:
        """From one row per order: whose it was and on which day (whole numbers), before the day `cut_off`.

        Customers come in ascending order. Orders from `cut_off` on are not seen.
        """
        who, day = np.asarray(customers), np.asarray(days, dtype=np.int64)
        seen = day < cut_off
        _, number = np.unique(who[seen], return_inverse=True)
        if not len(number):
            return cls(np.zeros(0), np.zeros(0), np.zeros(0))
        pairs = np.unique(np.column_stack([number, day[seen]]), axis=0)
        counts = np.bincount(pairs[:, 0])
        ends = np.cumsum(counts)
        first, last = pairs[ends - counts, 1], pairs[ends - 1, 1]
        return cls((counts - 1).astype(np.float64), (last - first).astype(np.float64), (cut_off - first).astype(np.float64))


def _as_one_number(*columns: Floats) -> npt.NDArray[np.int64] | None:
    """Rows of whole numbers as one each, in the same order: sorting these takes a tenth of the time. None where it does not fit."""
    key, room = np.zeros(len(columns[0]), dtype=np.int64), 1.0
    for column in columns:
        most = float(column.max()) + 1 if len(column) else 1.0
        room *= most
        if room >= 2.0**62 or (column != np.floor(column)).any():
            return None
        key = key * int(most) + column.astype(np.int64)
    return key


def pairs(first: Floats, second: Floats) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Where each different pair of numbers stands first, and which of the pairs every row has; of numbers that are not whole, each row is its own."""
    key = _as_one_number(first, second)
    if key is None:
        every = np.arange(len(first))
        return every, every
    _, place, back = np.unique(key, return_index=True, return_inverse=True)
    return place, back
