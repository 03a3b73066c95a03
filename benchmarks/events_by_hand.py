"""Reports written by hand for one file and one question each, with DuckDB and numpy: what the best programmer would write who needs no more.

`python -m benchmarks.events_by_hand FILE KIND` prints the processor seconds and the answer.
"""

from __future__ import annotations

import itertools
import json
import resource
import sys
from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

DAY = 86_400_000_000
FIRST = 1_767_225_600_000_000  # 2026-01-01
HERE = "timestamp >= '2026-01-01' and timestamp < '2026-04-06'"
MODELS = ("first", "last", "last_non_direct", "linear", "position", "time_decay")

Hand = Callable[[duckdb.DuckDBPyConnection, str], Any]


def cpu() -> float:
    """Processor seconds so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[Any]:
    """Columns as arrays, read while the engine works."""
    batches = list(con.execute(sql).to_arrow_reader(120_000))
    return [
        np.concatenate([one.column(i).to_numpy(zero_copy_only=False) for one in batches]) for i in range(batches[0].num_columns)
    ]


def owners(hashes: Any) -> Any:
    """Small numbers for customers."""
    return np.asarray(pa.array(hashes).dictionary_encode().indices).astype(np.uint64)


def heads(numbers: Any) -> Any:
    """Where runs of equal numbers begin."""
    return np.concatenate(([True], numbers[1:] != numbers[:-1]))


def trend(con: duckdb.DuckDBPyConnection, file: str) -> Any:
    """Customers by day, and of all days."""
    sql = f"select hash(user_id), ((epoch_us(timestamp) - {FIRST}) // {DAY})::utinyint from '{file}' where event = 'Product Viewed' and {HERE}"
    u, day = rows(con, sql)
    both = owners(u) << np.uint64(7) | day
    both.sort()
    both = both[heads(both)]
    days = np.bincount((both & np.uint64(127)).astype(np.int64), minlength=95)
    return {"days": days.tolist(), "total": int(heads(both >> np.uint64(7)).sum())}


def lifecycle(con: duckdb.DuckDBPyConnection, file: str) -> Any:
    """New, returning, resurrecting and dormant customers by week; every event of the file is of these weeks."""
    week = f"((epoch_us(timestamp) - {FIRST - 3 * DAY}) // {7 * DAY})"
    sql = f"select bit_or(1::bigint << {week}) from '{file}' where timestamp < '2026-04-06' group by hash(user_id)"
    (seen,) = rows(con, sql)
    first = seen & -seen
    found: dict[str, list[int]] = {"new": [], "returning": [], "resurrecting": [], "dormant": []}
    for k in range(14):
        now, before, new = seen >> k & 1, (seen >> (k - 1) & 1) if k else np.zeros(len(seen), np.int64), first == 1 << k
        found["new"].append(int(new.sum()))
        found["returning"].append(int((now & before).sum()))
        found["resurrecting"].append(int((now & ~before & ~new & 1).sum()))
        found["dormant"].append(int((before & ~now & 1).sum()))
    return found


def stickiness(con: duckdb.DuckDBPyConnection, file: str) -> Any:
    """Customers by the number of days on which they were there."""
    day = f"((epoch_us(timestamp) - {FIRST}) // {DAY})"
    low, high = (
        f"case when {day} < 62 then 1::bigint << {day} else 0 end",
        f"case when {day} >= 62 then 1::bigint << ({day} - 62) else 0 end",
    )
    words = rows(con, f"select bit_or({low}), bit_or({high}) from '{file}' where {HERE} group by hash(user_id)")
    return np.bincount(sum(np.bitwise_count(one) for one in words), minlength=96)[1:].tolist()


def week_hours(con: duckdb.DuckDBPyConnection, file: str) -> Any:
    """Events by hour of the week, Monday first."""
    sql = f"select isodow(timestamp) d, hour(timestamp) h, count(*) from '{file}' where event = 'Product Viewed' and {HERE} group by d, h"
    found = np.zeros((7, 24), np.int64)
    for weekday, hour, events in con.execute(sql).fetchall():
        found[weekday - 1, hour] = events
    return found.tolist()


def active(con: duckdb.DuckDBPyConnection, file: str) -> Any:
    """Customers of each day, of the seven and of the thirty days up to it."""
    u, day = rows(con, f"select hash(user_id), ((epoch_us(timestamp) - {FIRST}) // {DAY})::utinyint from '{file}' where {HERE}")
    both = owners(u) << np.uint64(7) | day
    both.sort()
    both = both[heads(both)]
    who, day = both >> np.uint64(7), (both & np.uint64(127)).astype(np.int64)
    following = np.where(np.append(who[1:] == who[:-1], False), np.append(day[1:], 0), 1 << 20)
    found = {}
    for name, length in (("dau", 1), ("wau", 7), ("mau", 30)):
        ends = np.minimum(np.minimum(day + length, following), 95)
        found[name] = np.cumsum(np.bincount(day, minlength=96) - np.bincount(ends, minlength=96))[:95].tolist()
    return found


def funnel_trend(con: duckdb.DuckDBPyConnection, file: str) -> Any:
    """By day who viewed, and who then added and ordered within seven days of a view on that day."""
    step = "(case event when 'Product Viewed' then 0 when 'Product Added' then 1 else 2 end)"
    sql = f"select hash(user_id), (epoch_us(timestamp) - {FIRST}) * 4 + {step} from '{file}' where event in ('Product Viewed', 'Product Added', 'Order Completed') and timestamp < '2026-04-13'"
    u, at = rows(con, sql)
    both = owners(u) << np.uint64(45) | at.view(np.uint64)
    both.sort()
    who, t, s = (both >> np.uint64(45)).view(np.int64), (both & np.uint64((1 << 45) - 1)).view(np.int64) >> 2, both & np.uint64(3)
    place = np.arange(len(t))
    first = np.maximum.accumulate(np.where(heads(who), place, 0))
    begun = np.where((s == 0) & (t < 95 * DAY), place, -1)
    views = np.flatnonzero(begun >= 0)
    for k in (1, 2):
        run = np.maximum.accumulate(begun)
        begun = np.where((s == k) & (run >= first) & (t - t[np.maximum(run, 0)] <= 7 * DAY), run, -1)
    done = begun[begun >= 0]
    found = []
    for starts in (views, done):
        pair = who[starts] * 128 + t[starts] // DAY
        found.append(np.bincount(pair[heads(pair)] & 127, minlength=95).tolist())
    return {"entered": found[0], "converted": found[1]}


def new_customer_journey(con: duckdb.DuckDBPyConnection, file: str) -> Any:
    """By week of the first event: how far customers came within thirty days, how long it took, and what the lost did last."""
    names = ("Product Viewed", "Page Viewed", "Products Searched", "Product Added", "Order Completed", "Checkout Started")
    kind = "(case event " + " ".join(f"when '{name}' then {k}" for k, name in enumerate(names)) + " end)"
    u, at = rows(
        con, f"select hash(user_id), (epoch_us(timestamp) - {FIRST}) * 8 + {kind} from '{file}' where timestamp < '2026-05-06'"
    )
    found = [_journeys(u[half], at[half]) for half in (u & np.uint64(1) == 0, u & np.uint64(1) == 1)]  # each fits into 64 bits
    depth, last = (np.concatenate([one[i] for one in found]) for i in (0, 1))
    came = [np.concatenate([one[2][k] for one in found]) for k in range(4)]
    entered = came[0]
    lost = np.bincount(depth * 8 + last, minlength=32).reshape(4, 8)[:3].tolist()
    waits = [(after - before)[(before >= 0) & (after >= before)] for before, after in itertools.pairwise(came)]
    week = (entered + 3 * DAY) // (7 * DAY)
    assert sum(map(sum, lost)) == int((depth < 3).sum())
    return {
        "customers": [int((depth >= k).sum()) for k in range(4)],
        "means": [float(one.mean()) / 1e6 for one in waits],
        "medians": [float(np.median(one)) / 1e6 for one in waits],
        "weeks": [np.bincount(week[depth >= k], minlength=14).tolist() for k in range(4)],
    }


def _journeys(u: Any, at: Any) -> tuple[Any, Any, list[Any]]:
    both = owners(u) << np.uint64(46) | at.view(np.uint64)
    both.sort()
    who, t, s = (both >> np.uint64(46)).view(np.int64), (both & np.uint64((1 << 46) - 1)).view(np.int64) >> 3, both & np.uint64(7)
    begins = np.flatnonzero(heads(who))
    sizes = np.diff(np.append(begins, len(t)))
    inside = t <= np.repeat(t[begins], sizes) + 30 * DAY
    came, depth = [t[begins]], np.zeros(len(begins), np.int64)
    for k, stage in enumerate((s <= 2, s == 3, s == 4), start=1):
        hits = np.append(np.flatnonzero(stage & inside), len(t))
        first = hits[np.searchsorted(hits, begins)]
        there = first < begins + sizes
        came.append(np.where(there, t[np.minimum(first, len(t) - 1)], -1))
        depth[there] = k
    last = begins + np.add.reduceat(inside, begins) - 1
    return depth, s[last].astype(np.int64), came


def cart_abandonment(con: duckdb.DuckDBPyConnection, file: str) -> Any:
    """Carts by what became of them; of an order told twice the first time counts."""
    kind = "(case event when 'Product Added' then 0 when 'Product Removed' then 1 when 'Checkout Started' then 2 when 'Order Completed' then 3 else 4 end)"
    source = f"(select *, {kind} as kind from '{file}')"
    sql = f"select hash(user_id), (epoch_us(timestamp) - {FIRST}) * 4 + kind, case kind when 3 then hash(order_id) end from {source} where kind < 4"
    ((newest,),) = con.execute(f"select epoch_us(max(timestamp)) - {FIRST} from '{file}'").fetchall()
    end = (newest // DAY + 1) * DAY
    batches = list(con.execute(sql).to_arrow_reader(120_000))
    u, at = (np.concatenate([one.column(i).to_numpy() for one in batches]) for i in (0, 1))
    order = np.sort(pa.chunked_array([one.column(2) for one in batches]).drop_null().to_numpy())
    assert not np.any(order[1:] == order[:-1]), "an order is told twice"
    both = owners(u) << np.uint64(45) | at.view(np.uint64)
    both.sort()
    t, kinds, who = (both & np.uint64((1 << 45) - 1)).view(np.int64) >> 2, both & np.uint64(3), both >> np.uint64(45)
    breaks = heads(who)
    breaks[1:] |= (kinds[:-1] == 3) | (np.diff(t) >= DAY)
    begins = np.flatnonzero(breaks)
    ends = np.append(begins[1:], len(t)) - 1
    adds = np.flatnonzero(kinds == 0)
    opened = np.append(adds, len(t))[np.searchsorted(adds, begins)]
    opened, ends = opened[opened <= ends], ends[opened <= ends]
    paid = kinds[ends] == 3
    lost = ~paid & (t[ends] + DAY <= end)
    checkout = np.cumsum(kinds == 2)
    return {
        "carts": len(opened),
        "abandoned": int(lost.sum()),
        "converted": int(paid.sum()),
        "customers": int(heads(who[opened]).sum()),
        "abandoned_customers": int(heads(who[opened[lost]]).sum()),
        "abandoned_at_checkout": int((checkout[ends[lost]] > checkout[opened[lost]]).sum()),
        "seconds_to_order_mean": float((t[ends[paid]] - t[opened[paid]]).mean() / 1e6),
    }


def attribution(con: duckdb.DuckDBPyConnection, file: str) -> Any:
    """Shares and exact money of six models by source; of an order told twice the first time counts."""
    u, at, value, direct = rows(
        con,
        f"select hash(user_id), epoch_us(timestamp) - {FIRST}, (case utm_source when 'search' then 0 when 'mail' then 1 when 'ads' then 2 else 3 end)::tinyint, utm_source = '(direct)' from '{file}' where event = 'Page Viewed'",
    )
    ou, oat, minor, told = rows(
        con,
        f"select hash(user_id), epoch_us(timestamp) - {FIRST}, value_minor, hash(order_id) from '{file}' where event = 'Order Completed' and {HERE}",
    )
    told.sort()
    assert not np.any(told[1:] == told[:-1]), "an order is told twice"
    who = owners(np.concatenate((u, ou)))
    touch, order = who[: len(u)] << np.uint64(44) | at.view(np.uint64), who[len(u) :] << np.uint64(44) | oat.view(np.uint64)
    by, ordered = np.argsort(touch), np.argsort(order)
    touch, value, direct = touch[by], value[by].astype(np.int64), direct[by]
    order, minor = order[ordered], minor[ordered]
    high = np.searchsorted(touch, order, side="right")
    first = order - np.minimum(order & np.uint64((1 << 44) - 1), np.uint64(30 * DAY))
    low = np.searchsorted(touch, first)
    many = high - low
    untouched = int((many == 0).sum()), int(minor[many == 0].sum())
    order, minor, low, many = (one[many > 0] for one in (order, minor, low, many))
    starts = np.cumsum(many) - many
    place = np.arange(many.sum()) - np.repeat(starts, many)
    met = np.repeat(low, many) + place
    v, n, money = value[met], np.repeat(many, many), np.repeat(minor, many)
    t = (touch[met] & np.uint64((1 << 44) - 1)).view(np.int64)
    spoken = np.maximum.reduceat(np.where(direct[met], -1, place), starts)
    spoken = np.repeat(np.where(spoken < 0, many - 1, spoken), many)
    latest = np.repeat(t[starts + many - 1], many)
    weights = {
        "linear": np.ones(len(n), np.int64),
        "position": np.where((n > 2) & ((place == 0) | (place == n - 1)), 2 * (n - 2), 1),
        "time_decay": np.floor(np.exp2((t - latest) / (7 * DAY)) * (1 << 20) + 0.5).astype(np.int64),
    }
    chosen = {"first": place == 0, "last": place == n - 1, "last_non_direct": place == spoken}
    found: dict[str, Any] = {"untouched": untouched, "touches": np.bincount(v, minlength=4).tolist()}
    masks = np.bitwise_or.reduceat(1 << v, starts)
    found["conversions"] = [int((masks >> k & 1).sum()) for k in range(4)]
    own = np.flatnonzero(heads(order >> np.uint64(44)))
    masks = np.bitwise_or.reduceat(masks, own)
    found["customers"] = [int((masks >> k & 1).sum()) for k in range(4)]
    for model in MODELS:
        if model in chosen:
            share, part = chosen[model].astype(float), np.where(chosen[model], money, 0)
        else:
            weight = weights[model]
            every = np.repeat(np.add.reduceat(weight, starts), many)
            share, part = weight / every, _allocated(money * weight, every, minor, starts, many, place, even=model == "linear")
        found[model] = [
            np.bincount(v, weights=share, minlength=4).tolist(),
            np.bincount(v, weights=part, minlength=4).astype(int).tolist(),
        ]
    return found


def _allocated(product: Any, every: Any, minor: Any, starts: Any, many: Any, place: Any, *, even: bool) -> Any:
    """Money by largest remainder; of equal ones to the earlier touch."""
    whole = product // every
    missing = minor - np.add.reduceat(whole, starts)
    if even:
        return whole + (place < np.repeat(missing, many))
    short = np.flatnonzero(np.repeat(missing > 0, many))
    run = np.repeat(np.arange(len(many)), many)[short]
    order = short[np.lexsort((-(product - whole * every)[short], run))]
    held = many * (missing > 0)
    whole[order[np.arange(len(order)) - (np.cumsum(held) - held)[run] < missing[run]]] += 1
    return whole


HANDS: dict[str, Hand] = {one.__name__: one for one in (
    trend, lifecycle, stickiness, active, week_hours, funnel_trend, new_customer_journey, cart_abandonment, attribution,
)}  # fmt: skip


def main(file: str, kind: str) -> None:
    """One question, after the engine has been asked for nothing once."""
    con = duckdb.connect(config={"threads": 2, "preserve_insertion_order": False})
    con.execute("select 1").fetchall()
    before = cpu()
    answer = HANDS[kind](con, file)
    print(json.dumps({"took": cpu() - before, "answer": answer}))


if __name__ == "__main__":
    main(*sys.argv[1:])
