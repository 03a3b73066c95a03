"""Orders files: from cells to orders, lines and refunds."""

from __future__ import annotations

from dataclasses import replace

from regulars.collect.imports.domain.report import Found, ShopShare
from regulars.collect.imports.domain.rules import BIT
from regulars.collect.imports.intake import Opened, bad_rows_sql, words_of
from regulars.collect.imports.kinds.analysis import Analysis, Task, columns_of, make_cells, run, same_columns
from regulars.collect.imports.people import gather, name_buyers
from regulars.collect.imports.queries import booking, verdicts
from regulars.collect.imports.queries.cells import order_cells
from regulars.collect.imports.queries.orders import Shape, heads, located
from regulars.collect.imports.queries.repeats import NO_REPEATS, repeats
from regulars.values.money import Money
from regulars.warehouse.workbench import Workbench

#: Order amounts that some exports write per line; told apart by whether they differ inside an order.
_EITHER = ("order_total", "items_total", "shipping", "tax", "discount", "refund_amount", "paid_amount")


def analyse(task: Task, opened: list[Opened]) -> Analysis:
    """Understand orders files; the tables `final`, `heads` and `order_sums` are left in the workbench."""
    several_shops = _assign_shops(task, opened)
    task.step("parse")
    make_cells(task, [order_cells(one.reading) for one in opened])
    return from_cells(task, opened, several_shops=several_shops)


def from_cells(
    task: Task, opened: list[Opened], *, several_shops: bool = False, source: str | None = None, compare: list[Opened] | None = None
) -> Analysis:
    """The same from a ready table `cells`; `compare` are the files among whose rows equal ones are sought."""
    bench = task.bench
    assumptions: list[str] = []
    columns = columns_of(bench, "cells")
    shop_id = None if several_shops else task.shop.shop_id
    personal = "buyer" in columns and name_buyers(bench, task.keyring, shop_id)
    shape = Shape(
        columns=frozenset(columns),
        shop_id=shop_id,
        currency=task.shop.currency,
        load_id=task.load_id,
        source=source or (opened[0].mapping.layout.name if opened[0].mapping.layout else "file"),
        numbered="order_no" in columns,
        products=bool({"product_id", "product_name"} & columns),
        own_money=bool({"line_amount", "product_amount"} & columns),
        several_files=len(opened) > 1 and source is None,
        compare_rows="digest" in columns,
        personal=personal,
    )
    shape = _settle_levels(bench, shape, assumptions)
    run(task, repeats(same_columns(compare or opened)) if shape.compare_rows else [NO_REPEATS], "find duplicate rows")
    run(task, located(shape), "name the buyers")
    run(task, heads(shape), "gather orders")
    run(task, verdicts.judged(shape), "judge rows")
    bench.execute("DROP VIEW IF EXISTS located")
    run(task, verdicts.twins(shape), "number equal lines")
    run(task, booking.sums(shape), "add up orders")
    broken = [bad_rows_sql(one) for one in opened if one.raw.bad_rows]
    bench.execute(f"CREATE VIEW verdicts AS {' UNION ALL '.join(['SELECT row_id, rule, flags FROM final', *broken])}")
    _assume(shape, opened, personal, assumptions)
    outputs = {"orders": booking.orders_out(shape), "order_lines": booking.lines_out(shape), "refunds": booking.refunds_out(shape)}
    bench.execute(f"CREATE VIEW refunds_new AS {outputs['refunds']}")
    bench.execute(f"CREATE VIEW orders_new AS {outputs['orders']}")
    bench.execute(
        f"CREATE VIEW order_own AS SELECT {shape.shop} AS shop_id, order_no AS order_id, written, own_shipping, own_discount FROM order_sums"
    )
    differing = bench.rows(f"SELECT count(*), min(row_id, 5) FROM ({booking.total_differs()})")[0]
    people = gather(bench, opened, f"SELECT row_id, {shape.shop} AS shop_id, customer_id FROM final WHERE rule = 0")
    return Analysis(
        verdicts="verdicts",
        outputs=outputs,
        found=_found(bench, shape),
        assumptions=assumptions,
        order_counts={"total_differs": (differing[0], differing[1] or [])} if differing[0] else {},
        shops=_shares(task, opened, several_shops),
        people=people,
    )


def _settle_levels(bench: Workbench, shape: Shape, assumptions: list[str]) -> Shape:
    """Find order amounts that really are the lines': an amount that differs inside an order adds up over its lines."""
    asked = [name for name in _EITHER if shape.has(name)]
    if not shape.numbered or not asked:
        return shape
    key = ", ".join(shape.key)
    varying = ", ".join(
        f"count(*) FILTER (n > 1 AND {name}_low <> {name}_high), count(*) FILTER (n > 1 AND {name}_low = {name}_high)"
        for name in asked
    )
    inner = ", ".join(f"min({name}) AS {name}_low, max({name}) AS {name}_high" for name in asked)
    row = bench.rows(f"SELECT {varying} FROM (SELECT count(*) AS n, {inner} FROM cells WHERE order_no IS NOT NULL GROUP BY {key})")[
        0
    ]
    per_line = {name for place, name in enumerate(asked) if row[2 * place] > 0 and row[2 * place] >= row[2 * place + 1] * 0.02}
    if not per_line:
        return shape
    columns = set(shape.columns)
    own_money = shape.own_money
    for total in ("order_total", "paid_amount"):
        if total in per_line and not own_money:
            bench.execute(f"ALTER TABLE cells RENAME COLUMN {total} TO line_amount")
            columns = columns - {total} | {"line_amount"}
            own_money = True
            assumptions.append(
                f"the {total.replace('_', ' ')} differs between the lines of an order, so it is read as the amount of each line"
            )
        elif total in per_line:
            assumptions.append(f"the {total.replace('_', ' ')} differs between the lines of an order and is not read")
            columns -= {total}
            bench.execute(f"ALTER TABLE cells DROP COLUMN {total}")
    per_line = {name for name in per_line if name in columns and name not in ("order_total", "paid_amount")}
    if "items_total" in per_line:
        bench.execute(
            "ALTER TABLE cells DROP COLUMN items_total"
            if own_money
            else "ALTER TABLE cells RENAME COLUMN items_total TO line_amount"
        )
        columns = columns - {"items_total"} | (set() if own_money else {"line_amount"})
        own_money = True
        per_line -= {"items_total"}
    assumptions += [
        f"{name.replace('_', ' ')} differs between the lines of an order, so it is added up over them" for name in sorted(per_line)
    ]
    return replace(shape, columns=frozenset(columns), own_money=own_money, per_line=frozenset(per_line))


def _assume(shape: Shape, opened: list[Opened], personal: bool, assumptions: list[str]) -> None:
    if not shape.numbered:
        if shape.products:
            assumptions.append("no order numbers: all rows of one customer at one time are one order")
        else:
            assumptions.append("no order numbers: every row is a purchase of its own, equal rows included")
    if not shape.own_money:
        assumptions.append("no price or amount per line: the order's total is shared among its lines")
    if not shape.has("quantity"):
        assumptions.append("no quantity: every line counts as 1 unit")
    if personal:
        assumptions.append("buyers known by e-mail, phone or account name get a pseudonym; the original is kept encrypted")
    if not shape.has("buyer"):
        assumptions.append("no column names the buyer: orders count, but no customers")
    assumptions += dict.fromkeys(text for one in opened if one.mapping.layout for text in one.mapping.layout.assumptions)


def _assign_shops(task: Task, opened: list[Opened]) -> bool:
    """Give each shop named in the files its shop_id; one name alone means the shop chosen for the load."""
    names: dict[str, int] = {}
    for one in opened:
        if one.reading.has("shop"):
            for word, rows in words_of(task.bench, one.reading, "shop"):
                names[word] = names.get(word, 0) + rows
    if len(names) <= 1:
        return False
    from regulars.collect.imports.shops import shop_id_for

    found = {name: task.shop_names.get(name) or shop_id_for(name) for name in names}
    for one in opened:
        one.reading = replace(one.reading, shops=found, default_shop=task.shop.shop_id)
    return True


def _shares(task: Task, opened: list[Opened], several_shops: bool) -> tuple[ShopShare, ...]:
    if not several_shops:
        return ()
    known = set(task.shop_names.values())
    names = {shop_id: name for one in opened for name, shop_id in one.reading.shops.items()}
    rows = task.bench.rows("SELECT shop_id, count(*), coalesce(sum(line_count), 0) FROM orders_new GROUP BY 1 ORDER BY 2 DESC")
    return tuple(
        ShopShare(shop_id, names.get(shop_id, shop_id), shop_id not in known, orders, int(lines)) for shop_id, orders, lines in rows
    )


def _found(bench: Workbench, shape: Shape) -> Found:
    """What the files hold once the rules were applied."""
    orders = bench.rows(
        "SELECT count(*), coalesce(sum(line_count), 0), count(*) FILTER (status = 'unpaid'), count(*) FILTER (status = 'cancelled'),"
        " coalesce(sum(total_minor) FILTER (status <> 'unpaid'), 0), min(ordered_at), max(ordered_at) FROM orders_new"
    )[0]
    refunds = bench.rows("SELECT count(*), coalesce(sum(amount_minor), 0), min(refunded_at), max(refunded_at) FROM refunds_new")[0]
    customers = bench.rows(
        "SELECT count(DISTINCT h) FROM (SELECT hash(shop_id, customer_id) AS h FROM orders_new WHERE customer_id IS NOT NULL"
        " UNION ALL SELECT hash(shop_id, customer_id) FROM refunds_new WHERE customer_id IS NOT NULL)"
    )[0][0]
    credit = bench.rows(
        f"SELECT count(*), count(DISTINCT order_no) FROM final WHERE credit_note AND quantity < 0 AND rule & {BIT['superseded_row']} = 0"
    )[0]
    times = [t for t in (orders[5], orders[6], refunds[2], refunds[3]) if t is not None]
    return Found(
        orders=orders[0],
        order_lines=int(orders[1]),
        refunds=refunds[0],
        customers=customers,
        unpaid_orders=orders[2],
        cancelled_orders=orders[3],
        credit_notes=credit[1],
        credit_note_rows=credit[0],
        gmv=Money(int(orders[4]), shape.currency),
        refunded=Money(int(refunds[1]), shape.currency),
        first_at=min(times, default=None),
        last_at=max(times, default=None),
    )
