"""How placements do: what was served, seen, clicked and ordered, against random and popular products, and how it is spread."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from regulars.collect import catalog
from regulars.errors import InvalidInput
from regulars.serve.recommend import impressions, queries
from regulars.serve.recommend.domain import position
from regulars.serve.recommend.domain.lift import Floats, Lift, LiftState, lift
from regulars.serve.recommend.domain.lists import PLACEMENTS, Placement
from regulars.serve.recommend.domain.position import Propensity
from regulars.serve.recommend.domain.spread import Spread, spread
from regulars.serve.recommend.domain.trials import CONTROL, ShownBy
from regulars.serve.recommend.live import opened
from regulars.values import clock
from regulars.values.money import Money
from regulars.values.periods import Period

if TYPE_CHECKING:
    from regulars.access.domain import Shop
    from regulars.warehouse import Warehouse

By = Literal["placement", "position", "model", "arm", "shown_by", "day"]
BYS: tuple[By, ...] = get_args(By)
#: An order counts when it comes so soon after the click.
ORDER_DAYS = 7
DAYS = 30
#: What was served longer ago is forgotten.
KEPT_DAYS = impressions.KEPT_DAYS
#: Propensities are learned from so many days.
PROPENSITY_DAYS = 60
#: The spread is judged by what sold in so many days.
SOLD_DAYS = 90
_COLUMNS: dict[By, str] = {
    "placement": "placement",
    "position": "position",
    "model": "model",
    "arm": "arm",
    "shown_by": "shown_by",
    "day": "served_on",
}
_CELL = ("placement", "position", "model", "arm", "shown_by", "served_on")
_READ = ("list_impressions", "events", "order_lines", "orders", "refunds", "products", "product_details")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementFigures:
    """What came of some impressions.

    `lists` were served, `served` products stood in them, `seen` of these are known to have been seen, `clicks` were chosen.
    `click_through` is clicks over what was seen, and over what was served where no page tells what was seen (`measured_by`).
    `orders` are orders within seven days that hold a product this person chose from a list, `revenue` what these lines came to
    without what was given back. What the answer is not told apart by is null.
    """

    placement: Placement | None
    position: int | None
    model: str | None
    arm: str | None
    shown_by: ShownBy | None
    on: date | None
    lists: int
    served: int
    seen: int
    clicks: int
    click_through: float | None
    measured_by: Literal["seen", "served"]
    orders: int
    revenue: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementLift:
    """Click-through of what the model chose against a baseline of the same placement: `random` or `popular` products, or the `control` of an A/B test.

    The 95 % interval counts a visitor once. `state` is `better` or `worse` where the interval leaves out nought, `no_difference`
    where it does not, and `too_few` below 200 products seen, 10 clicks and 30 visitors on either side.
    """

    placement: Placement
    against: Literal["random", "popular", "control"]
    click_through: float | None
    base_click_through: float | None
    shown: int
    base_shown: int
    lift: float | None
    low: float | None
    high: float | None
    state: LiftState


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendPerformance:
    """Impressions of a period by what was asked, the largest first (days in their order), and lifts of every placement."""

    start_on: date
    last_on: date
    total: PlacementFigures
    rows: list[PlacementFigures]
    lifts: list[PlacementLift]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementPropensities:
    """How much each place of a placement is looked at, as a share of the first; empty where no lottery has run."""

    placement: Placement
    positions: list[Propensity]


def performance(
    warehouse: Warehouse,
    shop: Shop,
    *,
    period: Period | None = None,
    by: Sequence[By] = ("placement",),
    placement: Placement | None = None,
) -> RecommendPerformance:
    """What came of the lists of a period, by default of the last 30 days; what was served a moment ago is counted.

    Raises
    ------
    InvalidInput : there is no such placement.
    """
    told = period or _usual(shop)
    facts = _facts(warehouse, shop, told)
    cells, lists, money = facts.cells, facts.lists, facts.money
    if placement is not None:
        if placement not in PLACEMENTS:
            raise InvalidInput("there is no such placement", mend=f"choose from {', '.join(PLACEMENTS)}", code="bad_placement")
        cells, lists, money = ([one for one in rows if one["placement"] == placement] for rows in (cells, lists, money))
    rows = _figures(cells, lists, money, tuple(dict.fromkeys(by)), shop.currency)
    total = _figures(cells, lists, money, (), shop.currency)
    return RecommendPerformance(
        start_on=told.start_on,
        last_on=told.last_on,
        total=total[0] if total else _nothing(shop.currency),
        rows=rows,
        lifts=[one for one in facts.lifts if placement in (None, one.placement)],
    )


def spreads(warehouse: Warehouse, shop: Shop, *, period: Period | None = None, k: int = 10, parts: int = 4) -> list[Spread]:
    """How the first `k` places of each placement were spread over the catalogue, the period cut into `parts` from old to new.

    Raises
    ------
    InvalidInput : `k` or `parts` are out of range.
    """
    if not 1 <= k <= 100 or not 1 <= parts <= 12:
        raise InvalidInput("that is out of range", mend="give `k` from 1 to 100 and `parts` from 1 to 12", code="bad_size")
    told = period or _usual(shop)
    _flushed(warehouse, shop)

    def ask() -> list[Spread]:
        begin, end = told.instants(shop.timezone)
        rows = queries.impressions(shop.shop_id, begin, end, shop.timezone)
        served = warehouse.rows(queries.spread(rows.filter(rows.position <= k)))
        sold = {
            row["product_id"]: int(row["n"])
            for row in warehouse.rows(queries.units(shop.shop_id, end - timedelta(days=SOLD_DAYS), end))
        }
        catalogue = catalog.count(warehouse, shop.shop_id)
        counts: defaultdict[tuple[str, int], Counter[str]] = defaultdict(Counter)
        cuts = [told.start_on + timedelta(days=told.days * part // parts) for part in range(parts)] + [told.end_on]
        for row in served:
            part = max(place for place in range(parts) if cuts[place] <= row["served_on"])
            counts[row["placement"], part][row["product_id"]] += int(row["served"])
        return [
            spread(one, cuts[part], cuts[part + 1] - timedelta(days=1), counts[one, part], sold, catalogue)
            for one in PLACEMENTS
            if any((one, part) in counts for part in range(parts))
            for part in range(parts)
            if cuts[part] < cuts[part + 1]
        ]

    return warehouse.cached(("recommend.spread", shop.shop_id, told, k, parts), ask, of=_READ)


def propensities(warehouse: Warehouse, shop: Shop) -> list[PlacementPropensities]:
    """How much each place is looked at, by placement, from the lists of the last 60 days that a lottery was held for."""
    _flushed(warehouse, shop)
    today = clock.today(shop.timezone)
    period = Period.between(today - timedelta(days=PROPENSITY_DAYS - 1), today)

    def ask() -> list[PlacementPropensities]:
        begin, end = period.instants(shop.timezone)
        rows = warehouse.rows(queries.by_rank(queries.impressions(shop.shop_id, begin, end, shop.timezone)))
        found = []
        for placement in PLACEMENTS:
            mine = [row for row in rows if row["placement"] == placement]
            shown, clicks = ("seen", "clicks_seen") if any(row["seen"] for row in mine) else ("served", "clicks")
            counts = {
                (int(row["position"]), None if row["model_rank"] is None else int(row["model_rank"])): (
                    int(row[shown]),
                    int(row[clicks]),
                )
                for row in mine
            }
            if counts:
                found.append(PlacementPropensities(placement=placement, positions=position.told(counts)))
        return found

    return warehouse.cached(("recommend.propensities", shop.shop_id, period), ask, of=_READ)


def asked(shop: Shop, first_on: date | None, last_on: date | None) -> Period | None:
    """The period that `from` and `to` mean, both included; None, for the default, where neither is given.

    Raises
    ------
    InvalidInput : `from` is after `to`.
    """
    if first_on is None and last_on is None:
        return None
    last = last_on or max(clock.today(shop.timezone), first_on or date.min)
    first = first_on or last - timedelta(days=DAYS - 1)
    if first > last:
        raise InvalidInput(f"`from` ({first}) is after `to` ({last})", mend="swap them", code="bad_period")
    return Period.between(first, last)


# -- reading --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Facts:
    cells: list[dict[str, Any]]
    lists: list[dict[str, Any]]
    money: list[dict[str, Any]]
    lifts: list[PlacementLift]


def _usual(shop: Shop) -> Period:
    today = clock.today(shop.timezone)
    return Period.between(today - timedelta(days=DAYS - 1), today)


def _flushed(warehouse: Warehouse, shop: Shop) -> None:
    shop_live = opened(warehouse, shop.shop_id)
    if shop_live is not None:
        shop_live.impressions.flush()


def _facts(warehouse: Warehouse, shop: Shop, period: Period) -> _Facts:
    _flushed(warehouse, shop)

    def ask() -> _Facts:
        begin, end = period.instants(shop.timezone)
        rows = queries.impressions(shop.shop_id, begin, end, shop.timezone)
        cells = warehouse.rows(queries.counted(rows, _CELL))
        lists = warehouse.rows(queries.lists_of(rows))
        money = warehouse.rows(queries.ordered(shop.shop_id, rows, ORDER_DAYS, shop.currency))
        back = warehouse.rows(queries.given_back(shop.shop_id, shop.currency)) if money else []
        return _Facts(cells, lists, kept(money, back), _lifts(warehouse.query(queries.by_visitor(rows)).to_pydict()))

    return warehouse.cached(("recommend.performance", shop.shop_id, period), ask, of=_READ)


def kept(lines: Iterable[Mapping[str, Any]], back: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Attributed order lines with what is left of them in `kept_minor`, to the minor unit.

    A refund of a product is taken from that product's lines of the order, one after another; a refund of the whole order takes from
    each line its part of the order's items, rounded down. A line never goes below nought.
    """
    of_product: dict[tuple[str, str], int] = {}
    of_order: dict[str, int] = {}
    for row in back:
        if row["product_id"] is None:
            of_order[row["order_id"]] = of_order.get(row["order_id"], 0) + int(row["minor"])
        else:
            of_product[row["order_id"], row["product_id"]] = int(row["minor"])
    found = []
    for row in sorted(lines, key=lambda one: (one["order_id"], one["line_key"])):
        amount = int(row["amount_minor"])
        key = (row["order_id"], row["product_id"])
        taken = min(of_product.get(key, 0), amount)
        if taken:
            of_product[key] -= taken
        whole, items = of_order.get(row["order_id"], 0), int(row["items_minor"] or 0)
        share = min(whole, items) * amount // items if whole and items > 0 else 0
        found.append({**row, "kept_minor": max(amount - taken - share, 0)})
    return found


def _figures(
    cells: Sequence[Mapping[str, Any]],
    lists: Iterable[Mapping[str, Any]],
    money: Iterable[Mapping[str, Any]],
    by: tuple[By, ...],
    currency: str,
) -> list[PlacementFigures]:
    names = [_COLUMNS[one] for one in by]

    def key(row: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(row[name] for name in names)

    counts: defaultdict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    tells = {row["placement"] for row in cells if row["seen"] > row["clicks"]}
    for row in cells:
        at = counts[key(row)]
        at.update({name: int(row[name]) for name in ("served", "seen", "clicks")})
        if "position" in by or "shown_by" not in by:  # each list has one product at a place, and one at the first
            at["lists"] += int(row["served"]) if "position" in by else int(row["lists"])
        at["base"] += int(row["seen" if row["placement"] in tells else "served"])
        at["told"] += row["placement"] in tells
    if "shown_by" in by and "position" not in by:
        for row in lists:
            counts[key(row)]["lists"] += int(row["lists"])
    orders: defaultdict[tuple[Any, ...], set[str]] = defaultdict(set)
    for row in money:
        orders[key(row)].add(row["order_id"])
        counts[key(row)]["kept"] += row["kept_minor"]
    found = []
    for place, n in counts.items():
        said: dict[str, Any] = dict(zip(by, place, strict=True))
        found.append(
            PlacementFigures(
                placement=said.get("placement"),
                position=None if "position" not in said else int(said["position"]),
                model=said.get("model"),
                arm=said.get("arm"),
                shown_by=said.get("shown_by"),
                on=said.get("day"),
                lists=n["lists"],
                served=n["served"],
                seen=n["seen"],
                clicks=n["clicks"],
                click_through=round(n["clicks"] / n["base"], 6) if n["base"] else None,
                measured_by="seen" if n["told"] else "served",
                orders=len(orders[place]),
                revenue=Money(n["kept"], currency),
            )
        )
    return sorted(found, key=lambda one: (one.on or date.min, -one.served, one.position or 0, str(one.placement), str(one.model)))


def _nothing(currency: str) -> PlacementFigures:
    return PlacementFigures(
        placement=None, position=None, model=None, arm=None, shown_by=None, on=None, lists=0, served=0, seen=0, clicks=0,
        click_through=None, measured_by="served", orders=0, revenue=Money(0, currency),
    )  # fmt: skip


def _lifts(rows: Mapping[str, Sequence[Any]]) -> list[PlacementLift]:
    """The lifts of every placement, from rows by placement, arm, what showed it, and visitor."""
    placements = np.array(rows["placement"], object)
    found = []
    for placement in PLACEMENTS:
        mine = placements == placement
        if not mine.any():
            continue
        arm, by = np.array(rows["arm"], object)[mine], np.array(rows["shown_by"], object)[mine]
        _, visitor = np.unique(np.array(rows["visitor"], object)[mine].astype(str), return_inverse=True)
        clicks = np.array(rows["clicks"], np.float64)[mine]
        seen = np.array(rows["seen"], np.float64)[mine]
        base = seen if seen.sum() > clicks.sum() else np.array(rows["served"], np.float64)[mine]
        plain = np.isin(arm, ("", CONTROL))
        sides: list[tuple[Literal["random", "popular", "control"], Any, Any]] = [
            ("random", plain & (by == "model"), plain & (by == "random")),
            ("popular", plain & (by == "model"), plain & (by == "popular")),
            ("control", (arm != "") & (arm != CONTROL) & (by != "random"), (arm == CONTROL) & (by == "model")),
        ]
        for against, one, other in sides:
            if not other.any():
                continue
            totals = [
                _by_visitor(visitor[side], values[side], int(visitor.max()) + 1)
                for side in (one, other)
                for values in (base, clicks)
            ]
            judged: Lift = lift(totals[0], totals[1], totals[2], totals[3])
            shown, chosen, base_shown, base_chosen = (float(one.sum()) for one in totals)
            found.append(
                PlacementLift(
                    placement=placement,
                    against=against,
                    click_through=round(chosen / shown, 6) if shown else None,
                    base_click_through=round(base_chosen / base_shown, 6) if base_shown else None,
                    shown=int(shown),
                    base_shown=int(base_shown),
                    lift=judged.lift,
                    low=judged.low,
                    high=judged.high,
                    state=judged.state,
                )
            )
    return found


def _by_visitor(visitor: npt.NDArray[np.intp], values: Floats, visitors: int) -> Floats:
    found = np.zeros(visitors)
    np.add.at(found, visitor, values)
    return found
