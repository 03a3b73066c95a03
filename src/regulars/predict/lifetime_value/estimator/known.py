"""What a value model is told of customers: their histories, and what their orders were worth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from regulars.predict.purchase_models import Histories

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Known:
    """Customers as of a cut-off, all arrays in the order of `customers` (ascending)."""

    customers: pa.Array
    histories: Histories  # days
    worth_days: Floats  # purchase days after the first one that were worth something
    worth_mean: Floats  # their mean net value, major units; 0 where there are none
    first_value: Floats  # net value of the first purchase day, major units

    def __len__(self) -> int:
        return len(self.histories)

    @property
    def worth_share(self) -> float:
        """The share of repeat purchase days that were worth something after what was given back."""
        repeats = float(self.histories.x.sum())
        return float(self.worth_days.sum()) / repeats if repeats else 1.0

    def take(self, places: npt.NDArray[np.intp]) -> Known:
        """Some of the customers."""
        return Known(
            self.customers.take(pa.array(places)),
            self.histories.take(places),
            self.worth_days[places],
            self.worth_mean[places],
            self.first_value[places],
        )


def known_of(found: pa.Table, cut_off: date, scale: float) -> Known:
    """From the rows of `queries.histories`, ordered by customer; `scale` minor units are a major one."""
    first, last = (_days(found.column(name)) for name in ("first_on", "last_on"))
    end = (cut_off - date(1970, 1, 1)).days
    x = _floats(found.column("purchase_days")) - 1
    days = _floats(found.column("worth_days"))
    mean = _floats(found.column("worth_minor")) / np.maximum(days, 1.0) / scale
    return Known(
        found.column("customer_id").combine_chunks(),
        Histories(x, last - first, np.maximum(end - first, last - first)),
        days,
        mean,
        _floats(found.column("first_minor")) / scale,
    )


def _floats(column: pa.ChunkedArray) -> Floats:
    return np.asarray(column.cast(pa.float64()), dtype=np.float64)


def _days(column: pa.ChunkedArray) -> Floats:
    return np.asarray(column.cast(pa.date32()).cast(pa.int32()), dtype=np.float64)
