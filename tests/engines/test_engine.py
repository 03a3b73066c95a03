"""What every engine behind the protocol does the same way."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.errors import InvalidInput, NotFound
from regulars.values.periods import bucket_start
from regulars.warehouse import TABLES, MergeCounts, Warehouse, placeholder
from regulars.warehouse.arrow import arrow_schema
from regulars.warehouse.local_time import local_bucket, local_date, to_local

T0 = datetime(2025, 1, 1)


def products(*rows: tuple[str, str | None, int | None], load: str = "l1") -> pa.Table:
    """Rows (product_id, name, price) as the warehouse's `products`."""
    columns = TABLES["products"].columns
    data = {name: [None] * len(rows) for name in columns}
    data |= {
        "shop_id": ["s"] * len(rows),
        "product_id": [row[0] for row in rows],
        "name": [row[1] for row in rows],
        "price_minor": [row[2] for row in rows],
        "load_id": [load] * len(rows),
    }
    return pa.table(data, schema=arrow_schema(TABLES["products"]))


def as_file(folder: Path, table: pa.Table, name: str = "rows.parquet") -> Path:
    pq.write_table(table, folder / name)
    return folder / name


def names(store: Warehouse) -> dict[str, str | None]:
    table = store.table("products")
    return {row["product_id"]: row["name"] for row in store.rows(table)}


def test_every_table_of_the_schema_exists_with_its_columns_and_types(store: Warehouse) -> None:
    for name, spec in TABLES.items():
        answer = store.query(store.table(name))

        assert answer.column_names == list(spec.columns)
        assert answer.num_rows == 0


def test_opening_again_keeps_rows_and_adds_columns_of_a_newer_release(engine_url: str) -> None:
    first = Warehouse.open(engine_url)
    first.append("products", products(("a", "tea", 100)))
    first.close()

    again = Warehouse.open(engine_url)

    assert names(again) == {"a": "tea"}
    again.close()


def test_appended_values_come_back_as_they_were(store: Warehouse) -> None:
    awkward = 'O\'Neill "quoted" \\ back\nslash ½ 茶叶 🍵 %s $1 <script>'

    store.append("products", products(("a", awkward, 2**53 + 1), ("b", None, None), ("c", "", -1)))

    table = store.table("products")
    rows = {row["product_id"]: row for row in store.rows(table)}
    assert rows["a"]["name"] == awkward
    assert rows["a"]["price_minor"] == 2**53 + 1
    assert rows["b"]["name"] is None
    assert rows["c"]["name"] == ""


def test_rows_are_merged_like_files(store: Warehouse) -> None:
    store.merge("products", products(("a", "tea", 100), ("b", "cup", 5)))

    counts = store.merge("products", products(("a", "tea", 120), ("b", "cup", 5), ("c", "pot", 9), load="l2"))
    kept = store.merge("products", products(("a", "coffee", 1), ("d", "jar", 2)), update=False)

    assert (counts, kept) == (MergeCounts(1, 1, 1), MergeCounts(1, 0, 1))
    assert names(store) == {"a": "tea", "b": "cup", "c": "pot", "d": "jar"}


def test_instants_and_decimals_are_exact_to_the_microsecond_and_digit(store: Warehouse) -> None:
    at = datetime(2024, 2, 29, 23, 59, 59, 999_999)
    table = store.table("loads")
    store.append("loads", pa.table({"shop_id": ["s"], "load_id": ["l"], "kind": ["k"], "committed_at": [at], "rows": [1]}))

    row = store.rows(
        table.mutate(
            exact=ibis.literal(Decimal("0.1"), type="decimal(18, 4)") + ibis.literal(Decimal("0.2"), type="decimal(18, 4)")
        )
    )[0]

    assert row["committed_at"] == at
    assert row["exact"] == Decimal("0.3")


def test_merge_inserts_what_is_new_and_changes_what_differs(store: Warehouse, tmp_path: Path) -> None:
    store.append("products", products(("a", "tea", 100), ("b", "cup", 200)))

    counts = store.merge(
        "products", [as_file(tmp_path, products(("a", "tea", 100), ("b", "mug", 200), ("c", "pot", 300), load="l2"))]
    )

    assert counts == MergeCounts(inserted=1, updated=1, unchanged=1)
    assert names(store) == {"a": "tea", "b": "mug", "c": "pot"}


def test_merging_the_same_file_again_changes_nothing(store: Warehouse, tmp_path: Path) -> None:
    file = as_file(tmp_path, products(("a", "tea", 100), ("b", None, None)))
    store.merge("products", [file])

    counts = store.merge("products", [file])

    assert counts == MergeCounts(0, 0, 2)


def test_a_null_that_becomes_a_value_is_a_change_and_back(store: Warehouse, tmp_path: Path) -> None:
    store.append("products", products(("a", None, None)))

    there = store.merge("products", [as_file(tmp_path, products(("a", "tea", None)))])
    back = store.merge("products", [as_file(tmp_path, products(("a", None, None)))])

    assert (there.updated, back.updated) == (1, 1)


def test_merge_without_update_leaves_known_rows_alone(store: Warehouse, tmp_path: Path) -> None:
    store.append("products", products(("a", "tea", 100)))

    counts = store.merge("products", [as_file(tmp_path, products(("a", "coffee", 1), ("b", "cup", 2)))], update=False)

    assert (counts.inserted, counts.updated) == (1, 0)
    assert names(store) == {"a": "tea", "b": "cup"}


def test_replace_touches_one_shop_only_and_may_read_the_table_it_replaces(store: Warehouse) -> None:
    store.append("products", products(("a", "tea", 100)))
    other = products(("z", "zebra", 1)).to_pylist()
    store.append("products", pa.Table.from_pylist([{**row, "shop_id": "other"} for row in other], schema=products().schema))
    table = store.table("products")

    store.replace("products", table.filter(table.shop_id == "s").mutate(name=table.name.upper()), shop_id="s")

    assert names(store) == {"a": "TEA", "z": "zebra"}


def test_a_transaction_that_raises_leaves_nothing(store: Warehouse) -> None:
    version = store.version

    with pytest.raises(RuntimeError), store.transaction():  # noqa: PT012 (the point is what happened before)
        store.append("products", products(("a", "tea", 100)))
        store.delete("products", lambda t: t.product_id == "b")
        raise RuntimeError

    assert names(store) == {}
    assert store.version == version


def test_inside_a_transaction_its_own_writes_are_seen_and_by_others_not(store: Warehouse) -> None:
    seen: list[dict[str, str | None]] = []

    with store.transaction():
        store.append("products", products(("a", "tea", 100)))
        other = threading.Thread(target=lambda: seen.append(names(store)))
        other.start()
        other.join()
        assert names(store) == {"a": "tea"}

    assert seen == [{}]
    assert names(store) == {"a": "tea"}


def test_writers_wait_for_each_other_and_readers_do_not(store: Warehouse) -> None:
    def write(number: int) -> None:
        for step in range(5):
            store.append("products", products((f"{number}-{step}", "x", step)))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert len(names(store)) <= 30
    for thread in threads:
        thread.join()

    assert len(names(store)) == 30
    assert store.version == 30


def test_update_and_delete_count_what_they_touch(store: Warehouse) -> None:
    store.append("products", products(("a", "tea", 100), ("b", "cup", 200), ("c", None, None)))

    changed = store.update("products", {"name": "it's", "price_minor": None}, lambda t: t.price_minor > 150)
    removed = store.delete("products", lambda t: t.name.isnull())

    assert (changed, removed) == (1, 1)
    assert names(store) == {"a": "tea", "b": "it's"}


def test_cached_answers_live_until_the_next_write(store: Warehouse) -> None:
    asked: list[int] = []

    def answer() -> int:
        asked.append(1)
        return len(names(store))

    first, second = store.cached("k", answer), store.cached("k", answer)
    store.append("products", products(("a", "tea", 100)))
    third = store.cached("k", answer)

    assert (first, second, third, len(asked)) == (0, 0, 1, 2)


def test_an_unknown_table_or_engine_is_told_with_what_exists(store: Warehouse) -> None:
    with pytest.raises(NotFound, match="Use one of orders"):
        store.table("order")
    with pytest.raises(InvalidInput, match="duckdb:"):
        Warehouse.open("oracle://x")


def test_the_store_checks_itself(store: Warehouse) -> None:
    store.append("products", products(("a", "tea", 100)))

    assert store.check() == []


ZONES = ["UTC", "Asia/Shanghai", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo"]


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    zone=st.sampled_from(ZONES),
    instants=st.lists(st.datetimes(datetime(2009, 1, 1), datetime(2026, 12, 31)), min_size=1, max_size=200),
    week_start=st.sampled_from(["monday", "sunday"]),
)
def test_local_days_weeks_and_months_equal_the_zone_database(
    store: Warehouse, zone: str, instants: list[datetime], week_start: str
) -> None:
    here = ZoneInfo(zone)
    start, end = datetime(2009, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    store.delete("loads", lambda t: t.shop_id == "s")
    store.append(
        "loads",
        pa.table(
            {
                "shop_id": ["s"] * len(instants),
                "load_id": [str(i) for i in range(len(instants))],
                "kind": ["k"] * len(instants),
                "committed_at": pa.array(instants, pa.timestamp("us")),
                "rows": list(range(len(instants))),
            }
        ),
    )
    at = store.table("loads").committed_at
    buckets = {unit: local_bucket(at, unit, zone, start, end, week_start) for unit in ("day", "week", "month")}

    rows = store.rows(
        store.table("loads").mutate(local=to_local(at, zone, start, end), on=local_date(at, zone, start, end), **buckets)
    )

    for row in rows:
        local = row["committed_at"].replace(tzinfo=UTC).astimezone(here)
        assert row["local"] == local.replace(tzinfo=None)
        assert row["on"] == local.date()
        for unit in buckets:
            assert row[unit] == bucket_start(local.date(), unit, week_start)


def test_days_of_23_and_25_hours_are_cut_at_local_midnight(store: Warehouse) -> None:
    start, end = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    hours = [datetime(2025, 3, 29) + timedelta(hours=h) for h in range(24 * 4)] + [
        datetime(2025, 10, 25) + timedelta(hours=h) for h in range(96)
    ]
    rows = {
        "shop_id": ["s"] * 192,
        "load_id": [str(h) for h in range(192)],
        "kind": ["k"] * 192,
        "committed_at": hours,
        "rows": [1] * 192,
    }
    store.append("loads", pa.table(rows))
    table = store.table("loads")

    counted = table.group_by(day=local_date(table.committed_at, "Europe/London", start, end)).aggregate(hours=table.count())

    by_day = {row["day"]: row["hours"] for row in store.rows(counted)}
    assert by_day[date(2025, 3, 30)] == 23
    assert by_day[date(2025, 10, 26)] == 25


def test_rows_are_exchanged_for_others_made_from_the_same_table(store: Warehouse) -> None:
    store.append("products", products(("p1", "Tea", 100), ("p2", "Pot", 200), ("p3", "Cup", 300)))
    table = store.table("products")
    old = table.filter(table.product_id == placeholder("old")).select("shop_id", "product_id")
    new = table.filter(table.product_id == placeholder("old")).mutate(name=table.name.upper())

    assert store.exchange("products", old, new, old="p2") == 1
    assert names(store) == {"p1": "Tea", "p2": "POT", "p3": "Cup"}
