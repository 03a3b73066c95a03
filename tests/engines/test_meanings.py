"""Where engines differ by nature, expressions mean on all of them what they mean on DuckDB."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from regulars.warehouse import TABLES, Warehouse, json_text
from regulars.warehouse.arrow import arrow_rows
from regulars.warehouse.local_time import to_local

AT = datetime(2026, 3, 1, 23, 59, 59, 999_999)


@pytest.fixture
def one(store: Warehouse) -> Warehouse:
    """One row, to ask for values beside it."""
    store.append("loads", pa.table({"shop_id": ["s"], "load_id": ["l"], "kind": ["k"], "committed_at": [AT], "rows": [7]}))
    return store


def asked(store: Warehouse, **values: ir.Value) -> dict[str, object]:
    return store.rows(store.table("loads").select(**values))[0]


def test_fractions_as_text(one: Warehouse) -> None:
    rows = one.table("loads").rows.cast("float64")
    fractions = [0.1, 19.9, 1e7, 12345678.5, 0.0005, 0.0001, 1e15, 123456789012.25, 1e16, 1e22, 1e-5, 1.5e-7, -98765432.125, 0.0]

    found = asked(one, **{f"v{n}": (rows * 0 + number).cast("string") for n, number in enumerate(fractions)})

    assert list(found.values()) == [
        "0.1", "19.9", "10000000.0", "12345678.5", "0.0005", "0.0001", "1000000000000000.0", "123456789012.25", "1e+16", "1e+22",
        "1e-05", "1.5e-07", "-98765432.125", "0.0",
    ]  # fmt: skip


def test_fractions_in_json_keep_their_digits_and_texts_that_look_like_them_stay(store: Warehouse) -> None:
    told = '{"a":12345678.5,"b":0.0005,"c":0.00001,"d":1e22,"e":1.5e-7,"f":"1.0E22","g":"5.0E-4","h":-20000000.25,"i":10000000}'
    store.append("loads", pa.table({"shop_id": ["s"], "load_id": ["l"], "kind": [told], "committed_at": [AT], "rows": [1]}))

    found = asked(store, **{key: json_text(store.table("loads").kind, key) for key in "abcdefghi"})

    assert list(found.values()) == [
        "12345678.5", "0.0005", "0.00001", "1e22", "1.5e-7", "1.0E22", "5.0E-4", "-20000000.25", "10000000",
    ]  # fmt: skip


def test_bits_of_numbers(store: Warehouse) -> None:
    given = pa.table(
        {"shop_id": ["s", "s"], "load_id": ["l", "m"], "kind": ["k", "k"], "committed_at": [AT, AT], "rows": [1 << 61, 5]}
    )
    store.append("loads", given)
    rows = store.table("loads")
    found = rows.group_by("kind").aggregate(word=rows.rows.bit_or(), five=rows.rows.bit_or(where=rows.rows < 9))

    bits = found.select("five", "word", high=(found.word >> 61) & 1, low=(found.word >> 1) & 1, without=found.word & ~5)

    assert store.rows(bits) == [{"five": 5, "word": (1 << 61) | 5, "high": 1, "low": 0, "without": 1 << 61}]


def test_numbers_of_different_kinds(store: Warehouse) -> None:
    lines = [
        {"shop_id": "s", "order_id": "o", "line_key": n, "ordered_at": AT, "status": "placed", "kind": "product", "load_id": "l",
         "quantity": n, "unit_price": Decimal(n) / 2, "amount_minor": n * 10, "currency": "CNY", "customer_id": "ab"[n % 2]}
        for n in range(1, 6)
    ]  # fmt: skip
    store.append("order_lines", arrow_rows(TABLES["order_lines"], lines))
    table = store.table("order_lines")
    late = table.quantity > 2

    found = store.rows(
        table.aggregate(
            mean=table.quantity.mean(),
            ratio=table.quantity.sum() / table.line_key.sum(),
            third=table.amount_minor.min() / 3,
            middle=table.amount_minor.median(),
            middle_of_late=table.amount_minor.median(where=late),
            most=table.quantity.quantile(0.8, where=late),
            dearest=table.customer_id.argmax(table.unit_price),
            cheapest=table.line_key.argmin(table.unit_price, where=late),
            nobody=table.amount_minor.max(where=table.quantity > 9),
        )
    )[0]

    assert {name: value for name, value in found.items() if name != "most"} == {
        "mean": 3.0, "ratio": 1.0, "third": 10 / 3, "middle": 30.0, "middle_of_late": 40.0, "dearest": "b", "cheapest": 3, "nobody": None,
    }  # fmt: skip
    assert float(found["most"]) == pytest.approx(4.6)
    assert isinstance(found["mean"], float) and isinstance(found["ratio"], float)


def test_times_between(one: Warehouse) -> None:
    at = one.table("loads").committed_at
    later = at + ibis.interval(seconds=1)
    number = one.table("loads").rows.cast("float64")

    found = asked(
        one,
        days=later.delta(at, unit="day"),
        hours=later.delta(at, unit="hour"),
        back=at.delta(later, unit="day"),
        micros=later.delta(at, unit="microsecond"),
        dates=later.date().delta(at.date(), unit="day"),
        part=at.microsecond(),
        seconds=at.epoch_seconds(),
        month=later.truncate("M"),
        week=later.truncate("W").date(),
        minute=at.truncate("m"),
        cut=((later.epoch_seconds() - at.epoch_seconds()) * 1.5).cast("int64"),
        halves=(number.cast("decimal(18, 3)") + ibis.literal(Decimal("0.5"))).cast("int64") + (number * 0 + 2.5).cast("int64") * 10,
    )

    assert found == {
        "days": 1, "hours": 1, "back": -1, "micros": 1_000_000, "dates": 1, "part": 999_999,
        "seconds": pytest.approx(1772409599.999999, abs=1e-6), "month": datetime(2026, 3, 1), "week": datetime(2026, 3, 2).date(),
        "minute": datetime(2026, 3, 1, 23, 59), "cut": 2, "halves": 28,
    }  # fmt: skip


@pytest.mark.parametrize("zone", ["Europe/London", "Australia/Lord_Howe"])
def test_hours_are_local_across_the_change_of_clocks(store: Warehouse, zone: str) -> None:
    instants = [
        day + timedelta(minutes=10 * step) for day in (datetime(2025, 4, 5), datetime(2025, 10, 25, 12)) for step in range(6 * 36)
    ]
    rows = [{"shop_id": "s", "load_id": str(n), "kind": "k", "committed_at": at, "rows": n} for n, at in enumerate(instants)]
    store.append("loads", arrow_rows(TABLES["loads"], rows))
    table = store.table("loads")
    local = to_local(table.committed_at, zone, datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))

    found = store.rows(table.group_by(hour=local.truncate("h")).aggregate(rows=table.count()))

    wanted: dict[datetime, int] = {}
    for at in instants:
        hour = at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None, minute=0)
        wanted[hour] = wanted.get(hour, 0) + 1
    assert {row["hour"]: row["rows"] for row in found} == wanted


def test_an_order_puts_nothing_last_and_compares_signs_by_their_code(store: Warehouse) -> None:
    told = ["b", "A", "a", "茶", "é", "", None]
    products = [{"shop_id": "s", "product_id": str(n), "name": name, "load_id": "l"} for n, name in enumerate(told)]
    store.append("products", arrow_rows(TABLES["products"], products))
    table = store.table("products")

    up = [row["name"] for row in store.rows(table.order_by(table.name).select("name"))]
    down = [row["name"] for row in store.rows(table.order_by(table.name.desc()).select("name"))]

    assert up == ["", "A", "a", "b", "é", "茶", None]
    assert [name for name in down if name is not None] == up[-2::-1]
