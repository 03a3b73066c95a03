"""From the workbench into the warehouse: one transaction, in which stored orders and new lines become whole orders.

An order may arrive in two files. Lines are united by their keys, and the order's header is added up from that union; the earliest
time counts, the newest file's state and customer count, and lines already stored take the header's time, customer and state.

Orders that messages told of too (collect/orders) are put back to what files said before, merged, and folded again: files are merged with
files, and the archive holds what files said, so a rebuild comes to the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from regulars.collect import orders as told_orders
from regulars.collect.imports.archive import Archive
from regulars.collect.imports.domain.report import Change
from regulars.collect.imports.queries.cells import DELIVERY
from regulars.values.clock import now
from regulars.warehouse import Warehouse
from regulars.warehouse.workbench import Workbench, literal

#: Merged in this order; `orders` comes after its lines, whose union makes the headers.
TABLES = ("customers", "products", "product_snapshots", "reviews", "ad_costs", "market_prices", "order_lines", "refunds", "orders")

_ORDERS_AT_ONCE = 2_000

#: How far apart two files may date one order.
_SAME_ORDER = timedelta(days=7)


def commit(
    warehouse: Warehouse,
    bench: Workbench,
    archive: Archive,
    shop_ids: Sequence[str],
    load_id: str,
    kind: str,
    rows: int,
    *,
    span: tuple[datetime, datetime] | None,
    status_written: bool,
    replace_orders: bool,
) -> dict[str, Change]:
    """Merge the archived files and set the load's mark, all or nothing.

    Parameters
    ----------
    span : first and last time of the orders in the files; None for other kinds.
    status_written : the files tell the state of orders; otherwise a stored state stays.
    replace_orders : stored lines of the files' orders that the files do not hold are removed.
    """
    changes: dict[str, Change] = {}
    with warehouse.transaction():
        told = _told_of(warehouse, archive, shop_ids)
        for shop_id, order_ids in told.items():
            told_orders.make_room(warehouse, shop_id, order_ids)
        overlap = _stored_orders(warehouse, bench, archive, shop_ids, span) if archive.files("orders") else 0
        removed = 0
        if overlap:
            bench.execute(_headers_before_lines(archive, status_written, replace_orders))
            archive_lines = archive.folder / "order_lines.parquet"
            _rewrite(bench, archive_lines, _lines_with_headers(archive_lines))
            if replace_orders:
                removed = _remove_other_lines(warehouse, bench, archive)
        for table in TABLES:
            files = archive.files(table)
            if not files:
                continue
            if table == "orders" and overlap:
                _unite(warehouse, bench, archive, shop_ids, span)
            counts = warehouse.merge(table, files)
            changes[table] = Change(counts.inserted, counts.updated, counts.unchanged, removed if table == "order_lines" else 0)
        if overlap:
            fixed = _lines_follow_headers(warehouse, archive, shop_ids, load_id)
            before = changes["order_lines"]
            changes["order_lines"] = Change(before.inserted, before.updated + fixed, before.unchanged, before.removed)
        archive.note_changes(dict(changes))
        for shop_id, order_ids in told.items():
            told_orders.fold_again(warehouse, shop_id, order_ids)
        for shop_id in shop_ids:
            warehouse.append("loads", _mark(shop_id, load_id, kind, rows))
    return changes


def replay(warehouse: Warehouse, archive: Archive, load_id: str, kind: str, rows: int) -> None:
    """Merge an archived load into a warehouse that is being rebuilt; the archive holds what was final when it was committed."""
    with warehouse.transaction():
        told = _told_of(warehouse, archive, archive.shop_ids)
        for shop_id, order_ids in told.items():
            told_orders.make_room(warehouse, shop_id, order_ids)
        for gone in archive.files("removed_lines"):
            _delete_lines(warehouse, pq.read_table(gone).to_pylist())
        for table in TABLES:
            if files := archive.files(table):
                warehouse.merge(table, files)
        if files := archive.files("order_lines_follow"):
            warehouse.merge("order_lines", files)
        for shop_id, order_ids in told.items():
            told_orders.fold_again(warehouse, shop_id, order_ids)
        for shop_id in archive.shop_ids:
            warehouse.append("loads", _mark(shop_id, load_id, kind, rows))


def _told_of(warehouse: Warehouse, archive: Archive, shop_ids: Sequence[str]) -> dict[str, list[str]]:
    """The orders of these files that messages told of as well, by shop."""
    files = [*archive.files("orders"), *archive.files("refunds")]
    known = told_orders.known_orders(warehouse, shop_ids) if files else None
    if known is None or not known.num_rows:
        return {}
    keys = ["shop_id", "order_id"]
    named = pa.concat_tables([pq.read_table(file, columns=keys).cast(known.schema) for file in files])
    shared: dict[str, list[str]] = {}
    for row in known.join(named, keys, join_type="left semi").sort_by("order_id").to_pylist():
        shared.setdefault(row["shop_id"], []).append(row["order_id"])
    return shared


def _mark(shop_id: str, load_id: str, kind: str, rows: int) -> pa.Table:
    stamp = pa.array([now().replace(tzinfo=None)], pa.timestamp("us"))
    return pa.table({"shop_id": [shop_id], "load_id": [load_id], "kind": [kind], "committed_at": stamp, "rows": [rows]})


def _stored_orders(
    warehouse: Warehouse, bench: Workbench, archive: Archive, shop_ids: Sequence[str], span: tuple[datetime, datetime] | None
) -> int:
    """Make `stored_orders` in the workbench: stored headers of orders that the files hold too; returns how many."""
    bench.execute("DROP TABLE IF EXISTS stored_orders")
    if span is None:
        return 0
    orders = warehouse.table("orders")
    first, last = span[0] - _SAME_ORDER, span[1] + _SAME_ORDER
    near = orders.filter(
        orders.shop_id.isin(list(shop_ids)), orders.ordered_at >= ibis.timestamp(first), orders.ordered_at <= ibis.timestamp(last)
    )
    if not warehouse.value(near.limit(1).count()):
        return 0
    told = near.named_as.coalesce(near.customer_id)
    found = warehouse.query(near.select("shop_id", "order_id", "ordered_at", "status", "cancelled_at", *DELIVERY, customer_id=told))
    bench.register("stored_near", found)
    path = literal(str(archive.folder / "orders.parquet"))
    bench.execute(
        f"CREATE TABLE stored_orders AS SELECT s.* FROM stored_near s SEMI JOIN read_parquet({path}) n USING (shop_id, order_id)"
    )
    bench.unregister("stored_near")
    return int(bench.rows("SELECT count(*) FROM stored_orders")[0][0])


def _headers_before_lines(archive: Archive, status_written: bool, replace_orders: bool) -> str:
    """`new_headers`: time, customer and state of each order once the stored one is taken into account."""
    path = literal(str(archive.folder / "orders.parquet"))
    at = "n.ordered_at" if replace_orders else "least(n.ordered_at, coalesce(s.ordered_at, n.ordered_at))"
    status = "n.status" if status_written or replace_orders else "coalesce(s.status, n.status)"
    cancelled = "n.cancelled_at" if status_written or replace_orders else "coalesce(n.cancelled_at, s.cancelled_at)"
    delivery = "".join(f", coalesce(n.{name}, {'NULL' if replace_orders else 's.' + name}) AS {name}" for name in DELIVERY)
    return (
        "CREATE OR REPLACE TABLE new_headers AS SELECT n.shop_id, n.order_id,"
        f" {at} AS ordered_at, coalesce(n.customer_id, s.customer_id) AS customer_id, {status} AS status, {cancelled} AS cancelled_at{delivery}"
        f" FROM read_parquet({path}) n LEFT JOIN stored_orders s USING (shop_id, order_id)"
    )


def _lines_with_headers(path: Path) -> str:
    return (
        "SELECT l.* REPLACE (h.ordered_at AS ordered_at, h.customer_id AS customer_id, h.status AS status)"
        f" FROM read_parquet({literal(str(path))}) l JOIN new_headers h USING (shop_id, order_id)"
    )


def _rewrite(bench: Workbench, path: Path, select: str) -> None:
    """Put a query's result in the place of an archived file it may read."""
    draft = path.with_suffix(".new")
    bench.execute(f"COPY ({select}) TO {literal(str(draft))} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)")
    draft.replace(path)


def _near_lines(warehouse: Warehouse, shop_ids: Sequence[str], span: tuple[datetime, datetime]) -> ir.Table:
    lines = warehouse.table("order_lines")
    first, last = span[0] - _SAME_ORDER, span[1] + _SAME_ORDER
    return lines.filter(
        lines.shop_id.isin(list(shop_ids)), lines.ordered_at >= ibis.timestamp(first), lines.ordered_at <= ibis.timestamp(last)
    )


def _remove_other_lines(warehouse: Warehouse, bench: Workbench, archive: Archive) -> int:
    """Delete stored lines of the files' orders that the files do not hold; the archive keeps which, for a rebuild."""
    lines = warehouse.table("order_lines")
    path = literal(str(archive.folder / "order_lines.parquet"))
    gone: list[dict[str, object]] = []
    orders = bench.rows("SELECT shop_id, order_id FROM stored_orders")
    for shop_id in {shop for shop, _ in orders}:
        numbers = [order for shop, order in orders if shop == shop_id]
        for start in range(0, len(numbers), _ORDERS_AT_ONCE):
            part = numbers[start : start + _ORDERS_AT_ONCE]
            stored = lines.filter(lines.shop_id == shop_id, lines.order_id.isin(part)).select("shop_id", "order_id", "line_key")
            bench.register("stored_lines", warehouse.query(stored))
            gone += bench.dicts(
                f"SELECT s.* FROM stored_lines s ANTI JOIN read_parquet({path}) n USING (shop_id, order_id, line_key)"
            )
            bench.unregister("stored_lines")
    if gone:
        pq.write_table(pa.Table.from_pylist(gone), archive.folder / "removed_lines.parquet")
    return _delete_lines(warehouse, gone)


def _delete_lines(warehouse: Warehouse, gone: Sequence[Mapping[str, object]]) -> int:
    """Delete lines by their keys."""
    removed = 0
    by_shop: dict[object, list[Mapping[str, object]]] = {}
    for line in gone:
        by_shop.setdefault(line["shop_id"], []).append(line)
    for shop_id, of_shop in by_shop.items():
        for start in range(0, len(of_shop), _ORDERS_AT_ONCE):
            part = of_shop[start : start + _ORDERS_AT_ONCE]
            named = [f"{line['order_id']}\x1f{line['line_key']}" for line in part]

            def among(t: ir.Table, shop_id: object = shop_id, named: list[str] = named) -> ir.BooleanValue:
                return (t.shop_id == shop_id) & (t.order_id + "\x1f" + t.line_key.cast("string")).isin(named)

            removed += warehouse.delete("order_lines", among)
    return removed


def _unite(
    warehouse: Warehouse, bench: Workbench, archive: Archive, shop_ids: Sequence[str], span: tuple[datetime, datetime] | None
) -> None:
    """Write the final headers: sums over the union of stored and new lines, which the warehouse holds by now."""
    assert span is not None
    lines = _near_lines(warehouse, shop_ids, span)
    goods = lines.kind.isin(["product", "gift_card", "other"])
    united = lines.group_by("shop_id", "order_id").aggregate(
        items=ibis.ifelse(goods, lines.amount_minor, 0).sum(),
        shipping_lines=ibis.ifelse(lines.kind == "shipping", lines.amount_minor, 0).sum(),
        discount_lines=ibis.ifelse(lines.kind == "discount", -lines.amount_minor, 0).sum(),
        units=ibis.ifelse(lines.kind == "product", lines.quantity, 0).sum(),
        line_count=lines.count(),
    )
    bench.register("united", warehouse.query(united))
    path = archive.folder / "orders.parquet"
    select = f"""
        SELECT * EXCLUDE (written) REPLACE (coalesce(written, items_minor - discount_minor + shipping_minor + tax_minor) AS total_minor)
        FROM (
          SELECT o.* REPLACE (h.ordered_at AS ordered_at, h.customer_id AS customer_id, h.status AS status, h.cancelled_at AS cancelled_at,
              {", ".join(f"h.{name} AS {name}" for name in DELIVERY)},
              CAST(coalesce(u.items, o.items_minor) AS BIGINT) AS items_minor, CAST(coalesce(u.units, o.units) AS DECIMAL(18,3)) AS units,
              CAST(coalesce(u.line_count, o.line_count) AS INTEGER) AS line_count,
              CAST(w.own_shipping + coalesce(u.shipping_lines, 0) AS BIGINT) AS shipping_minor,
              CAST(w.own_discount + coalesce(u.discount_lines, 0) AS BIGINT) AS discount_minor), w.written
          FROM read_parquet({literal(str(path))}) o JOIN new_headers h USING (shop_id, order_id) JOIN order_own w USING (shop_id, order_id)
          LEFT JOIN united u USING (shop_id, order_id))"""
    _rewrite(bench, path, select)
    bench.unregister("united")


def _lines_follow_headers(warehouse: Warehouse, archive: Archive, shop_ids: Sequence[str], load_id: str) -> int:
    """Give stored lines the time, customer and state of headers this load has changed; returns how many lines."""
    orders, lines = warehouse.table("orders"), warehouse.table("order_lines")
    changed = orders.filter(orders.shop_id.isin(list(shop_ids)), orders.load_id == load_id).select(
        "shop_id", "order_id", new_at="ordered_at", new_customer=orders.named_as.coalesce(orders.customer_id), new_status="status"
    )
    joined = lines.join(changed, ["shop_id", "order_id"])
    wrong = joined.filter(
        (joined.ordered_at != joined.new_at)
        | (joined.status != joined.new_status)
        | ~joined.named_as.coalesce(joined.customer_id).identical_to(joined.new_customer)
    )
    columns = {name: wrong[name] for name in lines.columns}
    columns |= {"ordered_at": wrong.new_at, "customer_id": wrong.new_customer, "status": wrong.new_status}
    columns["named_as"] = ibis.null("string")
    found = warehouse.query(wrong.select(**columns))
    if not found.num_rows:
        return 0
    path = archive.folder / "order_lines_follow.parquet"
    pq.write_table(found, path)
    return warehouse.merge("order_lines", [path]).updated
