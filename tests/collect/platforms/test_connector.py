"""Reading a database: everything once, in pages that part no ties, safe to be killed anywhere, and nothing is ever written there."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, make_url, select, text

from regulars.access import Caller, Keyring
from regulars.access.domain import Shop
from regulars.collect.platforms import connectors, databases, pulling, wishes
from regulars.collect.platforms.connectors import ConnectorRun
from regulars.collect.platforms.domain.cursor import cut, decode, encode
from regulars.collect.platforms.tables import connector, connector_run, connector_seen
from regulars.collect.platforms.wishes import Wish
from regulars.errors import Conflict, InvalidInput, NotAllowed, Unavailable
from regulars.records import Records
from tests.collect.platforms.conftest import Stream, open_shop

QUERY = "SELECT i.id, o.number, o.created_at, o.changed_at, o.member_id, o.state, o.refunded, i.sku, i.qty, i.price FROM orders o JOIN items i ON i.number = o.number"
MAPPING = {
    "order_id": "number", "ordered_at": "created_at", "updated_at": "changed_at", "customer_id": "member_id", "status": "state",
    "refund_amount": "refunded", "product_id": "sku", "quantity": "qty", "unit_price": "price",
}  # fmt: skip


class ShopDatabase:
    """The shop's own database, as its own programs write it."""

    def __init__(self, url: str) -> None:
        self.url = url
        parsed = make_url(url)
        self.engine: Engine = create_engine(
            parsed.set(drivername="postgresql+psycopg") if parsed.drivername == "postgresql" else parsed
        )
        money, time = ("NUMERIC(12,2)", "TIMESTAMP") if self.engine.dialect.name == "postgresql" else ("TEXT", "TEXT")
        self.run(
            f"CREATE TABLE orders (number TEXT PRIMARY KEY, created_at {time}, changed_at {time}, member_id INTEGER, state TEXT, refunded {money})"
        )
        self.run(f"CREATE TABLE items (id INTEGER PRIMARY KEY, number TEXT, sku TEXT, qty INTEGER, price {money})")
        self.items = 0

    def run(self, statement: str, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(statement), values)

    def order(self, number: str, lines: int = 1, *, day: int = 1, state: str = "paid", refunded: str = "0") -> None:
        at = f"2026-10-{day:02d} 10:00:00"
        values = {"n": number, "at": at, "state": state, "refunded": refunded}
        self.run("INSERT INTO orders VALUES (:n, :at, :at, 7, :state, :refunded)", **values)
        for line in range(lines):
            self.line(number, f"SKU-{line}")

    def line(self, number: str, sku: str) -> None:
        self.items += 1
        self.run("INSERT INTO items VALUES (:id, :n, :sku, 2, '10.10')", id=self.items, n=number, sku=sku)

    def change(self, number: str, day: int, **values: str) -> None:
        sets = ", ".join(f"{name} = :{name}" for name in values)
        self.run(
            f"UPDATE orders SET {sets}, changed_at = :at WHERE number = :n", n=number, at=f"2026-10-{day:02d} 10:00:00", **values
        )


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def theirs(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ShopDatabase]:
    """A shop's database on both kinds."""
    url = f"sqlite:///{tmp_path}/theirs.db" if request.param == "sqlite" else request.getfixturevalue("postgres").fresh_database()
    made = ShopDatabase(url)
    yield made
    made.engine.dispose()


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[ShopDatabase]:
    """A shop's database in a file."""
    made = ShopDatabase(f"sqlite:///{tmp_path}/theirs.db")
    yield made
    made.engine.dispose()


class Desk:
    """A connector and its runs."""

    def __init__(self, records: Records, home: Path, shell: Caller, stream: Stream) -> None:
        self.records, self.home, self.shell, self.stream = records, home, shell, stream
        self.shop: Shop = open_shop(records, shell)

    def wish(self, theirs: ShopDatabase, **more: Any) -> Wish:
        made = Wish(
            name="Shop database", takes="orders", url=theirs.url, query=QUERY, cursor_column="id", mapping=MAPPING, overlap=0
        )
        return replace(made, **more)

    def connect(self, theirs: ShopDatabase, **more: Any) -> str:
        with self.records.unit() as uow:
            made = connectors.add(uow, self.records, self.home, self.shell, self.shop, self.wish(theirs, **more))
        return made.connector_id

    def pull(self, connector_id: str, **more: Any) -> ConnectorRun:
        return pulling.run_connector(self.records, self.home, Keyring.open(self.home), connector_id, **more)

    def try_(self, theirs: ShopDatabase, **more: Any) -> wishes.DryRun:
        return wishes.dry_run(self.records, self.home, self.shell, self.shop, self.wish(theirs, **more))

    def row(self, connector_id: str) -> dict[str, Any]:
        with self.records.reading() as view:
            found = view.one(select(connector).where(connector.c.connector_id == connector_id))
        assert found is not None
        return dict(found)


@pytest.fixture
def desk(records: Records, home: Path, shell: Caller, stream: Stream) -> Desk:
    return Desk(records, home, shell, stream)


@pytest.fixture
def any_desk(any_records: Records, home: Path, shell: Caller, stream: Stream) -> Desk:
    return Desk(any_records, home, shell, stream)


def completed(desk: Desk) -> list[str]:
    return sorted(message["properties"]["order_id"] for message in desk.stream.named("Order Completed"))


def test_orders_come_once_each_with_all_their_lines(any_desk: Desk, theirs: ShopDatabase) -> None:
    """Two lines of 2 x 10.10 are 40.40; Shanghai's 10:00 is 02:00 UTC."""
    for number in range(7):
        theirs.order(f"A{number}", lines=2)
    made = any_desk.connect(theirs, batch_rows=3)

    first, again = any_desk.pull(made), any_desk.pull(made)

    assert completed(any_desk) == [f"A{number}" for number in range(7)]
    assert (first.state, first.rows, again.messages) == ("done", 14, 0)
    one = any_desk.stream.named("Order Completed")[0]
    assert (one["userId"], one["timestamp"], one["properties"]["total"]) == ("7", "2026-10-01T02:00:00Z", "40.40")
    assert [line["product_id"] for line in one["properties"]["products"]] == ["SKU-0", "SKU-1"]
    assert len(any_desk.stream.handed) == len(any_desk.stream.messages)


def test_what_is_new_comes_at_the_next_run(desk: Desk, theirs: ShopDatabase) -> None:
    theirs.order("A1")
    made = desk.connect(theirs)
    desk.pull(made)
    theirs.order("A2")

    second = desk.pull(made)

    assert (second.cursor_before, second.cursor_after) == ("1", "2")
    assert completed(desk) == ["A1", "A2"]


def test_an_order_whose_lines_lie_apart_is_whole(desk: Desk, theirs: ShopDatabase) -> None:
    theirs.order("A1")
    theirs.order("A2", lines=5)
    theirs.line("A1", "LATE")
    made = desk.connect(theirs, batch_rows=2)

    desk.pull(made)

    first = next(message for message in desk.stream.named("Order Completed") if message["properties"]["order_id"] == "A1")
    assert [line["product_id"] for line in first["properties"]["products"]] == ["SKU-0", "LATE"]


def test_a_line_that_is_added_later_is_an_update(desk: Desk, theirs: ShopDatabase) -> None:
    theirs.order("A1")
    made = desk.connect(theirs)
    desk.pull(made)
    theirs.line("A1", "LATE")

    desk.pull(made)

    assert [message["properties"]["total"] for message in desk.stream.named("Order Updated")] == ["40.40"]
    assert completed(desk) == ["A1"]


@pytest.mark.parametrize("batch", [1, 2, 3, 7, 100])
def test_ties_of_the_cursor_are_never_parted(desk: Desk, theirs: ShopDatabase, batch: int) -> None:
    for number in range(12):
        theirs.order(f"A{number:02d}", day=1 + number // 5)
    made = desk.connect(theirs, cursor_column="changed_at", batch_rows=batch)

    run = desk.pull(made)

    assert completed(desk) == [f"A{number:02d}" for number in range(12)]
    assert run.rows == 12
    assert len(desk.stream.handed) == 12


def test_changes_come_with_the_time_of_the_change(desk: Desk, theirs: ShopDatabase) -> None:
    theirs.order("A1", refunded="0")
    theirs.order("A2")
    made = desk.connect(theirs, cursor_column="changed_at")
    desk.pull(made)
    theirs.change("A1", 5, refunded="5.00")
    desk.pull(made)
    theirs.change("A1", 7, refunded="12.50")
    desk.pull(made)
    theirs.change("A2", 8, state="cancelled")
    desk.pull(made)

    refunds = desk.stream.named("Order Refunded")
    assert [refund["properties"]["total"] for refund in refunds] == ["5.00", "7.50"]
    assert [refund["timestamp"] for refund in refunds] == ["2026-10-05T02:00:00Z", "2026-10-07T02:00:00Z"]
    assert [message["properties"]["order_id"] for message in desk.stream.named("Order Cancelled")] == ["A2"]
    assert completed(desk) == ["A1", "A2"]


def test_an_order_counts_when_it_is_paid(desk: Desk, theirs: ShopDatabase) -> None:
    theirs.order("A1", state="pending")
    made = desk.connect(theirs, cursor_column="changed_at")
    assert desk.pull(made).messages == 0

    theirs.change("A1", 3, state="paid")
    desk.pull(made)

    assert completed(desk) == ["A1"]


def test_rows_that_were_committed_late_are_found_by_the_overlap(desk: Desk, theirs: ShopDatabase) -> None:
    """Two programs take the numbers 1 and 2; the one with 1 commits after we have read 2."""
    theirs.items = 1
    theirs.order("A2")
    made = desk.connect(theirs, overlap=None)
    desk.pull(made)
    theirs.items = 0
    theirs.order("A1")

    desk.pull(made)

    assert completed(desk) == ["A1", "A2"]
    assert len(desk.stream.handed) == 2


@pytest.mark.parametrize("kill_at", range(1, 13))
def test_a_run_that_is_killed_at_any_step_loses_and_doubles_nothing(
    desk: Desk, lite: ShopDatabase, kill_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each batch has three steps (told beforehand, streamed, kept); the run is cut off before and after each of them in turn."""
    for number in range(6):
        lite.order(f"A{number}", lines=2, day=1 + number, refunded="1.00" if number == 2 else "0")
    made = desk.connect(lite, cursor_column="changed_at", batch_rows=3)
    steps = iter(range(1, 1000))

    def cut_off(step: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*given: Any, **more: Any) -> Any:
            if next(steps) == kill_at:
                raise KeyboardInterrupt
            done = step(*given, **more)
            if next(steps) == kill_at:
                raise KeyboardInterrupt
            return done

        return stepped

    with monkeypatch.context() as patched:
        patched.setattr(pulling, "_remember", cut_off(pulling._remember))
        patched.setattr(Stream, "accept", cut_off(Stream.accept))
        with pytest.raises(KeyboardInterrupt):
            desk.pull(made)
    lite.change("A2", 20, refunded="3.50")
    lite.change("A0", 21, state="cancelled")
    desk.pull(made)
    desk.pull(made)

    assert completed(desk) == [f"A{number}" for number in range(6)]
    refunds = desk.stream.named("Order Refunded")
    assert sum(Decimal(refund["properties"]["total"]) for refund in refunds) == Decimal("3.50")
    assert len(desk.stream.named("Order Cancelled")) == 1
    newest = max(desk.stream.named("Order Updated"), key=lambda message: message["timestamp"], default=None)
    assert newest is None or newest["properties"]["order_id"] in ("A0", "A2")


def test_a_stream_that_is_full_moves_no_cursor(desk: Desk, lite: ShopDatabase) -> None:
    lite.order("A1")
    made = desk.connect(lite)

    class Full(Stream):
        def accept(self, messages: Any) -> None:
            raise Unavailable("the stream is full", mend="wait")

    with pytest.raises(Unavailable):
        desk.pull(made, sink=Full(desk.stream.path))

    assert desk.row(made)["cursor"] is None
    assert desk.pull(made).messages == 1


def test_two_runs_at_once_are_one(desk: Desk, lite: ShopDatabase) -> None:
    lite.order("A1")
    made = desk.connect(lite)

    class Meanwhile(Stream):
        def accept(self, messages: Any) -> None:
            with pytest.raises(Conflict) as error:
                desk.pull(made)
            assert error.value.code == "connector_running"
            super().accept(messages)

    desk.pull(made, sink=Meanwhile(desk.stream.path, made))

    assert completed(desk) == ["A1"]


def test_a_run_whose_process_died_lets_go_after_a_while(desk: Desk, lite: ShopDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    lite.order("A1")
    made = desk.connect(lite)
    with monkeypatch.context() as patched:
        patched.setattr(pulling, "finish", lambda *_: None)
        desk.pull(made)
    with pytest.raises(Conflict):
        desk.pull(made)

    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=16), tick=True):
        assert desk.pull(made).state == "done"
    with desk.records.reading() as view:
        states = [row["state"] for row in view.rows(select(connector_run).order_by(connector_run.c.run_id))]
    assert states == ["stopped", "done"]


def test_a_row_that_cannot_be_read_is_put_aside_and_costs_no_other(desk: Desk, lite: ShopDatabase) -> None:
    for number in ("A1", "A2", "A3"):
        lite.order(number)
    lite.run("UPDATE items SET price = 'a lot' WHERE number = 'A2'")
    made = desk.connect(lite)

    run = desk.pull(made)

    assert completed(desk) == ["A1", "A3"]
    assert (run.quarantined, len(desk.stream.refused)) == (1, 1)
    assert "unit_price" in desk.stream.refused[0]["detail"]
    assert "a lot" not in desk.stream.refused[0]["detail"]


def test_customers_products_and_events_are_taken_too(desk: Desk, theirs: ShopDatabase) -> None:
    theirs.run("CREATE TABLE members (id INTEGER, mail TEXT, full_name TEXT, changed TEXT)")
    theirs.run("INSERT INTO members VALUES (1, 'mei@example.com', 'Mei', '2026-10-01T00:00:00Z')")
    theirs.run("CREATE TABLE goods (id INTEGER, sku TEXT, title TEXT, price NUMERIC(10,2), stock INTEGER)")
    theirs.run("INSERT INTO goods VALUES (1, 'T1', 'Tea', 9.90, 3)")
    theirs.run("CREATE TABLE actions (id INTEGER, event TEXT, visitor_id TEXT, happened_at TEXT, page TEXT)")
    theirs.run("INSERT INTO actions VALUES (1, 'Page Viewed', 'dev-1', '2026-10-01T00:00:00+08:00', '/tea')")
    kinds: list[tuple[str, str, dict[str, str]]] = [
        (
            "customers",
            "SELECT * FROM members",
            {"customer_id": "id", "customer_email": "mail", "customer_name": "full_name", "updated_at": "changed"},
        ),
        ("products", "SELECT * FROM goods", {"product_id": "sku", "product_name": "title"}),
        ("events", "SELECT * FROM actions", {}),
    ]
    for takes, query, mapping in kinds:
        made = desk.connect(theirs, takes=takes, query=query, mapping=mapping)
        desk.pull(made)
        desk.pull(made)

    who, what, act = desk.stream.messages
    assert (who["userId"], who["traits"]["email"]) == ("1", "mei@example.com")
    assert Decimal(what["properties"]["price"]) == Decimal("9.90")
    assert (act["event"], act["anonymousId"], act["timestamp"], act["properties"]["page"]) == (
        "Page Viewed",
        "dev-1",
        "2026-09-30T16:00:00Z",
        "/tea",
    )


def test_a_dry_run_tells_and_keeps_nothing(desk: Desk, theirs: ShopDatabase) -> None:
    theirs.order("A1", lines=2)
    theirs.order("A2")

    found = desk.try_(theirs)

    assert (found.rows, found.mapping["order_id"], found.cursor) == (3, "number", "3")
    assert [message["event"] for message in found.messages if message["type"] == "track"] == ["Order Completed", "Order Completed"]
    assert desk.stream.lines == []
    with desk.records.reading() as view:
        assert view.rows(select(connector)) == view.rows(select(connector_seen)) == []


def test_columns_are_recognised_by_the_words_of_files(desk: Desk, theirs: ShopDatabase) -> None:
    query = "SELECT i.id AS line_no, o.number AS order_number, o.created_at AS order_date, o.member_id AS customer_id, i.sku, i.qty AS quantity, i.price AS unit_price FROM orders o JOIN items i ON i.number = o.number"
    theirs.order("A1")

    found = desk.try_(theirs, query=query, mapping={}, cursor_column="line_no")

    assert {name: found.mapping[name] for name in ("order_id", "ordered_at", "customer_id", "quantity")} == {
        "order_id": "order_number", "ordered_at": "order_date", "customer_id": "customer_id", "quantity": "quantity",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"query": "SELECT nothing FROM orders"}, "bad_query"), ({"query": "SELECT * FROM nowhere"}, "bad_query"), ({"query": "DELETE FROM orders"}, "bad_query"),
        ({"query": "SELECT 1; DROP TABLE orders"}, "bad_query"), ({"query": ""}, "bad_query"), ({"query": "PRAGMA query_only = OFF"}, "bad_query"),
        ({"query": "ATTACH 'x.db' AS x"}, "bad_query"), ({"query": "WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone"}, "bad_query"),
        ({"query": "CREATE TABLE x AS SELECT 1"}, "bad_query"), ({"query": "SELECT id, id FROM items"}, None),
        ({"cursor_column": "absent"}, "missing_cursor_column"), ({"mapping": {"order_id": "absent"}}, "unknown_column"),
        ({"mapping": {"order_no": "number"}}, "unknown_field"), ({"takes": "cats"}, "bad_kind"), ({"batch_rows": 0}, "bad_batch"),
        ({"every_minutes": 0}, "bad_minutes"), ({"overlap": -1}, "bad_overlap"), ({"currency": "yuan"}, "bad_currency"), ({"statuses": {"x": "gone"}}, "bad_status"),
        ({"timezone": "Mars/Olympus"}, None), ({"name": " "}, "bad_name"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_before_anything_is_made(
    desk: Desk, theirs: ShopDatabase, more: dict[str, Any], code: str | None
) -> None:
    theirs.order("A1")

    with pytest.raises(InvalidInput) as error:
        desk.connect(theirs, **more)

    assert code in (None, error.value.code)
    assert error.value.mend
    assert desk.try_(theirs).rows == 1


def test_a_cursor_that_cannot_tell_how_far_is_refused(desk: Desk, theirs: ShopDatabase) -> None:
    theirs.order("A1")
    theirs.order("A2")
    theirs.run("UPDATE orders SET changed_at = NULL WHERE number = 'A1'")
    with pytest.raises(InvalidInput) as empty:
        desk.connect(theirs, cursor_column="changed_at")

    ratio = QUERY.replace("i.id,", "CAST(i.id AS REAL) AS ratio,")
    with pytest.raises(InvalidInput) as inexact:
        desk.try_(theirs, query=ratio, cursor_column="ratio")

    assert {empty.value.code, inexact.value.code} == {"bad_cursor_column"}


def test_values_that_do_not_grow_are_refused() -> None:
    with pytest.raises(InvalidInput):
        databases.check_order([1, 3, 2], None, "id")
    with pytest.raises(InvalidInput):
        databases.check_order([1, datetime(2026, 1, 1)], None, "id")
    databases.check_order([1, 1, 2], 1, "id")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_database_is_only_read(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    theirs = ShopDatabase(
        f"sqlite:///{tmp_path}/theirs.db" if kind == "sqlite" else request.getfixturevalue("postgres").fresh_database()
    )
    theirs.order("A1")
    url = databases.checked_url(theirs.url, tmp_path / "home", make_url("sqlite:////elsewhere/records.sqlite"))

    with databases.opened(url, "SELECT * FROM items", "id") as database:
        for statement in (
            "DELETE FROM items",
            "INSERT INTO items VALUES (9, 'x', 'x', 1, '1')",
            "CREATE TABLE mine (x INTEGER)",
            "ATTACH 'y.db' AS y",
            "PRAGMA query_only = OFF",
            "SET TRANSACTION READ WRITE",
        ):
            with pytest.raises((InvalidInput, Unavailable)):
                database._run(text(statement))
            if kind == "postgresql":
                break  # the first refusal ends the transaction; the rest follows below, one by one
    if kind == "postgresql":
        for sneaky in ("SELECT id, set_config('transaction_read_only', 'off', false) FROM items", "SELECT nextval('s') AS id"):
            theirs.run("CREATE SEQUENCE IF NOT EXISTS s")
            with pytest.raises(InvalidInput), databases.opened(url, sneaky, "id") as database:
                database.page(None, 5, including=True)
    with theirs.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM items")).scalar() == 1
    theirs.engine.dispose()


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "bad_database_url"), ("not a url", "bad_database_url"), ("duckdb:///x.duckdb", "bad_database_url"), ("http://example.com", "bad_database_url"),
        ("sqlite://", "bad_database_url"), ("sqlite:///:memory:", "bad_database_url"), ("sqlite:///relative.db", "bad_database_url"),
        ("sqlite:////nowhere/at/all.db", "bad_database_url"), ("sqlite:///file:x?mode=rw&uri=true", "bad_database_url"), ("sqlite:///{home}/records.sqlite", "own_store"),
        ("sqlite:///{home}/../home/records.sqlite", "own_store"), ("sqlite:///{link}", "own_store"), ("sqlite:///{text}", "bad_database_url"),
        ("sqlite:///{home}", "own_store"), ("sqlite+pysqlcipher:///{home}/x", "bad_database_url"), ("postgresql+pg8000://h/d", "bad_database_url"),
        ("postgresql://h/d?service=x", "bad_database_url"), ("postgresql://h/d?passfile=/etc/passwd", "bad_database_url"), ("postgresql://h/d?options=-c%20x", "bad_database_url"),
        ("mysql://h/d?local_infile=1", "bad_database_url"), ("mysql://h/d?read_default_file=/etc/x", "bad_database_url"),
    ],
)  # fmt: skip
def test_addresses_that_reach_where_they_must_not_are_refused(
    desk: Desk, lite: ShopDatabase, tmp_path: Path, url: str, code: str
) -> None:
    (tmp_path / "link.db").symlink_to(desk.home / "records.sqlite")
    (tmp_path / "text.db").write_text("not a database at all")

    with pytest.raises(InvalidInput) as error:
        desk.connect(lite, url=url.format(home=desk.home, link=tmp_path / "link.db", text=tmp_path / "text.db"))

    assert error.value.code == code


@pytest.mark.postgres
def test_our_own_records_on_a_server_are_not_read(
    home: Path, shell: Caller, stream: Stream, postgres: Any, lite: ShopDatabase
) -> None:
    url = postgres.fresh_database()
    records = Records.open(url)
    records.migrate()
    desk = Desk(records, home, shell, stream)

    with pytest.raises(InvalidInput) as error:
        desk.connect(lite, url=url)

    assert error.value.code == "own_store"
    records.close()


@pytest.mark.parametrize("url", ["postgresql://reader:s3cr3t-w0rd@127.0.0.1:9/shop", "mysql://reader:s3cr3t-w0rd@127.0.0.1:9/shop"])
def test_a_database_that_is_away_is_named_without_its_password(desk: Desk, lite: ShopDatabase, url: str) -> None:
    with pytest.raises((Unavailable, InvalidInput)) as error:
        desk.connect(lite, url=url)

    assert error.value.code in ("database_away", "no_driver")
    assert "s3cr3t-w0rd" not in str(error.value) + json.dumps(error.value.values, default=str)


def test_the_address_is_sealed_and_never_shown(desk: Desk, theirs: ShopDatabase, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    theirs.order("A1")
    url = theirs.url.replace("//regulars@", "//regulars:s3cr3t-w0rd@")
    made = desk.connect(theirs, url=url)
    desk.pull(made)
    with desk.records.reading() as view:
        shown = repr(connectors.get(view, desk.shell, made)) + repr(connectors.runs(view, desk.shell, made))

    assert b"s3cr3t-w0rd" not in desk.row(made)["url_sealed"]
    assert "s3cr3t-w0rd" not in shown + caplog.text
    assert "regulars@" not in shown


def test_a_failed_run_is_written_down_with_what_to_do(desk: Desk, theirs: ShopDatabase) -> None:
    theirs.order("A1")
    made = desk.connect(theirs)
    theirs.run("DROP TABLE items")

    with pytest.raises(InvalidInput):
        desk.pull(made)

    with desk.records.reading() as view:
        run = connectors.runs(view, desk.shell, made)[0]
        assert (run.state, run.error_code) == ("failed", "bad_query")
        assert connectors.due(view, "tea") == []
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=16), tick=True), desk.records.reading() as view:
        assert connectors.due(view, "tea") == [made]


def test_changing_a_connector(desk: Desk, theirs: ShopDatabase) -> None:
    theirs.order("A1")
    made = desk.connect(theirs)
    desk.pull(made)
    with desk.records.unit() as uow:
        paused = connectors.change(uow, desk.records, desk.home, desk.shell, desk.shop, made, {"paused": True})
        assert connectors.due(uow, "tea") == []
        again = connectors.change(uow, desk.records, desk.home, desk.shell, desk.shop, made, {"every_minutes": 5, "paused": False})
    with desk.records.unit() as uow:
        fresh = connectors.change(uow, desk.records, desk.home, desk.shell, desk.shop, made, {"from_the_start": True})

    assert (paused.paused, paused.cursor, again.every_minutes, again.cursor, fresh.cursor) == (True, "1", 5, "1", None)
    assert desk.pull(made).rows == 1
    assert len(desk.stream.messages) == 1
    with desk.records.unit() as uow:
        connectors.remove(uow, desk.shell, made)
    with desk.records.reading() as view:
        assert view.rows(select(connector)) == view.rows(select(connector_seen)) == view.rows(select(connector_run)) == []


def test_only_those_who_may_connect_data_do(desk: Desk, lite: ShopDatabase) -> None:
    marketer = replace(desk.shell, scopes=frozenset({"load_data"}))

    with pytest.raises(NotAllowed), desk.records.unit() as uow:
        connectors.add(uow, desk.records, desk.home, marketer, desk.shop, desk.wish(lite))


@given(values=st.lists(st.integers(0, 6), max_size=40).map(sorted), limit=st.integers(1, 9))
def test_cutting_pages_takes_every_row_once_and_parts_no_ties(values: list[int], limit: int) -> None:
    taken: list[int] = []
    after = -1
    while True:
        page = [value for value in values if value > after][: limit + 1]
        end = cut(page, limit)
        if end.tied is not None:
            assert len([value for value in values if value == end.tied]) > limit
            taken += [value for value in values if value == end.tied]
            after = end.tied
            continue
        taken += page[: end.taken]
        if not end.more:
            break
        after = end.last

    assert taken == values


@given(
    value=st.one_of(
        st.integers(),
        st.decimals(allow_nan=False, allow_infinity=False, places=3),
        st.datetimes(),
        st.datetimes(timezones=st.just(UTC)),
        st.dates(),
        st.text(min_size=1),
    )
)
def test_a_cursor_is_given_back_as_it_was(value: Any) -> None:
    assert decode(json.loads(json.dumps(encode(value, "c")))) == value


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=25), batch=st.integers(1, 6))
def test_whatever_the_rows_and_pages_each_order_comes_whole(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, int]], batch: int
) -> None:
    path = tmp_path_factory.mktemp("rows") / "x.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (c INTEGER, o TEXT)")
        connection.executemany("INSERT INTO t VALUES (?, ?)", [(c, f"o{o}") for c, o in rows])
    url = databases.checked_url(f"sqlite:///{path}", path.parent / "home", make_url("sqlite:////elsewhere/records.sqlite"))

    found: list[tuple[int, str]] = []
    with databases.opened(url, "SELECT * FROM t", "c") as database:
        after, more = None, True
        while more:
            page, end = database.page(after, batch, including=False)
            found += [(row["c"], row["o"]) for row in page]
            after, more = (end.last if end.last is not None else after), end.more

    assert sorted(found) == sorted((c, f"o{o}") for c, o in rows)
