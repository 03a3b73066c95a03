"""The operational store: what may happen now, in transactions, on SQLite or PostgreSQL.

A verb is given a `UnitOfWork`; it reads, writes and tells events through it. The edge that opened the unit commits it:
one verb, one transaction, its events included.
"""

from __future__ import annotations

from regulars.records.bulk import insert_many, update_many
from regulars.records.columns import Json, UtcDateTime, shop_column
from regulars.records.store import Records
from regulars.records.tables import metadata, outbox
from regulars.records.unit import UnitOfWork

__all__ = ["Json", "Records", "UnitOfWork", "UtcDateTime", "insert_many", "metadata", "outbox", "shop_column", "update_many"]
