"""The unit of work: one transaction, and what is to be told or done once it holds."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, CursorResult, Executable, RowMapping, Select, insert

from regulars.events import Event
from regulars.records.bulk import insert_many
from regulars.records.tables import outbox
from regulars.values.clock import now

log = logging.getLogger(__name__)


class UnitOfWork:
    """One transaction. Never commits by itself; whoever opened it does when the block ends."""

    def __init__(self, connection: Connection, *, writes: bool) -> None:
        self.connection = connection
        self.writes = writes
        self._afterwards: list[Callable[[], None]] = []

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.connection.dialect.name

    def execute(
        self, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Run a statement; a list of values runs it for all of them at once."""
        result: CursorResult[Any] = self.connection.execute(statement, values)  # type: ignore[assignment, arg-type, unused-ignore]
        return result

    def rows(self, statement: Select[Any], values: Mapping[str, Any] | None = None) -> list[RowMapping]:
        """All rows, by column name; `values` fill the parameters of a statement that was built once."""
        return list(self.connection.execute(statement, values).mappings().all())

    def one(self, statement: Select[Any]) -> RowMapping | None:
        """The first row, or None."""
        return self.connection.execute(statement).mappings().first()

    def value(self, statement: Select[Any]) -> Any:
        """The first cell, or None."""
        return self.connection.execute(statement).scalar()

    def tell(self, event: Event) -> None:
        """Publish an event with this transaction: it is relayed if and only if the transaction commits."""
        self.execute(insert(outbox).values(**event.envelope(), told_at=now(), attempts=0))

    def tell_all(self, events: Sequence[Event]) -> None:
        """Publish many events with this transaction, in their order."""
        at = now()
        insert_many(self.connection, outbox, [{**event.envelope(), "told_at": at, "attempts": 0} for event in events])

    def after_commit(self, action: Callable[[], None]) -> None:
        """Do something once the transaction holds (wake the worker, drop a cache). It must not fail the caller."""
        self._afterwards.append(action)

    def committed(self) -> None:
        """Called by the store after the commit."""
        for action in self._afterwards:
            try:
                action()
            except Exception:
                log.exception("an action after a commit failed")
