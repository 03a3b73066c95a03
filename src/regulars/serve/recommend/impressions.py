"""What was served and seen: lists go into the warehouse by themselves, in batches; how often whom and how much is kept at hand.

A list is noted when it is asked for, without the person; who saw and chose is told by the page's events, which name the list. Notes
of the last second are lost when the process is killed: they are counts, not promises.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa

from regulars.serve.recommend import queries
from regulars.serve.recommend.knowledge import products_in
from regulars.values import clock
from regulars.values.zones import day_start
from regulars.warehouse import TABLES
from regulars.warehouse.arrow import arrow_schema

if TYPE_CHECKING:
    from regulars.warehouse import Warehouse

log = logging.getLogger(__name__)

#: Notes of lists are kept for so long.
KEPT_DAYS = 120
#: A product's share of a placement is counted over so many days.
SHARE_DAYS = 7
#: Below so many impressions of a placement no product is called shown too much.
FEWEST_FOR_SHARE = 500
_AFTER_SECONDS = 1.0
_BATCH = 500
_VISITORS = 50_000


class ImpressionLog:
    """The served lists of one shop, on their way into the warehouse."""

    def __init__(self, warehouse: Warehouse, shop_id: str) -> None:
        self._warehouse, self._shop_id = warehouse, shop_id
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._lists: list[dict[str, list[Any]]] = []
        self._timer: threading.Timer | None = None

    def add(self, columns: dict[str, list[Any]]) -> None:
        """Note a list, given as columns without the shop; it is in the warehouse within about a second."""
        with self._lock:
            self._lists.append(columns)
            if self._timer is None:
                self._timer = threading.Timer(_AFTER_SECONDS, self.try_flush)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> int:
        """Write what waits now; returns how many rows."""
        written = 0
        with self._writing:
            while True:
                with self._lock:
                    lists, self._lists = self._lists[:_BATCH], self._lists[_BATCH:]
                    if not lists:
                        if self._timer is not None:
                            self._timer.cancel()
                            self._timer = None
                        return written
                written += self._write(lists)

    def _write(self, lists: Sequence[dict[str, list[Any]]]) -> int:
        schema = arrow_schema(TABLES["list_impressions"])
        columns = {name: [value for one in lists for value in one[name]] for name in schema.names if name != "shop_id"}
        columns["shop_id"] = [self._shop_id] * len(columns["list_id"])
        table = pa.table([pa.array(columns[one.name], one.type) for one in schema], schema=schema)
        return self._warehouse.append("list_impressions", table) if table.num_rows else 0

    def try_flush(self) -> None:
        """The same where nobody waits for it: what cannot be written is lost, and said."""
        try:
            self.flush()
        except Exception:
            log.warning("served lists could not be noted", extra={"shop_id": self._shop_id}, exc_info=True)
            with self._lock:
                self._timer = None  # the next list tries again


def forget(warehouse: Warehouse, shop_id: str) -> int:
    """Take away notes that are older than they are kept; returns how many."""
    before = (clock.now() - timedelta(days=KEPT_DAYS)).astimezone(UTC).replace(tzinfo=None)
    return warehouse.delete("list_impressions", lambda t: (t.shop_id == shop_id) & (t.served_at < ibis.timestamp(before)))


class Exposure:
    """How often a visitor saw a product today, and how much of a placement a product has; kept in memory."""

    def __init__(self, warehouse: Warehouse, shop_id: str, timezone: str) -> None:
        self._warehouse, self._shop_id, self._timezone = warehouse, shop_id, timezone
        self._day = clock.today(timezone)
        self._seen: OrderedDict[str, Counter[str]] = OrderedDict()
        self._served: dict[str, Counter[str]] = {}

    def renew(self) -> None:
        """Count anew from the warehouse; what it does not hold yet is heard afterwards."""
        self._day = clock.today(self._timezone)
        self._seen.clear()
        self._served.clear()
        for row in self._warehouse.rows(queries.seen_since(self._shop_id, day_start(self._day, self._timezone))):
            self._count(row["customer_id"], products_in(row["properties"]))

    def saw(self, person: str, at: datetime, products: Iterable[str]) -> None:
        """Somebody saw products; what was not today does not count."""
        self._roll()
        if at >= day_start(self._day, self._timezone):
            self._count(person, products)

    def served(self, placement: str, products: Iterable[str]) -> None:
        """A list was served."""
        counts = self._served.get(placement)
        if counts is not None:
            counts.update(products)

    def often(self, persons: Sequence[str], most: int) -> set[str]:
        """The products that a person has seen at least so often today."""
        self._roll()
        total: Counter[str] = Counter()
        for one in persons:
            total.update(self._seen.get(one, {}))
        return {product_id for product_id, times in total.items() if times >= most}

    def much(self, placement: str, most_bps: int) -> set[str]:
        """The products that have more than their share of a placement."""
        counts = self._served.get(placement)
        if counts is None:
            since = clock.now() - timedelta(days=SHARE_DAYS)
            rows = self._warehouse.rows(queries.served_of(self._shop_id, placement, since))
            counts = self._served[placement] = Counter({row["product_id"]: int(row["n"]) for row in rows})
        total = counts.total()
        if total < FEWEST_FOR_SHARE:
            return set()
        return {product_id for product_id, n in counts.items() if n * 10_000 > most_bps * total}

    def _roll(self) -> None:
        """Nobody has seen anything when a day begins."""
        today = clock.today(self._timezone)
        if self._day != today:
            self._day = today
            self._seen.clear()

    def _count(self, person: str, products: Iterable[str]) -> None:
        self._seen.setdefault(person, Counter()).update(products)
        self._seen.move_to_end(person)
        while len(self._seen) > _VISITORS:
            self._seen.popitem(last=False)
