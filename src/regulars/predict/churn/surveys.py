"""What customers answered when asked why they leave: an answer as one of our reasons, and the first reason of whoever gave it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from regulars.predict.churn.facts import SURVEYED
from regulars.predict.churn.queries import newest_answers
from regulars.predict.churn.reasons import MOST, REASON_GROUPS, SYMPTOMS, ReasonGroup, Why
from regulars.predict.churn.words import REASON_NAMES
from regulars.warehouse import Warehouse

#: Answers count for so many days.
ANSWERS_DAYS = 180
#: Words that mean one of our reasons, in answers to "why did you leave?".
_SURVEY_WORDS: Mapping[ReasonGroup, tuple[str, ...]] = {
    "delivery": ("delivery", "shipping", "late", "parcel", "配送", "物流", "快递", "发货"),
    "quality": ("quality", "product", "broken", "defect", "质量", "商品", "破损"),
    "returns": ("return", "refund", "exchange", "退货", "退款", "换货"),
    "price": ("price", "expensive", "discount", "coupon", "价格", "贵", "优惠", "促销"),
    "service": ("service", "support", "客服", "服务", "态度"),
    "category": ("need", "assortment", "choice", "不需要", "品类", "款式"),
}


def survey_group(answer: str) -> ReasonGroup | None:
    """Which of our reasons an answer means: by its code, its name in either language, or a telling word."""
    told = answer.strip().casefold()
    for group in REASON_GROUPS:
        if told == group or told in {name.casefold() for name in REASON_NAMES[group]}:
            return group
    return next((group for group, words in _SURVEY_WORDS.items() if any(each in told for each in words)), None)


def stated(warehouse: Warehouse, shop_id: str, moment: datetime) -> dict[str, tuple[ReasonGroup, float]]:
    """Customer -> the reason its newest answer before an instant means, and how many days old it is; answers of no known reason are left out."""
    found = {}
    for row in warehouse.rows(newest_answers(shop_id, moment - timedelta(days=ANSWERS_DAYS), moment)):
        group = survey_group(row["answer"])
        if group is not None and group not in SYMPTOMS:
            found[row["customer_id"]] = (group, (moment - row["at"].replace(tzinfo=UTC)) / timedelta(days=1))
    return found


def with_answer(whys: Sequence[Why], group: ReasonGroup, days: float) -> list[Why]:
    """The reasons of a customer who answered: what it said comes first, then what the model sees, the symptom last."""
    causes = [one for one in whys if one.group not in SYMPTOMS and one.group != group]
    weight = max((one.weight for one in whys), default=0.0)
    said = Why(group, weight, SURVEYED, {"survey_days": round(days)})
    return [said, *causes[: MOST - 2], *(one for one in whys if one.group in SYMPTOMS)]
