"""Stretches in which nobody ordered at all: the shop was closed, or its data are missing, so that nobody left because of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from regulars.predict.snapshots.past import Past
from regulars.values.zones import local_day
from regulars.warehouse import Warehouse

#: A shop without any order for so long was closed, or its data are missing.
LONG_GAP_DAYS = 60


@dataclass(frozen=True, slots=True)
class Closure:
    """Days without any order, both included."""

    first_on: date
    last_on: date

    @property
    def days(self) -> int:
        """How many."""
        return (self.last_on - self.first_on).days + 1


def closures(warehouse: Warehouse, past: Past) -> list[Closure]:
    """The stretches of 60 days and more without an order of the shop up to the cut-off, the oldest first."""
    days = warehouse.query(past.purchases().select("purchase_on").distinct()).column("purchase_on").cast(pa.date32())
    now = np.datetime64(local_day(past.as_of, past.scope.zone))
    at = np.append(np.sort(np.asarray(days, dtype="datetime64[D]")), now)
    long = np.flatnonzero(np.diff(at).astype(np.int64) - 1 >= LONG_GAP_DAYS)
    one = timedelta(days=1)
    return [Closure(at[place].item() + one, at[place + 1].item() - one) for place in long.tolist()]
