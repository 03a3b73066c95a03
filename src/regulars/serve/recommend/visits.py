"""Visits as the warehouse tells them: views cut into sessions after a rest, read in parts so that the views are never held as texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from regulars.serve.recommend import queries
from regulars.serve.recommend.people import hashes

if TYPE_CHECKING:
    from regulars.warehouse import Warehouse

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: A visit ends after so long a rest.
REST_DAYS = 30 / 1440
#: Sessions older than this are not looked at.
KEPT_DAYS = 120.0
_DAY_US = 86_400_000_000
#: Views that are read at once, about.
_AT_ONCE = 2_500_000


@dataclass
class Sessions:
    """Sessions of a shop as flat arrays, the oldest first; `owners` tells whose each was, by `people.hashes`."""

    items: npt.NDArray[np.int32]
    starts: Ints
    ended: Floats
    owners: Ints


def sessions(warehouse: Warehouse, shop_id: str, number: dict[str, int]) -> Sessions:
    """A shop's sessions; products get numbers as they come."""
    span = warehouse.rows(queries.views_span(shop_id))[0]
    if not span["views"]:
        return joined([])
    parts = -(-span["views"] // _AT_ONCE)
    since = (span["newest"] - timedelta(days=KEPT_DAYS + 1)).isoformat(sep=" ")
    found = []
    for part in range(parts):
        table = warehouse.query(queries.views(shop_id, parts, part), since=since)
        for name in pc.unique(table.column("product_id")).to_pylist():
            number.setdefault(name, len(number))
        found.append(sessions_of(table, number))
        del table
    return joined(found)


def sessions_of(table: pa.Table, number: Mapping[str, int]) -> Sessions:
    """Views of whole people cut into sessions after a rest; the same product twice in a row is one view."""
    if not table.num_rows:
        return joined([])
    coded = table.column("customer_id").combine_chunks().dictionary_encode()
    owner, people = np.asarray(coded.indices), hashes(coded.dictionary)
    told = table.column("product_id").combine_chunks().dictionary_encode()
    item = np.array([number[name] for name in told.dictionary.to_pylist()], np.int32)[np.asarray(told.indices)]
    at = np.asarray(table.column("timestamp").cast(pa.timestamp("us")).cast(pa.int64())) / _DAY_US
    order = np.lexsort((item, at, owner))
    owner, item, at = owner[order], item[order], at[order]
    new = np.ones(len(at), bool)
    new[1:] = (owner[1:] != owner[:-1]) | (at[1:] - at[:-1] > REST_DAYS)
    kept = new.copy()
    kept[1:] |= item[1:] != item[:-1]
    session = new.cumsum() - 1
    ended = np.zeros(session[-1] + 1)
    ended[session] = at
    counts = np.bincount(session[kept], minlength=len(ended))
    return Sessions(item[kept], np.concatenate([[0], counts.cumsum()]).astype(np.int64), ended, people[owner[new]])


def joined(parts: Sequence[Sessions]) -> Sessions:
    """Sessions of several groups of people in one order; without those that ended long before the last."""
    parts = [one for one in parts if len(one.ended)]
    if not parts:
        return Sessions(np.empty(0, np.int32), np.zeros(1, np.int64), np.empty(0), np.empty(0, np.int64))
    ended = np.concatenate([one.ended for one in parts])
    owners = np.concatenate([one.owners for one in parts])
    lengths = np.concatenate([np.diff(one.starts) for one in parts])
    begins = lengths.cumsum() - lengths
    items = np.concatenate([one.items for one in parts])
    order = np.lexsort((items[begins], lengths, ended))
    order = order[ended[order] >= ended.max() - KEPT_DAYS]
    counts = lengths[order]
    starts = np.concatenate([[0], counts.cumsum()]).astype(np.int64)
    flat = np.repeat(begins[order] - starts[:-1], counts) + np.arange(starts[-1])
    return Sessions(items[flat], starts, ended[order], owners[order])
