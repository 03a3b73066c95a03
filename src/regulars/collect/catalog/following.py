"""Following the shop's products: whoever keeps a picture of them asks what has changed since, and reads only that."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from regulars.collect.catalog import queries
from regulars.collect.catalog.reading import TABLES_READ, Look, Product, unlisted

if TYPE_CHECKING:
    from regulars.warehouse import Warehouse

_MARKS = pa.schema([("product_id", pa.string()), ("mark", pa.int64())])


@dataclass(frozen=True, slots=True)
class Picture:
    """What a picture of a shop's products was made from.

    `marks` has a number for every product of the catalogue that changes with it (null: it must be read again), `unlisted` the
    products that only orders and visits know, `state` what the warehouse was then; None where that is not known.
    """

    state: Hashable
    marks: pa.Table
    unlisted: Mapping[str, Product]


def begun(warehouse: Warehouse, shop_id: str) -> Picture:
    """What the products are now; to be asked before `products` is, so that what changes meanwhile is not missed."""
    state = warehouse.state_of(TABLES_READ)
    marks = warehouse.query(queries.marks(shop_id)).select(_MARKS.names).cast(_MARKS)
    return Picture(state, marks, unlisted(warehouse, shop_id, look="now"))


def changed(warehouse: Warehouse, shop_id: str, picture: Picture, *, look: Look = "soon") -> tuple[Picture, list[str]]:
    """The ids of products that are new, other or gone since, and the picture with them as they are now; asking in vain costs nothing.

    What `products` does not give of these ids is gone. After a write of a few products only these are looked at. `look` is as of
    `reading.unlisted`.
    """
    state = warehouse.state_of(TABLES_READ)
    now, marks = unlisted(warehouse, shop_id, look=look), picture.marks
    if state == picture.state and now is picture.unlisted:
        return picture, []
    ids: set[str] = set()
    if now is not picture.unlisted:
        both = now.keys() | picture.unlisted.keys()
        ids |= {one for one in both if now.get(one) != picture.unlisted.get(one)}
    if state != picture.state:
        written = None if picture.state is None else warehouse.changed_since(TABLES_READ, picture.state)
        if written is None:
            whole = begun(warehouse, shop_id)
            ids.update(differing(marks, whole.marks))
            marks = whole.marks
        elif touched := {product_id for shop, product_id in written if shop == shop_id}:
            marks = _unmarked(marks, sorted(touched))
            ids |= touched
    return Picture(state, marks, now), sorted(ids)


def differing(before: pa.Table, now: pa.Table) -> list[str]:
    """Ids of products that are new, other than before, or gone."""
    place = pc.index_in(now.column("product_id"), value_set=before.column("product_id").combine_chunks())
    same = pc.fill_null(pc.equal(now.column("mark"), before.column("mark").take(place)), False)
    gone = pc.invert(pc.is_in(before.column("product_id"), value_set=now.column("product_id").combine_chunks()))
    found: list[str] = now.column("product_id").filter(pc.invert(same)).to_pylist()
    return [*found, *before.column("product_id").filter(gone).to_pylist()]


def _unmarked(marks: pa.Table, ids: Sequence[str]) -> pa.Table:
    """The marks without what they say of some products: these are read again at the next whole comparison."""
    others = marks.filter(pc.invert(pc.is_in(marks.column("product_id"), value_set=pa.array(ids, pa.string()))))
    return pa.concat_tables([others, pa.table({"product_id": ids, "mark": [None] * len(ids)}, schema=_MARKS)]).combine_chunks()
