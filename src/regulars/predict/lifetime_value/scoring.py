"""From a model and what is known of customers to what each of them is expected to bring."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from regulars.errors import NotEnoughData
from regulars.predict.lifetime_value.domain import (
    DISCOUNT_A_MONTH,
    MONTH_DAYS,
    MONTHS,
    NEXT_ORDER_QUANTILES,
    YEAR_DAYS,
    Basis,
    Floats,
    Values,
)
from regulars.predict.lifetime_value.estimator import Known, ValueModel
from regulars.predict.lifetime_value.learning import in_horizon, interval
from regulars.predict.purchase_models import Histories, lifetime_value
from regulars.predict.snapshots import Snapshot, known_at, known_margin
from regulars.understand.metrics import data_span
from regulars.warehouse import Warehouse

if TYPE_CHECKING:
    from regulars.access import Shop


def margin_of(warehouse: Warehouse, shop: Shop, as_of: datetime) -> tuple[Basis, float]:
    """Whether values are margins or revenue, and the share of revenue that is margin.

    Where the catalogue's costs do not tell the margin of the twelve months before, values are told as revenue.
    """
    rate = known_margin(warehouse, known_at(warehouse, shop, as_of))
    return ("revenue", 1.0) if rate is None else ("margin", rate)


def score(
    warehouse: Warehouse, shop: Shop, model: ValueModel, known: Known, snapshot: Snapshot | None, *, as_of: datetime, seed: int = 1
) -> Values:
    """What every buyer is expected to bring, with intervals.

    The value of twelve months is that of the purchase model; of customers who are still about it is averaged with what the trees say of
    the horizon, carried on to twelve months as the purchase model carries its own.
    """
    currency = data_span(warehouse, shop).currency
    if model.currency != currency:
        raise NotEnoughData(
            f"the model was learned in {model.currency}, and the orders are in {currency}",
            mend="learn it anew with `regulars run values`",
            code="other_currency",
        )
    basis, rate = margin_of(warehouse, shop, as_of)
    rows, back = known.histories.distinct()
    year = model.value_of_year(known)
    averaged, alone = in_horizon(model, known, snapshot)
    ratio = np.where(alone > 0, averaged / np.maximum(alone, 1e-12), 1.0)
    value = year * ratio
    low, high = interval(model, known, model.value_in(YEAR_DAYS, known) * ratio, YEAR_DAYS, seed=seed)
    discounted = np.divide(year, model.value_in(YEAR_DAYS, known), out=np.ones(len(known)), where=year > 0)
    no_order = model.purchases.probability_of_no_order(float(model.horizon_days), rows)[back]
    gain = _retained_gain(model, known, year, no_order) * ratio
    waits = [model.purchases.time_of_next_order(rows, quantile=quantile)[back] for quantile in NEXT_ORDER_QUANTILES]
    return Values(
        as_of=as_of,
        currency=currency,
        horizon_days=model.horizon_days,
        basis=basis,
        margin_rate=rate,
        method="average" if model.trees is not None and snapshot is not None else "purchase_model",
        customers=known.customers.to_pylist(),
        no_order=no_order,
        orders=model.purchases.expected_orders(YEAR_DAYS, rows)[back],
        order_value=model.order_value(known),
        value=value * rate,
        low=low * discounted * rate,
        high=high * discounted * rate,
        retained_gain=gain * rate,
        next_days=np.stack(waits),
    )


def expected(model: ValueModel, known: Known) -> Floats:
    """The value of twelve months under the purchase model, discounted; revenue in major units, shape (customers,)."""
    return model.value_of_year(known)


def _retained_gain(model: ValueModel, known: Known, year: Floats, no_order: Floats) -> Floats:
    """How much more a customer who orders within the horizon is worth than if it does not.

    With p = P(no order in H), and V0 the value if none comes (that of the same history watched until T + H, over what is left of the
    twelve months), the value V = p V0 + (1 - p) V1; so V1 - V0 = (V - V0) / (1 - p).
    """
    rest = YEAR_DAYS - model.horizon_days
    if rest <= 0:
        without = np.zeros(len(known))
    else:
        rows, back = known.histories.distinct()
        silent = Histories(rows.x, rows.t_x, rows.T + model.horizon_days)
        period = rest / MONTHS
        months = period / MONTH_DAYS
        later = lifetime_value(
            model.purchases,
            silent,
            np.ones(len(silent)),
            periods=MONTHS,
            period=period,
            discount=(1 + DISCOUNT_A_MONTH) ** months - 1,
        )
        without = later[back] * model.order_value(known) * (1 + DISCOUNT_A_MONTH) ** (-model.horizon_days / MONTH_DAYS)
    made: Floats = np.maximum(year - without, 0.0) / np.maximum(1 - no_order, 1e-9)
    return made
