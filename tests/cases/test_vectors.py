"""Purchase models give the values worked out elsewhere: to 1e-6 those computed with many digits, and what papers print."""

from __future__ import annotations

import json
from typing import Any

import pytest

from regulars.predict.purchase_models import BGNBD, MBGNBD, GammaGamma, Histories, ParetoNBD, lifetime_value
from regulars.predict.purchase_models.estimator import PurchaseModel
from tests.cases.folder import FOLDER

FILE = FOLDER / "predict/btyd_vectors.json"
MODELS: dict[str, type[PurchaseModel]] = {"bgnbd": BGNBD, "mbgnbd": MBGNBD, "pnbd": ParetoNBD}
EXACT: dict[str, Any] = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}


def of(kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = EXACT.get(kind, [])
    return found


def model(vector: dict[str, Any]) -> PurchaseModel:
    made = MODELS[vector["model"]]
    return made(**dict(zip(made.names, vector["params"], strict=True)))


def spend(params: list[float]) -> GammaGamma:
    return GammaGamma(**dict(zip(GammaGamma.names, params, strict=True)))


def history(vector: dict[str, Any]) -> Histories:
    return Histories(*([vector[name]] for name in ("x", "t_x", "T")))  # type: ignore[arg-type]


@pytest.mark.parametrize("vector", of("individual"), ids=lambda one: f"{one['model']} {one['params']} {one['x']} {one['t_x']}")
def test_single_customers(vector: dict[str, Any]) -> None:
    fitted, customer = model(vector), history(vector)

    assert fitted.log_likelihood(customer)[0] == pytest.approx(vector["loglik"], abs=1e-6)
    assert fitted.probability_alive(customer)[0] == pytest.approx(vector["p_alive"], rel=1e-6)
    assert fitted.expected_orders(vector["t"], customer)[0] == pytest.approx(vector["expected_orders"], rel=1e-6)
    assert fitted.probability_of_no_order(vector["t"], customer)[0] == pytest.approx(vector["p_zero_next_t"], rel=1e-6)


@pytest.mark.parametrize("vector", of("unconditional"), ids=lambda one: f"{one['model']} {one['t']}")
def test_new_customers(vector: dict[str, Any]) -> None:
    assert model(vector).expected_orders(vector["t"])[0] == pytest.approx(vector["expected"], rel=1e-6)


@pytest.mark.parametrize("vector", of("gamma_gamma"), ids=lambda one: f"{one['params']} {one['x']}")
def test_order_values(vector: dict[str, Any]) -> None:
    fitted = spend(vector["params"])

    if vector["loglik"] is not None:
        assert fitted.log_likelihood([vector["x"]], [vector["zbar"]])[0] == pytest.approx(vector["loglik"], abs=1e-6)
    assert fitted.expected_value([vector["x"]], [vector["zbar"]])[0] == pytest.approx(vector["expected_spend"], rel=1e-6)


@pytest.mark.parametrize("vector", of("clv"), ids=lambda one: one["model"])
def test_lifetime_values(vector: dict[str, Any]) -> None:
    value = spend(vector["gg_params"]).expected_value([vector["x"]], [vector["zbar"]])
    asked = {"periods": vector["periods"], "period": vector["weeks_per_period"], "discount": vector["discount_per_period"]}

    found = lifetime_value(model(vector), history(vector), value, margin=vector["margin"], **asked)

    assert found[0] == pytest.approx(vector["clv"], rel=1e-6)
