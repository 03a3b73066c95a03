"""The verbs of buying the same again: rebuild what everybody probably buys next, list whom to remind, and say how often it was right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import ibis.expr.types as ir

from regulars.errors import InvalidInput, NotEnoughData
from regulars.predict.next_purchase import reminders, repeats
from regulars.predict.next_purchase.domain import (
    FEWEST_REPEATS,
    LEVELS,
    MOST_THINGS,
    WINDOW_DAYS,
    HitRate,
    Level,
    NextProductRow,
    NextProductsAnswer,
    ThingRow,
)
from regulars.predict.snapshots import Past, known_at
from regulars.understand import profiles
from regulars.understand.metrics import data_span
from regulars.values.zones import local_day
from regulars.warehouse import Warehouse

if TYPE_CHECKING:
    from regulars.access import Shop

MOST_ROWS = 1_000
_TOLD_FIRST = 3
_THINGS = 12
_EXPORT_ROWS = 5_000


@dataclass(frozen=True)
class _Told:
    """The past of a shop, the days things were bought on, and what all of them say together."""

    past: Past
    days: ir.Table
    numbers: dict[str, Any]
    until: date
    today: date


def refresh(warehouse: Warehouse, shop: Shop) -> int:
    """Rebuild what every customer probably buys again; returns how many rows there are.

    Of a level on which fewer than 30 purchases were repeated nothing is told.
    """
    span = data_span(warehouse, shop)
    mine = warehouse.table("next_products")
    parts: list[ir.Table] = []
    if span.first_at is not None:
        for level in LEVELS:
            try:
                told = _told(warehouse, shop, span.as_of, level)
            except NotEnoughData:
                continue
            parts.append(_probable(told, level, MOST_THINGS))
    with warehouse.transaction():
        made = mine.filter(mine.shop_id == shop.shop_id).limit(0) if not parts else parts[0]
        for part in parts[1:]:
            made = made.union(part)
        return warehouse.replace("next_products", made, shop_id=shop.shop_id)


def next_products(
    warehouse: Warehouse,
    shop: Shop,
    *,
    level: Level = "category",
    thing: str | None = None,
    min_probability: float = 0.0,
    limit: int = 50,
    cursor: str | None = None,
) -> NextProductsAnswer:
    """Customers who probably buy a thing again within 30 days, the most probable first: whom to remind.

    Raises
    ------
    NotEnoughData : the shop's orders do not tell such things, or hardly any was bought again.
    InvalidInput : an unknown level, a foreign cursor, or a limit outside 1 to 1,000.
    """
    if not 1 <= limit <= MOST_ROWS:
        raise InvalidInput(f"a page of {limit} customers", mend=f"ask for 1 to {MOST_ROWS}", code="bad_limit")
    rows = reminders.listed(warehouse.table("next_products"), shop.shop_id, _level(level), thing, min_probability)
    things = warehouse.cached(
        ("next_purchase.things", shop.shop_id, level),
        lambda: warehouse.rows(reminders.by_thing(warehouse.table("next_products"), shop.shop_id, level, _THINGS)),
        of=("next_products",),
    )
    if not things:
        raise NotEnoughData(
            f"hardly any {level} was bought a second time, or the orders name none",
            mend=f"load orders with their lines; {FEWEST_REPEATS} repeat purchases are needed",
            code="no_repeats",
        )
    after = None
    if cursor is not None:
        probability, customer_id, last = profiles.decode_cursor(cursor, f"next_{level}", str, str, str)
        after = float(probability), str(customer_id), str(last)
    found = warehouse.rows(reminders.ranked(rows, after, limit + 1))
    shown = found[:limit]
    end = shown[-1] if shown else None
    return NextProductsAnswer(
        as_of=data_span(warehouse, shop).as_of,
        level=level,
        window_days=WINDOW_DAYS,
        total=int(warehouse.value(rows.count().as_table())),
        things=[
            ThingRow(
                thing=row["thing"], name=row["name"] or row["thing"], customers=row["customers"], expected=round(row["expected"], 1)
            )
            for row in things
        ],
        rows=[_row(row) for row in shown],
        next=profiles.encode_cursor(f"next_{level}", repr(end["probability"]), end["customer_id"], end["thing"])
        if end is not None and len(found) > limit
        else None,
    )


def every_next_product(
    warehouse: Warehouse, shop: Shop, *, level: Level = "category", thing: str | None = None, min_probability: float = 0.0
) -> Iterator[NextProductRow]:
    """All rows of the list, in its order: for exports of any length."""
    rows = reminders.listed(warehouse.table("next_products"), shop.shop_id, _level(level), thing, min_probability)

    def told() -> Iterator[NextProductRow]:
        for batch in warehouse.query(reminders.in_order(rows)).to_batches(max_chunksize=_EXPORT_ROWS):
            for row in batch.to_pylist():
                yield _row(row)

    return told()


def next_products_of(warehouse: Warehouse, shop: Shop, customer_id: str) -> list[NextProductRow]:
    """What one customer probably buys again, categories first, the most probable first."""
    table = warehouse.table("next_products")
    mine = table.filter(table.shop_id == shop.shop_id, table.customer_id == customer_id)
    return [_row(row) for row in warehouse.rows(mine.order_by("level", "rank"))]


def judge_next_products(warehouse: Warehouse, shop: Shop, level: Level, *, cuts: Sequence[datetime] | None = None) -> HitRate:
    """How often the three things named first at past cut-offs were bought within the window, beside own frequency, the last basket and popularity.

    By default the last three cut-offs, 30 days apart, whose window is over. Nothing after a cut-off is seen by what is told at it.

    Raises
    ------
    NotEnoughData : no cut-off has enough repeat purchases before it.
    """
    span = data_span(warehouse, shop)
    window = timedelta(days=WINDOW_DAYS)
    chosen = cuts if cuts is not None else [span.as_of - window * (place + 1) for place in range(3)]
    sums: dict[str, float] = {}
    used = 0
    for cut in chosen:
        try:
            told = _told(warehouse, shop, cut, level)
        except NotEnoughData:
            continue
        came = reminders.came(known_at(warehouse, shop, cut + window), level, cut)
        probable = _probable(told, level, 1_000).select("customer_id", "thing", "rank", "probability")
        lists = {
            "probable": probable.filter(probable["rank"] <= _TOLD_FIRST),
            "own_frequency": reminders.most_frequent(told.days, _TOLD_FIRST),
            "last_basket": reminders.last_bought(told.days, _TOLD_FIRST),
            "popularity": reminders.most_popular(told.days, cut - 3 * window, _TOLD_FIRST, told.past),
        }
        known = told.days.select("customer_id").distinct()
        row = warehouse.rows(reminders.hits(came.semi_join(known, "customer_id"), lists, probable))[0]
        for name, value in row.items():
            sums[name] = sums.get(name, 0.0) + float(value or 0)
        used += 1
    if not used or not sums["customers"]:
        raise NotEnoughData(
            f"no past cut-off has enough repeat purchases of a {level} before it and purchases after it",
            mend="load a longer history with order lines",
            code="no_repeats",
        )
    customers = sums["customers"]
    return HitRate(
        level=level,
        cut_offs=used,
        customers=int(customers),
        probable=round(sums["probable"] / customers, 4),
        own_frequency=round(sums["own_frequency"] / customers, 4),
        last_basket=round(sums["last_basket"] / customers, 4),
        popularity=round(sums["popularity"] / customers, 4),
        expected=round(sums["expected"], 1),
        came=int(sums["came"]),
    )


def _told(warehouse: Warehouse, shop: Shop, as_of: datetime, level: Level) -> _Told:
    past = known_at(warehouse, shop, as_of)
    days = repeats.bought(past, level)
    numbers = warehouse.rows(repeats.shop_gaps(days))[0]
    if numbers["gaps"] < FEWEST_REPEATS:
        raise NotEnoughData(
            f"{numbers['gaps']} purchases of the same {level} again; {FEWEST_REPEATS} are needed",
            mend="load a longer history with order lines",
            code="no_repeats",
        )
    today = local_day(as_of, shop.timezone)
    until = today - timedelta(days=max(1, round(float(numbers["nine_of_ten"]))))
    steps = {row["step"]: row["again"] / row["had"] for row in warehouse.rows(repeats.shop_repeats(days, until)) if row["had"]}
    if 0 not in steps:  # a young shop: everything bought counts
        steps = {row["step"]: row["again"] / row["had"] for row in warehouse.rows(repeats.shop_repeats(days, today)) if row["had"]}
    first = steps.get(0, 0.0)
    second = steps.get(1, first)
    return _Told(past, days, {**numbers, "repeats": (first, second, steps.get(2, second))}, until, today)


def _probable(told: _Told, level: Level, most: int) -> ir.Table:
    return repeats.probable(
        told.past, told.days, told.numbers, level=level, until=told.until, today=told.today, window_days=WINDOW_DAYS, most=most
    )


def _level(level: str) -> Level:
    if level in LEVELS:
        return level
    raise InvalidInput(f"there is no level '{level[:40]}'", mend=f"use one of {', '.join(LEVELS)}", code="bad_filter")


def _row(row: dict[str, Any]) -> NextProductRow:
    return NextProductRow(
        customer_id=row["customer_id"],
        level=row["level"],
        thing=row["thing"],
        name=row["name"] or row["thing"],
        rank=row["rank"],
        times=row["times"],
        last_at=_aware(row["last_at"]),
        rhythm_days=round(row["rhythm_days"], 1),
        probability=round(row["probability"], 4),
        from_at=_aware(row["from_at"]),
        likely_at=_aware(row["likely_at"]),
        to_at=_aware(row["to_at"]),
    )


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
