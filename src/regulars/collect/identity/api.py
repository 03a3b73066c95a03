"""Who is who over HTTP: one customer's ids, merges and refused merges, merging by hand and taking merges back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import Path, Query

from regulars.collect.identity import service
from regulars.collect.identity.asking import Place
from regulars.collect.identity.domain import Decided, Identity, Merge, OneId, RefusedMerge
from regulars.errors import InvalidInput
from regulars.web import Api, Door
from regulars.web.paging import Cursor, Limit, Page, page, place_of

api = Api(tags=["Identity"])

_AT = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
_MERGE_ID = "WyJ2Xzg0MTBkMTNkNGI2ZjQ2YTk4MzE1IiwidTE3ODUwIl0"
_MERGE = Merge(
    merge_id=_MERGE_ID,
    from_id="v_8410d13d4b6f46a98315",
    to_id="u17850",
    customer_id="u17850",
    kind="identify",
    at=_AT,
    message_id="ajs-next-1761989400-4b6f",
    recorded_at=_AT,
    decided_by="",
    decided_at=None,
    undone=False,
)
_REFUSED = RefusedMerge(
    merge_id=_MERGE_ID,
    from_id="v_8410d13d4b6f46a98315",
    to_id="u17850",
    reason="belongs_to_another",
    belongs_to="u16013",
    illegal="",
    at=_AT,
    message_id="ajs-next-1761989400-4b6f",
    recorded_at=_AT,
)
_IDENTITY = Identity(
    shop_id="tea",
    customer_id="u17850",
    is_known=True,
    ids=[
        OneId(id="u17850", kind="user", first_at=_AT, merge_id=""),
        OneId(id="v_8410d13d4b6f46a98315", kind="visitor", first_at=_AT, merge_id=_MERGE_ID),
    ],
    more=0,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeBody:
    """Two ids that are one customer: customer_ids, visitors' ids (`v_...`), or what the shop knows somebody by."""

    from_id: str
    to_id: str


@api.get(
    "/v1/identities/{id}",
    permission="read_customers",
    answer=Identity,
    summary="Whose is this id, and which other ids are theirs?",
    example=_IDENTITY,
)
def get_identity(
    door: Door, id: Annotated[str, Path(max_length=200, description="A customer_id or a visitor's id, merged or not")]
) -> Identity:
    """Ids that were merged go on resolving: any of them gives the customer. At most 200 ids are listed; `more` counts the rest."""
    with door.reading() as uow:
        return service.identity(uow, door.shop.shop_id, id)


@api.get(
    "/v1/identity_merges",
    permission="read_customers",
    answer=Page[Merge],
    summary="Merges that were made",
    example=Page(items=[_MERGE]),
)
def get_identity_merges(
    door: Door,
    kind: Annotated[Literal["identify", "alias", "operator"] | None, Query(description="Why they were made; all without")] = None,
    between_customers: Annotated[bool, Query(description="Only those of two known customers, not of a device")] = False,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[Merge]:
    """The newest first, those that were undone among them."""
    after = _place(cursor)
    with door.reading() as uow:
        found = service.merges(uow, door.shop.shop_id, kind=kind, between_customers=between_customers, after=after, limit=limit + 1)
    return page(found, limit, service.place_of_merge)


@api.get(
    "/v1/refused_merges",
    permission="read_customers",
    answer=Page[RefusedMerge],
    summary="Merges that were refused",
    example=Page(items=[_REFUSED]),
)
def get_refused_merges(door: Door, cursor: Cursor = None, limit: Limit = 100) -> Page[RefusedMerge]:
    """The newest first: devices and names that belong to another customer already, and ids that name nobody."""
    after = _place(cursor)
    with door.reading() as uow:
        found = service.refused_merges(uow, door.shop.shop_id, after=after, limit=limit + 1)
    return page(found, limit, service.place_of_merge)


@api.post(
    "/v1/identity_merges",
    permission="load_data",
    answer=Decided,
    summary="Merge two customers by hand",
    example=Decided(merge=_MERGE, changed=1, still_together=True),
    sends=MergeBody(from_id="c_2f1d0c9b8a7e6d5c4b3a", to_id="u17850"),
)
def post_identity_merge(door: Door, body: MergeBody) -> Decided:
    """The customer is the id first seen, ties by id; `merge.customer_id` says which. Events and orders follow within seconds."""
    with door.unit() as uow:
        return service.merge(uow, door.warehouse, door.caller, door.shop.shop_id, body.from_id, body.to_id)


@api.post(
    "/v1/identity_merges/{merge_id}/undo",
    permission="load_data",
    answer=Decided,
    summary="Take a merge back",
    example=Decided(merge=_MERGE, changed=1, still_together=False),
)
def post_identity_merge_undo(door: Door, merge_id: Annotated[str, Path(max_length=1000, description="The merge")]) -> Decided:
    """It stays undone even when messages say the same again. `still_together`: another merge joins the two, undo that one too."""
    with door.unit() as uow:
        return service.undo(uow, door.caller, door.shop.shop_id, merge_id)


def _place(cursor: str | None) -> Place | None:
    """Where the page before ended."""
    found = place_of(cursor, list)
    if found is None:
        return None
    try:
        when, left, right = found
        at = datetime.fromisoformat(when)
        if not (isinstance(left, str) and isinstance(right, str)) or at.tzinfo is None:
            raise ValueError
        return at, left, right
    except (ValueError, TypeError):
        raise InvalidInput(
            "the cursor is not one of ours", mend="send `next` of the page before, unchanged", code="bad_cursor"
        ) from None
