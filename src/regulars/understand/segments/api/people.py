"""Who is in a segment, over HTTP: page by page, as a file, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import Path, Query, Response

from regulars.access import audit
from regulars.understand.segments import service
from regulars.understand.segments.api.routes import AT, EXPLAINED, SIZE, SegmentId, api, desk_of
from regulars.understand.segments.domain.kept import SizeDay
from regulars.understand.segments.explaining import Explained
from regulars.understand.segments.exports import members_table, sizes_table
from regulars.web import Door
from regulars.web.downloads import Format, csv_file
from regulars.web.paging import Cursor, Limit, Page, page, place_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentMember:
    """A customer or visitor, and since when without a break."""

    customer_id: str
    entered_at: datetime


@api.get(
    "/v1/segments/{segment_id}/members",
    permission="read_customers",
    answer=Page[SegmentMember],
    summary="Members of a segment",
    example=Page(items=[SegmentMember(customer_id="12347", entered_at=AT)]),
)
def get_segment_members(
    door: Door, segment_id: SegmentId, cursor: Cursor = None, limit: Limit = 100, format: Format = "json"
) -> Page[SegmentMember] | Response:
    """As last evaluated, by id; as CSV all of them, and the export is audited."""
    desk = desk_of(door)
    with door.reading() as uow:
        service.get(uow, door.shop.shop_id, segment_id)
    if format == "csv":
        door.caller.demand("export")
        with door.unit() as uow:
            audit.record(uow, door.caller, "segment.exported", segment_id, shop_id=door.shop.shop_id)
        return csv_file(door, members_table(service.every_member(desk, segment_id)), f"segment-{segment_id}")
    found = service.member_page(desk, segment_id, after=place_of(cursor, str), limit=limit)
    shown = [SegmentMember(customer_id=row["customer_id"], entered_at=row["entered_at"].replace(tzinfo=UTC)) for row in found]
    return page(shown, limit, lambda one: one.customer_id)


@api.get(
    "/v1/segments/{segment_id}/explanations/{customer_id}",
    permission="read_customers",
    answer=Explained,
    summary="Why a customer is in a segment, or is not",
    example=EXPLAINED,
)
def get_segment_explanation(
    door: Door, segment_id: SegmentId, customer_id: Annotated[str, Path(max_length=200, description="The customer or visitor")]
) -> Explained:
    """Each condition with whether it holds and what was found of the customer, judged now."""
    return service.explain(door.records, desk_of(door), segment_id, customer_id, door.language)


@api.get(
    "/v1/segments/{segment_id}/sizes",
    permission="read_reports",
    answer=Page[SizeDay],
    summary="Size of a segment by day",
    example=Page(items=[SIZE]),
)
def get_segment_sizes(
    door: Door,
    segment_id: SegmentId,
    first: Annotated[date | None, Query(alias="from", description="First local day")] = None,
    to: Annotated[date | None, Query(description="Last local day, included")] = None,
    format: Format = "json",
) -> Page[SizeDay] | Response:
    """Members at the last evaluation of each day, and how many came and went during it."""
    with door.reading() as uow:
        service.get(uow, door.shop.shop_id, segment_id)
        found = service.sizes(uow, door.shop.shop_id, segment_id, first_on=first, last_on=to)
    return csv_file(door, sizes_table(found), f"segment-{segment_id}-sizes") if format == "csv" else Page(items=found)
