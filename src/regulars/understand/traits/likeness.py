"""People like this: the customers whose numbers are nearest, by a distance that takes what both have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from regulars.errors import NotFound
from regulars.understand.metrics import data_span
from regulars.understand.traits.catalogue import TRAITS
from regulars.understand.traits.domain import Alike, AlikeAnswer, Shared
from regulars.understand.traits.queries import reading
from regulars.warehouse import Warehouse

if TYPE_CHECKING:
    from regulars.access import Shop

Floats = NDArray[np.float32]

#: More customers than this are not compared: those who ordered most are.
MOST_CUSTOMERS = 1_000_000
MOST_ALIKE = 10_000
#: Standardized values are cut here, so that one wild figure does not decide; two customers are at most twice this apart.
CUT = 3.0
#: Two customers are compared where they share at least this part of what the first one has, and this many traits.
LEAST_SHARED, FEWEST_SHARED = 0.6, 3
_REASONS = 3

_COMPARED = tuple(name for name, trait in TRAITS.items() if trait.likeness)


def alike(warehouse: Warehouse, shop: Shop, customer_id: str, *, limit: int = 10, language: str = "en") -> AlikeAnswer:
    """The customers most like one, with what makes them so.

    Each compared number (money, days and counts by logarithm) is standardized over the shop's buyers and cut at three standard
    deviations. The distance of two customers is Gower's: the mean of |a - b| / 6 over the traits both have; likeness is 1 - distance.

    Parameters
    ----------
    limit : 1 to 10,000 customers, the most alike first; equal ones by their id.

    Raises
    ------
    NotFound : nothing is known of the customer.
    """
    zh = "zh" if language == "zh" else "en"
    currency = data_span(warehouse, shop).currency
    table = warehouse.query(reading.numbers(shop.shop_id, _COMPARED, MOST_CUSTOMERS))
    ids = table.column("customer_id")
    own = pc.index(ids, customer_id).as_py() if table.num_rows else -1

    def without(en: str, words: str) -> AlikeAnswer:
        said = words if zh == "zh" else en
        return AlikeAnswer(customer_id=customer_id, among=table.num_rows, currency=currency, alike=[], reason=said)

    if own < 0:
        if not warehouse.rows(reading.one(), shop_id=shop.shop_id, customer_id=customer_id):
            raise NotFound(
                f"there is no customer '{customer_id}' in this shop",
                mend="search for it in the customer list",
                code="no_such_customer",
            )
        return without("has not ordered yet, so there is nothing to compare", "尚未下单，无从比较")
    if table.num_rows < 2:
        return without("is the only buyer", "本店只有这一位客户")
    raw = {name: table.column(name).to_numpy().astype(np.float32) for name in _COMPARED}
    scores: dict[str, Floats] = {}
    for name, values in raw.items():
        score = standardized(values, TRAITS[name].likeness == "log")
        if score is not None and not np.isnan(score[own]):
            scores[name] = score
    if len(scores) < FEWEST_SHARED:
        return without("too little is known to compare", "已知信息太少，无法比较")
    distance, shared = distances(list(scores.values()), own)
    places = nearest(distance, own, min(limit, MOST_ALIKE))
    found = [
        Alike(
            customer_id=ids[int(i)].as_py(),
            likeness=round(1 - float(distance[i]), 4),
            compared=int(shared[i]),
            because=_because(scores, raw, own, int(i), zh),
        )
        for i in places
    ]
    found.sort(key=lambda one: (-one.likeness, one.customer_id))
    return AlikeAnswer(customer_id=customer_id, among=table.num_rows - 1, currency=currency, alike=found, reason=None)


def standardized(values: Floats, by_logarithm: bool) -> Floats | None:
    """Standard scores, cut at three; missing ones stay missing; None where all are equal or nobody has one."""
    if by_logarithm:
        values = (np.sign(values) * np.log1p(np.abs(values))).astype(np.float32)
    known = values[~np.isnan(values)].astype(np.float64)
    if known.size < 2 or (spread := float(known.std())) < 1e-9:
        return None
    scores: Floats = np.clip((values - np.float32(known.mean())) / np.float32(spread), -CUT, CUT).astype(np.float32)
    return scores


def distances(columns: list[Floats], own: int) -> tuple[Floats, NDArray[np.int32]]:
    """Distance of each customer from one, and over how many traits; infinite where too few are shared."""
    total = np.zeros(len(columns[0]), np.float32)
    shared = np.zeros(len(columns[0]), np.int32)
    for column in columns:
        apart = np.abs(column - column[own]) / np.float32(2 * CUT)
        both = ~np.isnan(apart)
        total += np.where(both, apart, 0)
        shared += both
    enough = (shared >= FEWEST_SHARED) & (shared >= LEAST_SHARED * len(columns))
    return np.where(enough, total / np.maximum(shared, 1), np.inf).astype(np.float32), shared


def nearest(distance: Floats, own: int, count: int) -> NDArray[np.intp]:
    """The places of the smallest distances but one's own, none of them infinite; equal ones in the given order."""
    count = min(count + 1, len(distance))
    limit = np.partition(distance, count - 1)[count - 1]
    some = np.flatnonzero((distance <= limit) & np.isfinite(distance))
    some = some[some != own]
    ordered: NDArray[np.intp] = some[np.argsort(distance[some], kind="stable")][: count - 1]
    return ordered


def _because(scores: dict[str, Floats], raw: dict[str, Floats], own: int, other: int, zh: str) -> list[Shared]:
    """The traits in which both are equally far from the shop's mean, the farthest first."""
    weights: list[tuple[float, str]] = []
    for name, column in scores.items():
        a, b = float(column[own]), float(column[other])
        if np.isnan(b) or a * b <= 0:
            continue
        weight = min(abs(a), abs(b)) - abs(a - b)
        if weight > 0.25:
            weights.append((weight, name))
    weights.sort(key=lambda one: (-one[0], one[1]))
    return [_shared(name, raw[name], own, other, zh) for _, name in weights[:_REASONS]]


def _shared(name: str, column: Floats, own: int, other: int, zh: str) -> Shared:
    trait: Any = TRAITS[name]
    return Shared(
        name=name,
        label=trait.label[zh],
        unit=trait.unit,
        mine=round(float(column[own]), 4),
        theirs=round(float(column[other]), 4),
    )
