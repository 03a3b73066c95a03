"""What the documentation shows of models."""

from __future__ import annotations

from datetime import UTC, date, datetime

from regulars.predict.models.domain import (
    ModelAnswer,
    ModelCard,
    ModelChange,
    ModelCheck,
    Models,
    ModelScore,
    ModelVersion,
    Realised,
)

AT = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)
_SCORE = ModelScore(
    name="auc",
    label="AUC",
    meaning="How often someone who left was ranked above someone who stayed; 0.5 is chance, 1 is perfect",
    value=0.741,
    text="0.741",
)
_VERSION = ModelVersion(
    number=3, state="champion", as_of=AT, made_at=AT, method="Mean of trees and logistic regression", trained_on=18_204,
    scores=[_SCORE], kept=True,
)  # fmt: skip
_CARD = ModelCard(
    model="churn",
    title="Churn warning",
    tells="How likely a customer is not to order again within the horizon",
    version=_VERSION,
    judgement="steady",
    checked_on=date(2026, 11, 1),
    challengers=0,
)
MODELS = Models(models=[_CARD])
ANSWER = ModelAnswer(
    card=_CARD,
    settings={"horizon_days": 90, "seed": 1, "currency": "CNY"},
    fingerprint="5f1d7a84db00d2fce00b31a7fc73224f0a0ef1c0e3d2a5e8a7f5f4d7a1c0b9e2",
    facts={"features": 93},
    folds=[{"as_of": "2026-08-03T03:00:00Z", "auc": 0.738, "brier": 0.205}],
    versions=[_VERSION],
    changes=[ModelChange(number=3, before=2, act="promoted", by="system", why="brier 0.2040 against 0.2071", at=AT)],
    checks=[
        ModelCheck(
            number=3,
            day=date(2026, 11, 1),
            judgement="steady",
            score_psi=0.021,
            moved=[("recency_days", 0.034)],
            realised=Realised(as_of=AT, customers=2_260, forecast=0.46, came=0.47, low=0.435, high=0.485),
            metrics=[],
        )
    ],
)
