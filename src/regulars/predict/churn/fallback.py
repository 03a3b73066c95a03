"""The simpler method where too few outcomes are known: the purchase model's P(no order in the horizon)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from regulars.errors import NotEnoughData
from regulars.predict import snapshots
from regulars.predict.purchase_models import Histories, PurchaseModel, choose
from regulars.predict.snapshots import Snapshot

if TYPE_CHECKING:
    from datetime import datetime

    from regulars.access import Shop
    from regulars.warehouse import Warehouse

#: Why a model may not be learned, and the purchase model is asked instead.
INSTEAD = frozenset({"history_too_short", "too_few_customers", "one_outcome"})


@dataclass(frozen=True, slots=True)
class PurchaseChurn:
    """P(no order in the horizon) by a purchase model of all buyers; it knows the rhythm and no cause."""

    model: PurchaseModel
    horizon_days: int
    customers: int

    @property
    def method(self) -> str:
        """As runs name it."""
        return "purchase_model"

    def predict(self, snapshot: Snapshot) -> npt.NDArray[np.float64]:
        """P(no order) of each customer, shape (customers,)."""
        made: npt.NDArray[np.float64] = self.model.probability_of_no_order(float(self.horizon_days), histories(snapshot))
        return np.clip(made, 0.0, 1.0)

    def contributions(self, snapshot: Snapshot) -> tuple[tuple[str, ...], npt.NDArray[np.float64]]:
        """The rhythm alone: log odds against the mean of the customers."""
        p = np.clip(self.predict(snapshot), 1e-6, 1 - 1e-6)
        odds = np.log(p / (1 - p))
        return ("recency_days",), (odds - np.log(p.mean() / (1 - p.mean())))[:, None]


def purchase_churn(warehouse: Warehouse, shop: Shop, as_of: datetime, horizon_days: int, why: NotEnoughData) -> PurchaseChurn:
    """Learned from every buyer as of then.

    Raises
    ------
    NotEnoughData : `why`, where even that model has too little: fewer than ten customers came back.
    """
    everybody = histories(snapshots.take(warehouse, shop, as_of))
    try:
        return PurchaseChurn(choose(everybody), horizon_days, len(everybody))
    except NotEnoughData:
        raise why from None


def histories(snapshot: Snapshot) -> Histories:
    """The three numbers of each customer, in days."""
    age, recency, days = (snapshot.column(name).astype(np.float64) for name in ("age_days", "recency_days", "purchase_days"))
    x = np.maximum(days - 1, 0.0)
    t_x = np.where(x > 0, np.clip(age - recency, 1e-3, np.maximum(age, 1e-3)), 0.0)
    return Histories(x, t_x, np.maximum(age, 1e-3))
