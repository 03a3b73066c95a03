"""Reading as it was then: every table ends at the cut-off, and whoever reads past it is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

from regulars.errors import InvalidInput
from regulars.predict.snapshots.domain import SECONDS_A_DAY
from regulars.understand.metrics import Scope, counted, instant
from regulars.warehouse import unbound
from regulars.warehouse.local_time import local_date

#: When a row of each table became known. Tables that hold only what is known now (customers, products, profiles, traits) have none,
#: and no feature may read them.
MOMENTS = {
    "orders": "ordered_at",
    "order_lines": "ordered_at",
    "refunds": "refunded_at",
    "reviews": "reviewed_at",
    "product_snapshots": "observed_at",
    "sessions": "ended_at",
    "events": "timestamp",
    "event_log": "timestamp",
}
#: Columns that are written into a row later than its moment: what they say today was not known then.
_WRITTEN_LATER = {"orders": ("status", "cancelled_at"), "order_lines": ("status",)}
#: Times of an order that are known once they are over.
_KNOWN_WHEN_OVER = ("shipped_at", "delivered_at", "promised_at")


@dataclass(frozen=True)
class Past:
    """The tables of one shop as they were known at `as_of` (exclusive)."""

    scope: Scope
    first_at: datetime  # no order is before it
    as_of: datetime
    only: ir.Table | None = None  # `customer_id` of those who are looked at; null: everybody

    def read(self, name: str) -> ir.Table:
        """The rows of a table that were there before the cut-off, without the columns that are written later.

        Of orders and their lines only counted ones in the shop's currency; `cancelled` says whether an order was cancelled by then,
        and when it was sent, arrived and was promised is told where that was before the cut-off.

        Raises
        ------
        InvalidInput : the table keeps no past.
        """
        moment = MOMENTS.get(name)
        if moment is None:
            raise InvalidInput(
                f"'{name}' holds what is known now and keeps no past",
                mend=f"read one of {', '.join(sorted(MOMENTS))}",
                code="no_past",
            )
        table = unbound(name)
        rows = table.filter(table.shop_id == self.scope.shop_id, table[moment] < instant(self.as_of))
        if name in ("orders", "order_lines"):
            rows = counted(rows, self.scope)
        if name == "orders":
            cut = instant(self.as_of)
            over = {name: ibis.cases((rows[name] < cut, rows[name])) for name in _KNOWN_WHEN_OVER}
            rows = rows.mutate(cancelled=(rows.cancelled_at < cut).fill_null(False), **over)
        if self.only is not None and "customer_id" in rows.columns:
            rows = rows.semi_join(self.only, "customer_id")
        return rows.drop(*_WRITTEN_LATER.get(name, ()))

    def purchases(self) -> ir.Table:
        """Counted orders of known customers, with their local day as `purchase_on` and `ago`, the days before the cut-off."""
        rows = self.read("orders")
        rows = rows.filter(rows.customer_id.notnull())
        on = local_date(rows.ordered_at, self.scope.zone, self.first_at, self.as_of)
        return rows.mutate(purchase_on=on, ago=self.ago(rows.ordered_at))

    def ago(self, moment: ir.TimestampColumn) -> ir.FloatingValue:
        """How many days before the cut-off it was; never negative."""
        return (ibis.literal(self.as_of.timestamp()) - moment.epoch_seconds().cast("float64")) / SECONDS_A_DAY

    def check(self, what: str, expression: ir.Table) -> None:
        """See that every table in the expression is read up to the cut-off and not beyond.

        Raises
        ------
        InvalidInput : it is not; the sentence names the table.
        """
        for table in _open_reads(expression.op(), instant(self.as_of).op(), set()):
            raise InvalidInput(
                f"{what} reads '{table}' after the cut-off",
                mend="read it with Past.read, which ends at the cut-off",
                code="reads_the_future",
                table=table,
            )


def _open_reads(node: Any, cut: Any, seen: set[int]) -> Iterator[str]:
    """Names of tables that are reached without the filter `moment < cut` right above them."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, ops.Filter) and isinstance(node.parent, ops.UnboundTable):
        moment = MOMENTS.get(node.parent.name)
        if moment is not None and any(_ends_there(predicate, moment, cut) for predicate in node.predicates):
            return
    if isinstance(node, ops.UnboundTable | ops.DatabaseTable):
        yield node.name
        return
    for child in node.__children__:
        yield from _open_reads(child, cut, seen)


def _ends_there(predicate: Any, moment: str, cut: Any) -> bool:
    return (
        isinstance(predicate, ops.Less)
        and isinstance(predicate.left, ops.Field)
        and predicate.left.name == moment
        and predicate.right == cut
    )


#: Features of the caller's own: a name, and how its table (customer_id and a column of that name) is made from the past.
Own: TypeAlias = Mapping[str, Callable[[Past], ir.Table]]
