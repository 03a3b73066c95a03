"""What a snapshot is: features, whose they are, and what came after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

#: What a reason of a warning can be about. The rhythm is a symptom; the others can be causes.
Group = Literal[
    "rhythm", "value", "assortment", "price", "returns", "reviews", "delivery", "service", "visits", "messages", "benefits", "own"
]
SECONDS_A_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Feature:
    """One number about a customer.

    `source` is the table whose rows it is made from: where a shop has none of them, the feature is left out.
    """

    name: str
    group: Group
    unit: str  # days | seconds | count | share | ratio | money | rating | number
    source: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every buyer's features as of an instant.

    `table` has `customer_id` (string, ascending) and one float32 column per feature, null where it cannot be said. Money is in
    major units of `currency`.
    """

    as_of: datetime
    currency: str
    table: pa.Table
    features: tuple[Feature, ...]
    active_days: float | None  # only customers with an order in the last so many days; null: all buyers

    @property
    def customers(self) -> list[str]:
        """Whose rows these are."""
        ids: list[str] = self.table.column("customer_id").to_pylist()
        return ids

    def matrix(self, names: list[str] | tuple[str, ...] | None = None) -> npt.NDArray[np.float32]:
        """The features as a matrix of shape (customers, features), NaN where there is no value."""
        wanted = [feature.name for feature in self.features] if names is None else list(names)
        out = np.empty((self.table.num_rows, len(wanted)), dtype=np.float32, order="F")
        for place, name in enumerate(wanted):
            out[:, place] = self.column(name)
        return out

    def column(self, name: str) -> npt.NDArray[np.float32]:
        """One feature, shape (customers,); all NaN where this shop does not have it."""
        if name not in self.table.column_names:
            return np.full(self.table.num_rows, np.nan, dtype=np.float32)
        values: npt.NDArray[np.float32] = self.table.column(name).to_numpy().astype(np.float32, copy=False)
        return values


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What the customers of a snapshot did in the days after it, in the order of the snapshot's rows."""

    as_of: datetime
    horizon_days: int
    orders: npt.NDArray[np.int64]  # purchase days in [as_of, as_of + horizon)
    value: npt.NDArray[np.float64]  # what they ordered for, major units, less what was given back for it within the horizon

    @property
    def churned(self) -> npt.NDArray[np.bool_]:
        """Who did not order."""
        gone: npt.NDArray[np.bool_] = self.orders == 0
        return gone
