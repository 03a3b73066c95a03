"""Segments side by side, over HTTP: overlap, set operations and flow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from fastapi import Response
from pydantic import AwareDatetime, Field

from regulars.understand.segments import service
from regulars.understand.segments.api.routes import AT, FLOWS, OVERLAP, Strict, api, desk_of
from regulars.understand.segments.domain.kept import Flows, Overlap
from regulars.understand.segments.exports import customers_table, overlap_table
from regulars.web import Door
from regulars.web.downloads import Format, csv_file
from regulars.web.paging import Cursor, Limit, Page, page, place_of


class SegmentsToCompare(Strict):
    """Two to five segments."""

    segments: list[str] = Field(min_length=2, max_length=5, description="Their ids")


class SegmentsToCombine(SegmentsToCompare):
    """A set operation on two to five segments."""

    operation: Literal["union", "intersection", "difference", "exclusive"] = Field(
        description="in any; in all; in the first and no other; in exactly one"
    )


class TimeBetween(SegmentsToCompare):
    """Two to five segments, and from when to when."""

    first_at: AwareDatetime = Field(description="The beginning")
    last_at: AwareDatetime = Field(description="The end")


@dataclass(frozen=True, slots=True, kw_only=True)
class CombinedCustomer:
    """A customer of a set operation."""

    customer_id: str


@api.post(
    "/v1/segment_overlaps",
    permission="read_reports",
    answer=Overlap,
    summary="How segments overlap",
    example=OVERLAP,
    sends=SegmentsToCompare(segments=["high-value", "price-sensitive"]),
    replayable=False,
)
def post_segment_overlap(door: Door, body: SegmentsToCompare, format: Format = "json") -> Overlap | Response:
    """How many customers are in exactly each combination, as UpSet plots and Venn diagrams need it."""
    _known(door, body.segments)
    found = service.overlap(desk_of(door), body.segments)
    return csv_file(door, overlap_table(found), "segment-overlap") if format == "csv" else found


@api.post(
    "/v1/segment_combinations",
    permission="read_customers",
    answer=Page[CombinedCustomer],
    summary="Customers of a set operation",
    example=Page(items=[CombinedCustomer(customer_id="12347")]),
    sends=SegmentsToCombine(segments=["high-value", "price-sensitive"], operation="intersection"),
    replayable=False,
)
def post_segment_combination(
    door: Door, body: SegmentsToCombine, cursor: Cursor = None, limit: Limit = 100, format: Format = "json"
) -> Page[CombinedCustomer] | Response:
    """By id; as CSV all of them."""
    _known(door, body.segments)
    desk = desk_of(door)
    if format == "csv":
        everybody = service.combination_page(desk, body.operation, body.segments, limit=2_000_000)
        return csv_file(door, customers_table(everybody), f"segments-{body.operation}")
    found = service.combination_page(desk, body.operation, body.segments, after=place_of(cursor, str), limit=limit)
    return page([CombinedCustomer(customer_id=one) for one in found], limit, lambda one: one.customer_id)


@api.post(
    "/v1/segment_flows",
    permission="read_reports",
    answer=Flows,
    summary="How customers moved between segments",
    example=FLOWS,
    sends=TimeBetween(segments=["active", "sleeping"], first_at=datetime(2026, 10, 1, tzinfo=AT.tzinfo), last_at=AT),
    replayable=False,
)
def post_segment_flows(door: Door, body: TimeBetween) -> Flows:
    """From where to where, between two instants; "" stands for none of the segments. Of several a customer is in, the first named counts."""
    _known(door, body.segments)
    return service.flows(desk_of(door), body.segments, body.first_at, body.last_at)


def _known(door: Door, segments: list[str]) -> None:
    with door.reading() as uow:
        for one in segments:
            service.get(uow, door.shop.shop_id, one)
