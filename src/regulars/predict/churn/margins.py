"""What a customer is expected to leave as margin over the next 12 months: the money a warning is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from regulars.errors import NotEnoughData
from regulars.predict.churn.fallback import histories
from regulars.predict.churn.levels import ASSUMED_MARGIN
from regulars.predict.churn.queries import average_order
from regulars.predict.purchase_models import NBD, GammaGamma
from regulars.predict.snapshots import Snapshot, known_at, known_margin
from regulars.values.money import minor_digits
from regulars.warehouse import Warehouse

if TYPE_CHECKING:
    from datetime import datetime

    from regulars.access import Shop

Source = Literal["set", "costs", "assumed"]
#: Without a purchase model a customer is judged as if it had also been watched for so many days at the shop's mean.
PRIOR_DAYS = 60
_YEAR = 365


@dataclass(frozen=True, slots=True)
class MarginRate:
    """Margin by what customers pay, and where it is from."""

    share: float
    source: Source
    average_order_minor: int | None


def margin_rate(warehouse: Warehouse, shop: Shop, as_of: datetime, set_share: float | None) -> MarginRate:
    """What was set; else the margin that the catalogue's costs tell, the one of customers' values; else 30 %."""
    past = known_at(warehouse, shop, as_of)
    order = warehouse.rows(average_order(past.scope, as_of))[0]["average"]
    average = None if order is None else round(float(order))
    if set_share is not None:
        return MarginRate(set_share, "set", average)
    known = known_margin(warehouse, past)
    return MarginRate(ASSUMED_MARGIN, "assumed", average) if known is None else MarginRate(round(known, 4), "costs", average)


def yearly_margins(snapshot: Snapshot, rate: MarginRate) -> npt.NDArray[np.int64]:
    """Expected margin over 12 months of each customer who stays, minor units, shape (customers,).

    Purchase days to expect of somebody who stays (gamma-Poisson: own rate, shrunk to the shop's) x what one is expected to be worth
    (Gamma-Gamma) x the margin. Where fewer than ten customers came back: the money of repeat purchase days, a day watched, as if
    everybody had also been watched for 60 days of the shop's mean.
    """
    told = histories(snapshot)
    back = np.nan_to_num(snapshot.column("refunded").astype(np.float64))
    spent = np.maximum(snapshot.column("spent").astype(np.float64) - back, 0.0)
    days = told.x + 1
    try:
        coming = NBD().fit(told).expected_orders(float(_YEAR), told)
        worth = _worth(days, spent / days)
        yearly = coming * worth
    except NotEnoughData:
        again = spent * told.x / days
        mean = float(again.sum() / max(float(told.T.sum()), 1.0))
        yearly = (again + PRIOR_DAYS * mean) / (told.T + PRIOR_DAYS) * _YEAR
    made: npt.NDArray[np.int64] = np.round(yearly * rate.share * 10 ** minor_digits(snapshot.currency)).astype(np.int64)
    return made


def _worth(days: npt.NDArray[np.float64], mean: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """What a coming purchase day is worth; the mean of all where it cannot be told apart."""
    try:
        made: npt.NDArray[np.float64] = GammaGamma().fit(days, mean).expected_value(days, mean)
    except NotEnoughData:
        return np.full(len(days), float(mean.mean()))
    return made
