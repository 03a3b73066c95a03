"""The facts behind reasons: said only where they speak against a customer, whole in both languages."""

from __future__ import annotations

import math
import re

import pytest

from regulars.predict import snapshots
from regulars.predict.churn.facts import FACTS, ONLY_ORDER, WORTH, applies, numbers, sentence
from regulars.predict.churn.reasons import REASON_GROUPS, REASON_OF, VIEWS, reason_group
from regulars.predict.churn.words import ACTION_NAMES, REASON_NAMES

TOLD = dict.fromkeys([*FACTS, *(feature.name for feature in snapshots.FEATURES)], 12.0) | {
    "rating_last": 1.0,
    "gap_mean": 18.0,
    "recency_days": 47.0,
    "survey_days": 12.0,
}
USUAL = dict.fromkeys(TOLD, 3.0)


def test_every_group_of_features_speaks_for_a_reason_and_every_reason_has_a_name_and_an_action() -> None:
    assert set(REASON_OF) == set(snapshots.GROUPS)
    assert set(REASON_OF.values()) == set(REASON_GROUPS) == set(REASON_NAMES)
    assert set(REASON_NAMES) | {ONLY_ORDER, WORTH} == set(ACTION_NAMES)
    assert {group for groups in VIEWS.values() for group in groups} == set(REASON_GROUPS) - {"rhythm"}
    assert reason_group("rating_last") == "quality"
    assert reason_group("a feature of the caller") == "rhythm"


@pytest.mark.parametrize("name", sorted({*FACTS, *(feature.name for feature in snapshots.FEATURES)}))
def test_a_fact_leaves_no_blank_in_either_language(name: str) -> None:
    given = numbers(name, TOLD, USUAL)

    for language in ("en", "zh"):
        assert not re.search(r"[{}]", sentence(name, given, language)), sentence(name, given, language)


def test_the_rhythm_is_said_with_the_usual_gap() -> None:
    assert applies("recency_to_gap", TOLD, USUAL)
    said = numbers("recency_to_gap", TOLD, USUAL)

    assert sentence("recency_to_gap", said) == "47 days since the last order, usual gap 18"
    assert sentence("recency_to_gap", said, "zh") == "距上次下单 47 天，通常间隔 18 天"


def test_what_does_not_speak_against_a_customer_is_not_said() -> None:
    assert not applies("rating_last", {**TOLD, "rating_last": 5.0}, USUAL)
    assert not applies("refunds", {**TOLD, "refunds": 0.0}, USUAL)
    assert not applies("tickets_in_90", {**TOLD, "tickets_in_90": math.nan}, USUAL)
    assert not applies("visits_in_30", {**TOLD, "visits_in_30": 9.0, "visits_30_before": 4.0}, USUAL)
