"""What the documentation shows of the churn warning: one made-up shop."""

from __future__ import annotations

from datetime import UTC, date, datetime

from regulars.predict.churn.answers import (
    Behind,
    CauseSum,
    ChurnReason,
    ChurnRun,
    CustomerRisk,
    Judged,
    LevelChange,
    Levels,
    LevelSum,
    Quality,
    SurveyReason,
    Trend,
    TrendPoint,
    ViewGroup,
    Views,
    ViewSum,
    Warned,
    Warnings,
    WrongCount,
)
from regulars.predict.churn.feedback import Feedback
from regulars.values.money import Money

AT = datetime(2026, 10, 31, 16, 0, tzinfo=UTC)


def _cny(amount: int) -> Money:
    return Money(amount * 100, "CNY")


RUN = ChurnRun(
    as_of=AT, computed_at=AT, horizon_days=60, method="blend", method_name="trees and regression", version=3, currency="CNY",
    customers=3_118, expected_leavers=1_328.7, margin_share=0.35, margin_source="set",
)  # fmt: skip
LATE = ChurnReason(
    group="delivery", name="Delivery", is_symptom=False, weight=0.81, text="last delivery 6 days late",
    action="Apologise for the delivery and make the next one free and tracked",
)  # fmt: skip
SILENT = ChurnReason(
    group="rhythm", name="Rhythm", is_symptom=True, weight=0.64, text="47 days since the last order, usual gap 18",
    action="Remind at its usual time",
)  # fmt: skip
WARNED = Warned(
    place=1, beyond_capacity=False, answered=False, customer_id="10293", level="red", level_name="Red", since_on=date(2026, 10, 29),
    probability=0.71, expected_margin=_cny(1_180), expected_loss=_cny(838), reasons=[LATE, SILENT], action=LATE.action,
)  # fmt: skip
LEVEL_SUMS = [
    LevelSum(level="red", name="Red", customers=31, expected_loss=_cny(21_400), from_loss=_cny(400)),
    LevelSum(level="orange", name="Orange", customers=212, expected_loss=_cny(48_900), from_loss=_cny(150)),
    LevelSum(level="yellow", name="Yellow", customers=640, expected_loss=_cny(57_100), from_loss=_cny(60)),
    LevelSum(level="green", name="Green", customers=2_235, expected_loss=_cny(61_800), from_loss=None),
]
WARNINGS = Warnings(
    run=RUN, reason=None, levels=LEVEL_SUMS,
    causes=[CauseSum(group="delivery", name="Delivery", customers=96, expected_loss=_cny(19_300))],
    capacity=200, total=883, items=[WARNED], next=None,
)  # fmt: skip
SAID = Feedback(
    feedback_id="wrong_7Q", customer_id="10293", wrong_because="still_buys",
    wrong_because_name="Still buys from us elsewhere (store, phone, another account)", level="red", cause="delivery", has_text=True,
    text=None, said_by="op_3f", said_at=AT,
)  # fmt: skip
RISK = CustomerRisk(
    customer_id="10293", run=RUN, risk=WARNED, reason=None,
    changes=[
        LevelChange(
            day=date(2026, 10, 29), level="red", level_name="Red", previous="yellow", probability=0.69, expected_loss=_cny(810),
            reasons=[LATE, SILENT],
        )
    ],
    feedback=[SAID],
)  # fmt: skip
TREND = Trend(
    currency="CNY",
    points=[TrendPoint(as_of=AT, horizon_days=60, method="blend", customers=3_118, expected_leavers=1_328.7, levels=LEVEL_SUMS)],
)
VIEWS = Views(
    run=RUN,
    warned=883,
    without_cause=402,
    views=[
        ViewSum(
            view="service_experience", name="Service experience", customers=121, share=0.137, expected_loss=_cny(23_800),
            groups=[
                ViewGroup(group="delivery", name="Delivery", customers=96, expected_loss=_cny(19_300), survey_answers=14),
                ViewGroup(group="service", name="Service", customers=31, expected_loss=_cny(6_100), survey_answers=3),
            ],
            behind=[
                Behind(
                    dimension="seller", key="s-17", name="s-17", customers=44, share=0.36, lift=2.9, refunds=6, mean_rating=2.4
                )
            ],
        )
    ],
    survey=[SurveyReason(answer="late delivery", group="delivery", customers=14)],
)  # fmt: skip
QUALITY = Quality(
    version=3, method="blend", auc=0.743, brier=0.204, ece=0.033,
    folds=[
        Judged(
            as_of=AT, customers=2_543, churn_rate=0.433, auc=0.737, brier=0.204, ece=0.031, top_decile_lift=1.63, warned_left=690,
            warned_stayed=702, missed=411, warned_left_margin=_cny(182_400), missed_margin=_cny(21_900),
        )
    ],
    warned=1_204, contested=37,
    wrong=[WrongCount(wrong_because="still_buys", name="Still buys from us elsewhere (store, phone, another account)", times=21)],
)  # fmt: skip
LEVELS = Levels(
    currency="CNY", yellow=_cny(60), orange=_cny(150), red=_cny(400), levels_set=False, capacity=200, margin_share=0.35,
    horizon_days=None,
)  # fmt: skip
