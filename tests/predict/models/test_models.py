"""Models over every door: cards, promotion by better figures, roll back by hand, permissions and audit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from regulars import registry
from regulars.access import Caller, Keyring, Shop, api_keys, shops
from regulars.access.tables import audit_entry
from regulars.predict import models
from regulars.predict.models.api import api
from regulars.records import Records
from regulars.warehouse import Warehouse
from regulars.web import Stores, WebOptions, build

ClientWith = Callable[..., TestClient]
AS_OF = datetime(2026, 9, 1, tzinfo=UTC)


def fitted(body: bytes) -> registry.Fitted:
    return registry.Fitted(
        model="churn",
        as_of=AS_OF,
        method="blend",
        settings={"horizon_days": 90, "seed": 1},
        fingerprint="f" * 64,
        trained_on=12_000,
        scores={"auc": 0.741, "brier": 0.204, "ece": 0.037, "unheard_of": 1},
        folds=[{"as_of": "2026-06-01", "auc": 0.74}],
        card={"features": 93, "reference": {"names": []}},
        body=body,
    )


@pytest.fixture
def shop(records: Records, home: Path) -> Shop:
    with records.unit() as uow:
        return shops.create(
            uow, Caller.system("test", Keyring.open(home)), shop_id="tea", name="Tea", timezone="Asia/Shanghai", currency="CNY"
        )


@pytest.fixture
def client_with(shop: Shop, records: Records, warehouse: Warehouse, home: Path) -> ClientWith:
    keyring = Keyring.open(home)
    app = build(Stores(records=records, warehouse=warehouse, home=home, keyring=keyring), WebOptions(), [api])

    def client(*scopes: str) -> TestClient:
        with records.unit() as uow:
            key = api_keys.create(uow, Caller.system("test", keyring), name="test", scopes=list(scopes))
        return TestClient(app, headers={"authorization": f"Bearer {key.secret}"}, base_url="http://localhost")

    return client


def test_a_card_tells_figures_in_words_and_keeps_the_rest_of_the_facts(client_with: ClientWith, records: Records) -> None:
    client = client_with("read_reports")
    assert client.get("/v1/models").json() == {"models": []}
    missing = client.get("/v1/models/churn")
    assert (missing.status_code, missing.json()["code"]) == (404, "no_such_model")

    with records.unit() as uow:
        registry.keep(uow, "tea", fitted(b"one"))
        registry.note(uow, "tea", "churn", 1, date(2026, 9, 2), {"score_psi": 0.05, "moved": [["recency_days", 0.13]]})

    card = client.get("/v1/models/churn", headers={"accept-language": "zh"}).json()
    assert card["card"]["title"] == "流失预警"
    assert card["card"]["judgement"] == "watch"
    assert [(score["name"], score["text"]) for score in card["card"]["version"]["scores"]] == [
        ("auc", "0.741"),
        ("brier", "0.204"),
        ("ece", "3.7%"),
    ]
    assert card["facts"] == {"features": 93}
    assert card["checks"][0]["moved"] == [["recency_days", 0.13]]
    assert client.get("/v1/models").json()["models"][0]["model"] == "churn"


def test_who_answers_is_changed_by_those_who_may_and_audited(client_with: ClientWith, records: Records) -> None:
    with records.unit() as uow:
        registry.keep(uow, "tea", fitted(b"one"))
        registry.keep(uow, "tea", fitted(b"two"))
    reader, keeper = client_with("read_reports"), client_with("read_reports", "manage_models")

    assert reader.post("/v1/models/churn/champion", json={"number": 2}).status_code == 403
    for _ in range(2):  # the second click changes nothing
        promoted = keeper.post("/v1/models/churn/champion", json={"number": 2, "why": "  better\nlast quarter "})
        assert promoted.json()["card"]["version"]["number"] == 2
    back = keeper.post("/v1/models/churn/roll_back", json={"why": ""})
    assert back.json()["card"]["version"]["number"] == 1
    again = keeper.post("/v1/models/churn/roll_back", json={})
    assert (again.status_code, again.json()["code"]) == (404, "no_champion")
    assert keeper.post("/v1/models/churn/champion", json={"number": 9}).json()["code"] == "no_such_version"

    changes = back.json()["changes"]
    assert [(one["act"], one["number"], one["why"]) for one in changes] == [
        ("rolled_back", 1, ""),
        ("promoted", 2, "better last quarter"),
        ("first", 1, "the first of its name"),
    ]
    with records.reading() as uow:
        acts = [row["action"] for row in uow.rows(select(audit_entry.c.action)) if row["action"].startswith("model.")]
    assert acts == ["model.promoted", "model.rolled_back"]


def test_a_nightly_fit_answers_only_if_it_was_better(records: Records) -> None:
    with records.unit() as uow:
        assert models.contest(uow, "tea", fitted(b"one"), None).state == "champion"
        worse = models.contest(uow, "tea", fitted(b"two"), models.Contest(figure="brier", champion=0.20, challenger=0.21))
        better = models.contest(uow, "tea", fitted(b"three"), models.Contest(figure="brier", champion=0.20, challenger=0.19))
        unknown = models.contest(uow, "tea", fitted(b"four"), None)

        assert (worse.state, better.state, unknown.state) == ("challenger", "champion", "champion")
        whys = [one.why for one in registry.changes(uow, "tea", "churn")]
    assert whys[:2] == ["nothing to compare by: the newer one has seen more", "brier 0.1900 against 0.2000"]


def test_two_cohorts_outside_of_what_was_forecast_need_a_new_model(records: Records) -> None:
    def cohort(day: str, came: float) -> dict[str, object]:
        return {"score_psi": 0.01, "moved": [], "realised": {
            "as_of": f"{day}T00:00:00+00:00", "customers": 900, "forecast": 0.4, "came": came, "low": 0.36, "high": 0.44,
        }}  # fmt: skip

    with records.unit() as uow:
        registry.keep(uow, "tea", fitted(b"one"))
        registry.note(uow, "tea", "churn", 1, date(2026, 9, 1), cohort("2026-06-01", 0.41))
        registry.note(uow, "tea", "churn", 1, date(2026, 9, 2), cohort("2026-06-02", 0.50))
        registry.note(uow, "tea", "churn", 1, date(2026, 9, 3), cohort("2026-06-02", 0.50))  # the same cohort seen again
        seen = [one.judgement for one in models.card(uow, "tea", "churn").checks]
        registry.note(uow, "tea", "churn", 1, date(2026, 9, 4), cohort("2026-06-03", 0.52))
        registry.note(uow, "tea", "churn", 1, date(2026, 9, 5), cohort("2026-06-04", 0.40))
        later = [one.judgement for one in models.card(uow, "tea", "churn").checks]

    assert seen == ["watch", "watch", "steady"]
    assert later == ["steady", "retrain", "watch", "watch", "steady"]
