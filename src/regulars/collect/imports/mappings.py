"""Mappings of columns that were used before, kept per shop and known again by the headers of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from regulars.collect.imports.domain.fields import FIELDS, KINDS, Kind
from regulars.collect.imports.domain.mapping import fingerprint
from regulars.collect.imports.tables import column_mapping
from regulars.errors import InvalidInput, NotFound
from regulars.records import UnitOfWork
from regulars.values.clock import now


@dataclass(frozen=True, slots=True)
class SavedMapping:
    """A form of file this shop has loaded before: its headers, and the field each column stands for."""

    fingerprint: str
    kind: Kind
    name: str
    headers: tuple[str, ...]
    fields: dict[str, str]
    options: dict[str, Any]
    created_at: datetime
    used_at: datetime


def saved(uow: UnitOfWork, shop_id: str) -> list[SavedMapping]:
    """All saved mappings of a shop, the last used first."""
    rows = uow.rows(select(column_mapping).where(column_mapping.c.shop_id == shop_id).order_by(column_mapping.c.used_at.desc()))
    return [_mapping(row) for row in rows]


def by_fingerprint(uow: UnitOfWork, shop_id: str) -> dict[str, dict[str, str]]:
    """Fingerprint -> field -> column."""
    return {one.fingerprint: one.fields for one in saved(uow, shop_id)}


def save(
    uow: UnitOfWork,
    shop_id: str,
    kind: Kind,
    headers: tuple[str, ...],
    fields: Mapping[str, str],
    *,
    name: str = "",
    options: Mapping[str, Any] | None = None,
) -> SavedMapping:
    """Keep a mapping for files with these headers, in the place of an older one.

    Raises
    ------
    InvalidInput : an unknown kind or field, or a column that is not among the headers.
    """
    if kind not in KINDS:
        raise InvalidInput(f"'{kind}' is not a kind of file", mend=f"give one of {', '.join(KINDS)}", code="unknown_kind")
    for field, column in fields.items():
        if field not in FIELDS[kind]:
            raise InvalidInput(
                f"'{field}' is not a field of {kind}", mend=f"use one of {', '.join(FIELDS[kind])}", code="unknown_field"
            )
        if column and column not in headers:
            raise InvalidInput(
                f"'{column}' is not among the headers", mend=f"the headers are {', '.join(headers)}", code="unknown_column"
            )
    mark = fingerprint(kind, headers)
    values = {
        "kind": kind,
        "name": (name or kind)[:200],
        "headers": list(headers),
        "fields": dict(fields),
        "options": dict(options or {}),
        "used_at": now(),
    }
    changed = uow.execute(
        update(column_mapping).where(column_mapping.c.shop_id == shop_id, column_mapping.c.fingerprint == mark).values(**values)
    )
    if changed.rowcount == 0:
        uow.execute(insert(column_mapping).values(shop_id=shop_id, fingerprint=mark, created_at=now(), **values))
    return one_of(uow, shop_id, mark)


def one_of(uow: UnitOfWork, shop_id: str, mark: str) -> SavedMapping:
    """The mapping of that fingerprint.

    Raises
    ------
    NotFound : there is none in this shop.
    """
    row = uow.one(select(column_mapping).where(column_mapping.c.shop_id == shop_id, column_mapping.c.fingerprint == mark))
    if row is None:
        raise NotFound(f"there is no mapping '{mark}'", mend="list the mappings with `GET /v1/mappings`", code="no_such_mapping")
    return _mapping(row)


def remove(uow: UnitOfWork, shop_id: str, mark: str) -> None:
    """Forget a mapping; files of that form are then judged by their headers again."""
    one_of(uow, shop_id, mark)
    uow.execute(delete(column_mapping).where(column_mapping.c.shop_id == shop_id, column_mapping.c.fingerprint == mark))


def _mapping(row: Mapping[Any, Any]) -> SavedMapping:
    return SavedMapping(
        row["fingerprint"],
        row["kind"],
        row["name"],
        tuple(row["headers"]),
        dict(row["fields"]),
        dict(row["options"]),
        row["created_at"],
        row["used_at"],
    )
