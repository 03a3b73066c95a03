"""The nouns of a root cause: what changed, where, how it splits, and which explanations the data bear out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from regulars.understand.metrics import Value
from regulars.values.periods import Period

#: What a change may be searched over, in the order in which answers name it; each cube has some of them.
DIMENSIONS = (
    "product", "category", "brand", "seller", "channel", "region", "device", "source", "campaign", "coupon", "reason", "price", "stock"
)  # fmt: skip
Finding = Literal["found", "not_found", "no_data"]
HypothesisName = Literal["own_price", "competitor", "stock", "traffic", "discounts", "holiday"]


@dataclass(frozen=True, slots=True)
class Cause:
    """A part of the shop in which the change lies: rows with these values of these dimensions."""

    where: Mapping[str, str]  # dimension -> value
    names: Mapping[str, str]  # as people know them (products by name)
    expected: Value  # had it gone as before
    actual: Value
    share: float  # of the whole change; below 0 or above 1 where other parts moved the other way


@dataclass(frozen=True, slots=True)
class Effects:
    """The whole change in two parts that add up to it."""

    kind: Literal["price_volume", "rate_mix"]
    #: Of a sum: prices at the units of now; of a ratio: the parts' own ratios at the weights of now.
    inner: Value
    #: Of a sum: units at the prices of before; of a ratio: that the parts' weights moved.
    outer: Value


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One explanation, checked against the data at hand."""

    name: HypothesisName
    finding: Finding
    text: Mapping[str, str]  # the evidence in a sentence, by language


@dataclass(frozen=True, slots=True)
class RootCause:
    """Why a metric changed from one period to another."""

    shop_id: str
    metric: str
    unit: str
    currency: str
    period: Period
    before: Period
    value: Value
    previous: Value  # of `before`, as it was
    change: float | None
    basis: str  # what the causes were searched in: a sum over cells, or a ratio of two
    causes: tuple[Cause, ...]  # the strongest first; together they explain most of the change
    explained: float | None  # the share of the change that lies in them
    effects: Effects | None
    hypotheses: tuple[Hypothesis, ...]
    text: Mapping[str, tuple[str, ...]]  # the answer in sentences, by language
