"""Points: durable spends a second with many senders at once, beside raw commits of single statements; and counting a long journal anew.

    python -m benchmarks points
    python -m benchmarks.points 4000 100000     # fewer spends and entries, for a quick look

Simulated: 64 senders, 2,000 customers with a lot each. PostgreSQL is a private server of this machine, with its defaults (`fsync` on).
"""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from sqlalchemy import func, select, text, update
from tests.support.postgres import PostgresServer

from regulars.access import Keyring, shops
from regulars.access.domain import Caller
from regulars.offer.loyalty import service
from regulars.offer.loyalty.domain.wishes import Wish
from regulars.offer.loyalty.tables import points_account, points_entry
from regulars.records import Records
from regulars.rooms import import_tables

SHOP = "simulated"
SENDERS = 64
CUSTOMERS = 2_000
T0 = datetime(2026, 1, 1, tzinfo=UTC)


def measure(spends: int = 20_000, entries: int = 1_000_000) -> str:
    """The section of the benchmark page."""
    import_tables()
    rows, counted = [], []
    for name, opened in (("SQLite", on_sqlite), ("PostgreSQL", on_postgresql)):
        with opened() as records:
            prepare(records)
            raw = raw_commits(records)
            first = rate(records, spends, "first")
            second = rate(records, spends, "second")
            rows.append((name, raw, max(first, second)))
            print(f"{name}: {raw:,.0f} raw commits/s, {first:,.0f} then {second:,.0f} spends/s", flush=True)
            counted.append((name, *recounted(records, entries)))
            print(f"{name}: {counted[-1][1]:,} entries counted anew in {counted[-1][2]:.1f} s", flush=True)
    lines = "".join(f"| {name} | {raw:,.0f} | {found:,.0f} | {found / raw:.1f} |\n" for name, raw, found in rows)
    anew = "".join(f"| {name} | {count:,} | {seconds:.1f} |\n" for name, count, seconds in counted)
    return (
        "## Points\n\n"
        f"Simulated: {SENDERS} senders at once, each waits for its answer; every answer follows the forced write that holds its spend with its "
        "entries, lots, balance and event. The peer commits one update of one row at a time, forced too. The better of two runs.\n\n"
        "| records | single-statement commits/s | durable spends/s | ratio |\n| --- | ---: | ---: | ---: |\n"
        f"{lines}\n"
        "`regulars ledger rebuild` on a journal of so many entries; nothing differed.\n\n"
        "| records | entries | seconds |\n| --- | ---: | ---: |\n"
        f"{anew}"
    )


def prepare(records: Records) -> None:
    """A shop whose customers have points."""
    records.migrate()
    with records.unit() as uow:
        caller = Caller.system("bench", Keyring(b"b" * 32))
        shops.create(uow, caller, shop_id=SHOP, name="Simulated", timezone="Asia/Shanghai", currency="CNY")
    earn = Wish(verb="earn", key="e", at=T0, points=10**9)
    with records.unit() as uow:
        service.move(uow, [service.Asked(SHOP, f"c{place}", earn) for place in range(CUSTOMERS)])


def raw_commits(records: Records, seconds: float = 3.0) -> float:
    """Commits a second of one update of one row, one after another; the best of two runs."""
    found = []
    for _ in range(2):
        done, begun = 0, perf_counter()
        while perf_counter() - begun < seconds:
            with records.unit() as uow:
                uow.execute(update(points_account).where(points_account.c.account_id == 1 + done % CUSTOMERS).values(closed=False))
            done += 1
        found.append(done / (perf_counter() - begun))
    return max(found)


def rate(records: Records, spends: int, run: str) -> float:
    """Spends a second of many senders at once."""
    group, each = service.together(records), spends // SENDERS
    ready = threading.Barrier(SENDERS + 1)

    def send(sender: int) -> None:
        ready.wait()
        for place in range(each):
            wish = Wish(verb="spend", key=f"{run}-{sender}-{place}", at=T0 + timedelta(seconds=1), points=3)
            group.move(service.Asked(SHOP, f"c{(sender * each + place) % CUSTOMERS}", wish))

    threads = [threading.Thread(target=send, args=(sender,)) for sender in range(SENDERS)]
    for thread in threads:
        thread.start()
    ready.wait()
    begun = perf_counter()
    for thread in threads:
        thread.join()
    took = perf_counter() - begun
    with records.reading() as uow:
        if uow.value(select(func.sum(points_entry.c.points))) != 0:
            raise AssertionError("the entries do not add up to 0")
    return each * SENDERS / took


def recounted(records: Records, entries: int) -> tuple[int, float]:
    """How many entries there are in the end, and the seconds to count everything from them."""
    with records.reading() as uow:
        have = int(uow.value(select(func.count()).select_from(points_entry)) or 0)
    day = 0
    while have < entries:
        day += 1
        verb = "earn" if day % 3 == 1 else "spend"
        wish = Wish(verb=verb, key=f"d{day}", at=T0 + timedelta(days=1, hours=day), points=5)  # type: ignore[arg-type]
        with records.unit() as uow:
            service.move(uow, [service.Asked(SHOP, f"c{place}", wish) for place in range(CUSTOMERS)])
        have += 2 * CUSTOMERS
    if not records.is_sqlite:
        with records.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
    begun = perf_counter()
    found = service.rebuild(records)
    took = perf_counter() - begun
    if found.differences:
        raise AssertionError(f"the journal makes something else: {found.differences[:3]}")
    return found.entries, took


@contextmanager
def on_sqlite() -> Iterator[Records]:
    """A file in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        records = Records.open(f"sqlite:///{Path(folder)}/records.sqlite")
        yield records
        records.close()


@contextmanager
def on_postgresql() -> Iterator[Records]:
    """A database of a private server."""
    with PostgresServer.started_or_found(durable=True) as server:
        records = Records.open(server.fresh_database())
        yield records
        records.close()


if __name__ == "__main__":
    print(measure(*map(int, sys.argv[1:])))
