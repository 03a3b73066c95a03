"""What `regulars doctor` asks of loads: every row has an outcome, every load its mark and archive, every header the sum of its lines."""

from __future__ import annotations

from collections.abc import Iterator

import ibis
from sqlalchemy import select

from regulars.collect.imports.archive import Archive
from regulars.collect.imports.commit import TABLES
from regulars.collect.imports.tables import load as load_table
from regulars.work.checks import Check, CheckContext, Finding

_SHOWN = 5
_REBUILD = "load the file again with --replace-orders, or rebuild the warehouse from the archive"


def _outcomes(context: CheckContext) -> Iterator[Finding]:
    with context.records.reading() as uow:
        for row in uow.rows(select(load_table).where(load_table.c.status == "done")):
            counted = sum(row["report"]["rows_by_outcome"].values())
            if counted != row["rows"]:
                yield Finding(
                    f"the load has {row['rows']} rows and {counted} outcomes", "load the file again", f"load {row['load_id']}"
                )


def _marks(context: CheckContext) -> Iterator[Finding]:
    loads = context.warehouse.table("loads")
    marks = {row["load_id"] for row in context.warehouse.rows(loads.select("load_id").distinct())}
    with context.records.reading() as uow:
        known = {row["load_id"]: row for row in uow.rows(select(load_table))}
    for load_id, row in known.items():
        if row["status"] == "done" and load_id not in marks:
            yield Finding(
                "the load is called done, but the warehouse does not hold its mark",
                "rebuild the warehouse from the archive",
                f"load {load_id}",
            )
        if row["status"] == "done" and not Archive(context.home, row["shop_id"], load_id).exists():
            yield Finding(
                "the archive of the load is missing",
                "restore home/imports from a backup, or load the file again",
                f"load {load_id}",
            )
        if row["status"] in ("undone", "failed") and load_id in marks:
            yield Finding(
                "the load was taken back, but the warehouse holds its mark", "restore the records from a backup", f"load {load_id}"
            )
    for load_id in sorted(marks - known.keys())[:_SHOWN]:
        yield Finding("the warehouse holds a load the records do not know", "restore the records from a backup", f"load {load_id}")


def _unique(context: CheckContext) -> Iterator[Finding]:
    for name, spec in context.warehouse.tables().items():
        if name not in TABLES:
            continue
        table = context.warehouse.table(name)
        twice = table.group_by(*spec.key).aggregate(n=table.count())
        for row in context.warehouse.rows(twice.filter(twice.n > 1).limit(_SHOWN)):
            where = ", ".join(f"{key}={row[key]}" for key in spec.key)
            yield Finding(f"{name} holds one key {row['n']} times", _REBUILD, where)


def _headers(context: CheckContext) -> Iterator[Finding]:
    orders, lines = context.warehouse.table("orders"), context.warehouse.table("order_lines")
    goods = lines.kind.isin(["product", "gift_card", "other"])
    sums = lines.group_by("shop_id", "order_id").aggregate(
        items=ibis.ifelse(goods, lines.amount_minor, 0).sum(),
        lines_units=ibis.ifelse(lines.kind == "product", lines.quantity, 0).sum(),
        lines_count=lines.count(),
        wrong=ibis.ifelse(lines.amount_minor.isnull(), 1, 0).sum(),
    )
    joined = orders.filter(orders.line_count > 0).left_join(sums, ["shop_id", "order_id"])
    wrong = joined.filter(
        joined.lines_count.isnull()
        | (joined["items"] != joined.items_minor)
        | (joined.lines_units != joined.units)
        | (joined.lines_count != joined.line_count)
    )
    for row in context.warehouse.rows(wrong.select("shop_id", "order_id", "items_minor", "line_count").limit(_SHOWN)):
        yield Finding(
            "the header of an order is not the sum of its lines", _REBUILD, f"order {row['order_id']} of shop {row['shop_id']}"
        )


def _orphans(context: CheckContext) -> Iterator[Finding]:
    orders, lines = context.warehouse.table("orders"), context.warehouse.table("order_lines")
    alone = lines.anti_join(orders, ["shop_id", "order_id"])
    for row in context.warehouse.rows(alone.select("shop_id", "order_id").distinct().limit(_SHOWN)):
        yield Finding("order lines without their order", _REBUILD, f"order {row['order_id']} of shop {row['shop_id']}")
    copies = orders.select("shop_id", "order_id", of_customer="customer_id", of_time="ordered_at", of_status="status")
    joined = lines.join(copies, ["shop_id", "order_id"])
    differing = joined.filter(
        (joined.ordered_at != joined.of_time)
        | (joined.status != joined.of_status)
        | ~joined.customer_id.identical_to(joined.of_customer)
    )
    for row in context.warehouse.rows(differing.select("shop_id", "order_id").distinct().limit(_SHOWN)):
        yield Finding(
            "lines whose customer, time or state is not the order's", _REBUILD, f"order {row['order_id']} of shop {row['shop_id']}"
        )


def _running(context: CheckContext) -> Iterator[Finding]:
    for folder in sorted((context.home / "imports").glob("*/*.part")):
        with context.records.reading() as uow:
            state = uow.value(select(load_table.c.status).where(load_table.c.load_id == folder.name.removesuffix(".part")))
        if state != "running":
            yield Finding("a load that was cut off left files behind", "restart regulars: it removes them", str(folder))


CHECKS = [
    Check("every row of every load has one outcome", "P6", _outcomes),
    Check("every load has its mark and its archive", "P1", _marks),
    Check("no key of the warehouse occurs twice", "P1", _unique),
    Check("order headers are the sum of their lines", "P1", _headers),
    Check("order lines belong to an order and agree with it", "P1", _orphans),
    Check("nothing is left of loads that were cut off", "P3", _running),
]
