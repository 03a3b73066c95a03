"""Segments over HTTP: kept, changed, applied from files, and the ready-made ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Query, Response
from pydantic import Field

from regulars.understand.segments import service
from regulars.understand.segments.api.routes import PREVIEW, SEGMENT, TREE, SegmentId, Strict, api, desk_of
from regulars.understand.segments.domain.kept import Segment, SegmentFile
from regulars.understand.segments.domain.library import LIBRARY
from regulars.understand.segments.judging import Preview
from regulars.web import Door
from regulars.web.paging import Page

Tree = Annotated[dict[str, Any] | None, Field(description="The conditions; null for an uploaded list")]
_FILE_BYTES = 64 * 1024 * 1024


class SegmentToKeep(Strict):
    """A segment as it is to be. `customers` are the ids of an uploaded one, as the shop's systems know them."""

    name: str = Field(max_length=200, description="What people call it")
    name_zh: str = Field(default="", max_length=200, description="What it is called in Chinese; empty: the same")
    description: str = Field(default="", max_length=2_000, description="What it is for")
    kind: Literal["dynamic", "frozen", "uploaded"] = Field(
        default="dynamic", description="dynamic follows the data, frozen keeps whom it held, uploaded is a list"
    )
    where_tree: Tree = None
    known_only: bool = Field(default=False, description="Without visitors nobody has named yet")
    customers: list[str] = Field(default_factory=list, max_length=2_000_000, description="Of an uploaded one")
    csv: str | None = Field(default=None, description="The same as a CSV file: a column customer_id, or one id in each line")


class SegmentToMake(SegmentToKeep):
    """A segment to make; without an id it gets one that resembles its name."""

    segment_id: str = Field(default="", max_length=64, description="Small letters, digits, - and _", examples=["lapsing-regulars"])


class TreeToTry(Strict):
    """Conditions to try."""

    where_tree: dict[str, Any] = Field(description="The conditions")
    known_only: bool = Field(default=False, description="Without visitors nobody has named yet")
    sample: int = Field(default=10, ge=0, le=100, description="How many customers to show")


class SegmentFiles(Strict):
    """Segments as files under version control have them."""

    segments: list[dict[str, Any]] = Field(min_length=1, max_length=500, description="As `GET /v1/segment_files` gives them")


class ReadyMade(Strict):
    """Which ready-made segments to make."""

    library_ids: list[str] = Field(min_length=1, max_length=100, description="As `GET /v1/segment_library` names them")


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryEntry:
    """A ready-made segment, and whether the shop has it already."""

    library_id: str
    family: str
    name: str
    means: str
    where_tree: dict[str, Any]
    is_kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentsAsFiles:
    """Segments in the form that files have, and that is sent to apply them."""

    segments: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationAsked:
    """That segments will be evaluated in a moment."""

    asked: bool = True


_FILE = {"id": "lapsing-regulars", "name": "Lapsing regulars", "where_tree": TREE}
_ENTRY = LibraryEntry(
    library_id="sleeping", family="behaviour", name="Sleeping customers", means=LIBRARY[4].means_en,
    where_tree=dict(LIBRARY[4].where_tree), is_kept=False,
)  # fmt: skip


@api.get("/v1/segments", permission="read_reports", answer=Page[Segment], summary="Segments", example=Page(items=[SEGMENT]))
def get_segments(door: Door) -> Page[Segment]:
    """Every segment with its size as last evaluated, by name."""
    with door.reading() as uow:
        return Page(items=service.listing(uow, door.shop.shop_id))


@api.post(
    "/v1/segments",
    permission="manage_segments",
    answer=Segment,
    summary="Make a segment",
    example=SEGMENT,
    status=201,
    sends=SegmentToMake(segment_id="lapsing-regulars", name="Lapsing regulars", where_tree=TREE),
    body_bytes=_FILE_BYTES,
)
def post_segment(door: Door, body: SegmentToMake) -> Segment:
    """It is evaluated at once, in the background; those it holds from its start are not told as having entered."""
    with door.unit() as uow:
        return service.save(uow, door.caller, door.shop, _file(body.segment_id, body), new=True)


@api.get("/v1/segments/{segment_id}", permission="read_reports", answer=Segment, summary="One segment", example=SEGMENT)
def get_segment(door: Door, segment_id: SegmentId) -> Segment:
    """Its conditions, its size, and when it was last evaluated."""
    with door.reading() as uow:
        return service.get(uow, door.shop.shop_id, segment_id)


@api.put(
    "/v1/segments/{segment_id}",
    permission="manage_segments",
    answer=Segment,
    summary="Make or change a segment",
    example=SEGMENT,
    sends=SegmentToKeep(name="Lapsing regulars", where_tree=TREE),
    body_bytes=_FILE_BYTES,
)
def put_segment(door: Door, segment_id: SegmentId, body: SegmentToKeep) -> Segment:
    """The whole segment; under another definition it begins anew, and nobody is told to have entered or left."""
    with door.unit() as uow:
        return service.save(uow, door.caller, door.shop, _file(segment_id, body))


@api.delete("/v1/segments/{segment_id}", permission="manage_segments", summary="Remove a segment", status=204)
def delete_segment(door: Door, segment_id: SegmentId) -> Response:
    """With its list, its history and its webhooks. Refused while another segment asks about it."""
    with door.unit() as uow:
        service.throw_away(uow, door.caller, door.shop.shop_id, segment_id)
    return Response(status_code=204)


@api.post(
    "/v1/segment_previews",
    permission="read_customers",
    answer=Preview,
    summary="Try conditions: live size and a sample",
    example=PREVIEW,
    sends=TreeToTry(where_tree=TREE),
    replayable=False,
)
def post_segment_preview(door: Door, body: TreeToTry) -> Preview:
    """How many customers the conditions hold now, of how many, and some of them. Nothing is kept."""
    return service.preview(door.records, desk_of(door), body.where_tree, known_only=body.known_only, sample=body.sample)


@api.post(
    "/v1/segment_evaluations",
    permission="manage_segments",
    answer=EvaluationAsked,
    summary="Evaluate all segments now",
    example=EvaluationAsked(),
    status=202,
)
def post_segment_evaluation(door: Door) -> EvaluationAsked:
    """They are evaluated by themselves after every load and every quarter of an hour."""
    with door.unit() as uow:
        service.ask(uow, door.shop.shop_id)
    return EvaluationAsked()


@api.get(
    "/v1/segment_files",
    permission="read_reports",
    answer=SegmentsAsFiles,
    summary="Segments as files",
    example=SegmentsAsFiles(segments=[_FILE]),
)
def get_segment_files(door: Door, only: Annotated[list[str] | None, Query(description="Only these")] = None) -> SegmentsAsFiles:
    """Every segment in the form that `regulars segment apply` reads; lists of customers are left out."""
    with door.reading() as uow:
        found = service.listing(uow, door.shop.shop_id)
    return SegmentsAsFiles(segments=[service.as_file(one) for one in found if only is None or one.segment_id in only])


@api.post(
    "/v1/segment_files",
    permission="manage_segments",
    answer=Page[Segment],
    summary="Apply segments of files",
    example=Page(items=[SEGMENT]),
    sends=SegmentFiles(segments=[_FILE]),
    body_bytes=_FILE_BYTES,
)
def post_segment_files(door: Door, body: SegmentFiles) -> Page[Segment]:
    """Makes those that are new and changes those that are there; all of them, or none where one is wrong."""
    with door.unit() as uow:
        return Page(items=service.apply(uow, door.caller, door.shop, body.segments))


@api.get(
    "/v1/segment_library",
    permission="read_reports",
    answer=Page[LibraryEntry],
    summary="Ready-made segments",
    example=Page(items=[_ENTRY]),
)
def get_segment_library(door: Door) -> Page[LibraryEntry]:
    """By attribute, behaviour, value and need; each with what it means."""
    with door.reading() as uow:
        kept = {one.segment_id for one in service.listing(uow, door.shop.shop_id)}
    return Page(
        items=[
            LibraryEntry(
                library_id=one.library_id,
                family=one.family,
                name=one.name(door.language),
                means=one.means(door.language),
                where_tree=dict(one.where_tree),
                is_kept=one.library_id in kept,
            )
            for one in LIBRARY
        ]
    )


@api.post(
    "/v1/segment_library",
    permission="manage_segments",
    answer=Page[Segment],
    summary="Make ready-made segments",
    example=Page(items=[SEGMENT]),
    sends=ReadyMade(library_ids=["sleeping"]),
)
def post_segment_library(door: Door, body: ReadyMade) -> Page[Segment]:
    """They are the shop's own from then on; one that is there already stays as it is."""
    with door.unit() as uow:
        return Page(items=service.from_library(uow, door.caller, door.shop, body.library_ids))


def _file(segment_id: str, body: SegmentToKeep) -> SegmentFile:
    customers = tuple(body.customers) if body.csv is None else tuple(service.ids_of_csv(body.csv))
    return SegmentFile(
        segment_id=segment_id, name=body.name, name_zh=body.name_zh, description=body.description, kind=body.kind,
        where_tree=body.where_tree, known_only=body.known_only, customers=customers,
    )  # fmt: skip
