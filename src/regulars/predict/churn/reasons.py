"""Reasons of a warning: what the model's contributions say, by group, each with the fact behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from regulars.predict.churn.estimator import contributions_by_group
from regulars.predict.churn.facts import ONLY_ORDER, SILENCE, WORTH, applies, numbers
from regulars.predict.snapshots import FEATURES, Snapshot
from regulars.predict.snapshots.domain import Group

ReasonGroup = Literal["delivery", "quality", "returns", "price", "service", "visits", "category", "rhythm"]
REASON_GROUPS: tuple[ReasonGroup, ...] = get_args(ReasonGroup)
#: Of what a reason is made: the features' groups. New features fall in place by theirs.
REASON_OF: dict[Group, ReasonGroup] = {
    "delivery": "delivery",
    "reviews": "quality",
    "returns": "returns",
    "price": "price",
    "benefits": "price",
    "service": "service",
    "visits": "visits",
    "messages": "visits",
    "assortment": "category",
    "rhythm": "rhythm",
    "value": "rhythm",
    "own": "rhythm",
}
#: Not why a customer leaves, but how it shows.
SYMPTOMS: frozenset[ReasonGroup] = frozenset({"rhythm"})
#: At most so many are named.
MOST = 3
#: A group that adds less than this to the log odds (a percentage point at even odds) is no reason.
LEAST = 0.05

View = Literal["satisfaction", "product_quality", "service_experience", "brand_and_price"]
#: What the four views look at. A group can feed two.
VIEWS: dict[View, tuple[ReasonGroup, ...]] = {
    "satisfaction": ("quality", "returns", "delivery", "service"),
    "product_quality": ("quality", "returns"),
    "service_experience": ("delivery", "service"),
    "brand_and_price": ("price", "category", "visits"),
}

_GROUP_OF = {feature.name: feature.group for feature in FEATURES}


@dataclass(frozen=True, slots=True)
class Why:
    """One reason: its group, how much it adds to the log odds, the fact's feature and the numbers in its sentence."""

    group: ReasonGroup
    weight: float
    fact: str
    numbers: Mapping[str, float]

    def plain(self) -> dict[str, Any]:
        """As it is kept."""
        return {"group": self.group, "weight": round(self.weight, 4), "fact": self.fact, "numbers": dict(self.numbers)}


def reason_group(feature: str) -> ReasonGroup:
    """Which reason a feature speaks for."""
    return REASON_OF[_GROUP_OF.get(feature, "own")]


def medians(snapshot: Snapshot) -> dict[str, float]:
    """The shop's median of each feature, for the facts that compare with it."""
    return {feature.name: _median(snapshot.column(feature.name)) for feature in snapshot.features}


def reasons(
    names: Sequence[str], values: npt.NDArray[np.float64], snapshot: Snapshot, usual: Mapping[str, float]
) -> list[list[Why]]:
    """The two or three strongest reasons of each customer of the snapshot, causes before the symptom.

    A group is named where its features together raise the risk and one of them is a fact that can be said ("last delivery 6 days
    late"); the fact is the feature that adds the most among those. Where nothing raises the risk, that is said.

    Parameters
    ----------
    names, values : the model's features, and what each adds to the log odds, shape (customers, features).
    usual : the shop's medians.
    """
    groups = {name: reason_group(name) for name in names}
    sums = contributions_by_group(names, values, groups)
    columns = {feature.name: snapshot.column(feature.name).tolist() for feature in snapshot.features}
    members = {group: [place for place, name in enumerate(names) if groups[name] == group] for group in REASON_GROUPS}
    made = []
    for row in range(len(values)):
        told = {name: column[row] for name, column in columns.items()}
        found = []
        for group in REASON_GROUPS:
            weight = float(sums[group][row]) if group in sums else 0.0
            if weight < LEAST:
                continue
            raising = sorted((place for place in members[group] if values[row, place] > 0), key=lambda place: -values[row, place])
            said = next((names[place] for place in raising if applies(names[place], told, usual)), None)
            if group in SYMPTOMS:
                said = ONLY_ORDER if told["purchase_days"] <= 1 else said or SILENCE
            if said is not None:
                found.append(Why(group, weight, said, numbers(said, told, usual)))
        found.sort(key=lambda why: -why.weight)
        causes = [why for why in found if why.group not in SYMPTOMS][: MOST - 1]
        found = causes + [why for why in found if why.group in SYMPTOMS]
        made.append(found or [Why("rhythm", 0.0, WORTH, {})])
    return made


def _median(column: npt.NDArray[np.float32]) -> float:
    known = column[~np.isnan(column)]
    return float(np.median(known)) if known.size else float("nan")
