"""The verbs of the segments room: kept, evaluated, compared, explained, sent on; and what other rooms call when people change."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir

from regulars.collect import identity
from regulars.errors import InvalidInput, NotFound
from regulars.guard import privacy
from regulars.understand.questions import Desk
from regulars.understand.questions.queries import BEHAVIOUR
from regulars.understand.segments import comparing, explaining, following, judging, shelf
from regulars.understand.segments.comparing import OPERATIONS, combined, flows, overlap, sizes, tree_of
from regulars.understand.segments.domain.kept import Segment, SegmentFile
from regulars.understand.segments.domain.library import BY_ID, LIBRARY
from regulars.understand.segments.domain.reading import definition
from regulars.understand.segments.evaluating import Evaluated, evaluate
from regulars.understand.segments.explaining import Explained
from regulars.understand.segments.hooks import (
    DELIVER,
    ask_delivery,
    deliver,
    hooks_behind,
)
from regulars.understand.segments.hooks import (
    add as add_hook,
)
from regulars.understand.segments.hooks import (
    listing as hooks,
)
from regulars.understand.segments.hooks import (
    remove as remove_hook,
)
from regulars.understand.segments.judging import Preview, as_of
from regulars.understand.segments.queries import members
from regulars.understand.segments.shelf import EVALUATE, apply, as_file, ask, get, how_many, listing, save, throw_away
from regulars.warehouse import unbound

if TYPE_CHECKING:
    from regulars.access import Shop
    from regulars.access.domain import Caller
    from regulars.records import Records, UnitOfWork
    from regulars.warehouse import Warehouse

__all__ = [
    "DELIVER",
    "EVALUATE",
    "LIBRARY",
    "OPERATIONS",
    "Evaluated",
    "Explained",
    "Preview",
    "Segment",
    "SegmentFile",
    "add_hook",
    "any_members",
    "apply",
    "as_file",
    "as_of",
    "ask",
    "ask_delivery",
    "combination_page",
    "combined",
    "comparing",
    "deliver",
    "evaluate",
    "event_names",
    "every_member",
    "explain",
    "flows",
    "from_library",
    "get",
    "hooks",
    "hooks_behind",
    "how_many",
    "ids_of_csv",
    "listing",
    "member_page",
    "of_customer",
    "overlap",
    "preview",
    "remove_hook",
    "save",
    "sizes",
    "throw_away",
    "tree_of",
    "whom",
]  # fmt: skip

_BATCH = 100_000
_NAMES = 100
_USUAL = ("Product Viewed", "Product Added", "Checkout Started", "Order Completed", "Products Searched", "Page Viewed")
_ID_HEADS = ("customer_id", "customer", "user_id", "userid", "id", "客户编号", "会员编号", "用户id")

if following.follow_lists not in identity.MERGERS:
    identity.MERGERS.append(following.follow_lists)
if following.follow_members not in identity.MOVERS:
    identity.MOVERS.append(following.follow_members)
if following.forget not in privacy.ERASERS:
    privacy.ERASERS.append(following.forget)


def preview(records: Records, desk: Desk, where_tree: Any, *, known_only: bool = False, sample: int = 10) -> Preview:
    """Live size and a sample of a tree that is not kept yet.

    Raises
    ------
    InvalidInput : with the place of what cannot be understood.
    """
    wanted = definition(where_tree, desk.shop.timezone, known_only=known_only)
    with records.reading() as uow:
        known = {one.segment_id: one for one in listing(uow, desk.shop.shop_id)}
    others, listed = shelf.needed(wanted, known, desk.shop)
    return judging.preview(desk, wanted, others, listed, sample=sample)


def whom(uow: UnitOfWork, desk: Desk, where_tree: Any) -> ir.Table | None:
    """The `customer_id` of everybody a tree holds that is kept elsewhere, as the rule of a tag is; null without a tree.

    Raises
    ------
    InvalidInput : with the place of what cannot be understood.
    """
    if where_tree is None:
        return None
    wanted = definition(where_tree, desk.shop.timezone)
    known = {one.segment_id: one for one in listing(uow, desk.shop.shop_id)}
    return judging.members_of(desk, wanted, *shelf.needed(wanted, known, desk.shop))


def explain(records: Records, desk: Desk, segment_id: str, customer_id: str, language: str = "en") -> Explained:
    """Why a customer is in a segment, or is not; by any id the customer has had."""
    with records.reading() as uow:
        known = {one.segment_id: one for one in listing(uow, desk.shop.shop_id)}
        one = get(uow, desk.shop.shop_id, segment_id)
        customer_id = identity.customer_of(uow, desk.shop.shop_id, customer_id)
    return explaining.explain(desk, one, known, customer_id, language)


def member_page(desk: Desk, segment_id: str, *, after: str | None = None, limit: int = 100) -> list[dict[str, Any]]:
    """Members as last evaluated, by id: `customer_id`, `entered_at`; one more than `limit` where there are more."""
    rows = members.stored(desk.shop.shop_id, segment_id)
    if after is not None:
        rows = rows.filter(rows.customer_id > after)
    return desk.warehouse.rows(rows.select("customer_id", "entered_at").order_by("customer_id").limit(limit + 1))


def every_member(desk: Desk, segment_id: str) -> Iterator[dict[str, Any]]:
    """All members, by id, read piece by piece."""
    rows = members.stored(desk.shop.shop_id, segment_id).select("customer_id", "entered_at").order_by("customer_id")
    for batch in desk.warehouse.batches(rows, rows=_BATCH):
        yield from batch.to_pylist()


def combination_page(
    desk: Desk, operation: str, segments: Sequence[str], *, after: str | None = None, limit: int = 100
) -> list[str]:
    """The customers of a set operation, by id; one more than `limit` where there are more."""
    rows = combined(desk, operation, segments)
    if after is not None:
        rows = rows.filter(rows.customer_id > after)
    return [row["customer_id"] for row in desk.warehouse.rows(rows.order_by("customer_id").limit(limit + 1))]


def ids_of_csv(text: str) -> list[str]:
    """The ids of a CSV file: its column `customer_id`, else its first one; a head that names it is no id.

    Raises
    ------
    InvalidInput : the file holds no id.
    """
    rows = [row for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"))) if any(cell.strip() for cell in row)]
    head = [cell.strip().lower() for cell in rows[0]] if rows else []
    named = next((i for i, cell in enumerate(head) if cell in _ID_HEADS), None)
    place = named or 0
    found = [row[place].strip() for row in rows[0 if named is None else 1 :] if len(row) > place and row[place].strip()]
    if not found:
        raise InvalidInput(
            "the file holds no customer", mend="give one id in each line, or a column customer_id", code="empty_list"
        )
    return found


def of_customer(desk: Desk, customer_id: str) -> dict[str, Any]:
    """The segments a customer is in, and since when."""
    rows = unbound("segment_members")
    rows = rows.filter(rows.shop_id == desk.shop.shop_id, rows.customer_id == customer_id)
    return {row["segment_id"]: row["entered_at"] for row in desk.warehouse.rows(rows.select("segment_id", "entered_at"))}


def event_names(desk: Desk) -> list[str]:
    """The names of the shop's events, the commonest first: what a builder offers."""
    rows = unbound("events")
    rows = rows.filter(rows.shop_id == desk.shop.shop_id, rows.customer_id.notnull(), rows.type.isin(BEHAVIOUR))
    counts = rows.group_by("event").aggregate(n=rows.count()).order_by(ibis.desc("n"), ibis.asc("event")).limit(_NAMES)
    found = desk.warehouse.cached(("segments.events", desk.shop.shop_id), lambda: desk.warehouse.rows(counts), of=("events",))
    return [row["event"] for row in found] or list(_USUAL)


def any_members(warehouse: Warehouse, shop_id: str) -> bool:
    """Whether anything is stored, though there may be no segment any more."""
    rows = unbound("segment_members")
    return bool(warehouse.rows(rows.filter(rows.shop_id == shop_id).select("segment_id").limit(1)))


def from_library(uow: UnitOfWork, caller: Caller, shop: Shop, library_ids: Sequence[str]) -> list[Segment]:
    """Make segments of ready-made ones; one that is there already stays as it is.

    Raises
    ------
    NotFound : there is no ready-made one of that id.
    """
    known = {one.segment_id: one for one in listing(uow, shop.shop_id)}
    made = []
    for one in library_ids:
        ready = BY_ID.get(one)
        if ready is None:
            raise NotFound(
                f"there is no ready-made segment '{one}'", mend="list them with `GET /v1/segment_library`", code="not_in_library"
            )
        if one in known:
            made.append(known[one])
            continue
        given = SegmentFile(
            segment_id=one,
            name=ready.en,
            name_zh=ready.zh,
            description=ready.means(shop.language),
            where_tree=dict(ready.where_tree),
            known_only=True,
        )
        made.append(save(uow, caller, shop, given, library_id=one))
    return made
