"""Several segments side by side: every combination with its customers, and how they moved between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from regulars.console import parts, screen, shell
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.understand.questions import Desk
from regulars.understand.segments import service
from regulars.understand.segments.domain.kept import Flows, Overlap, Segment, SegmentFile
from regulars.understand.segments.domain.venn import Venn
from regulars.understand.segments.pages.overlapping import circles_of, picture

_MOST = 5
_DAYS = 30


@screen("/segments/compare", permission="read_reports", title="Compare segments", parent="/segments")
def compare_page(s: Screen) -> None:
    """Choose two to five."""
    note = s.t("Choose two to five: how many customers are in several of them, and how they moved in the last 30 days.")
    shell.head(s, s.t("Compare segments"), note, back=(s.t("Segments"), s.url("/segments")))

    def ask() -> list[Segment]:
        with s.records.reading() as uow:
            return service.listing(uow, s.shop.shop_id)

    s.load(ask, lambda known: _choose(s, known), skeleton="page")


def _choose(s: Screen, known: Sequence[Segment]) -> None:
    if len(known) < 2:
        with parts.card():
            parts.empty(
                "compare", s.t("There is nothing to compare yet"), s.t("Two segments are needed."),
                action=s.t("Ready-made"), href=s.url("/segments/library"),
            )  # fmt: skip
        return
    names = {one.segment_id: one.called(s.language) for one in known}
    chosen = [one for one in s.query.get("of", "").split(",") if one in names][:_MOST]
    if not chosen:
        chosen = [one.segment_id for one in sorted(known, key=lambda one: -(one.customers or 0))[:3]]
    with parts.box("rg-filters"):
        for one in chosen:
            with parts.box("rg-chip"):
                parts.text(names[one])
                if len(chosen) > 2:
                    left = ",".join(other for other in chosen if other != one)
                    parts.button("", lambda left=left: s.go(of=left), icon="close", kind="quiet", title=s.t("Leave out"))
        if len(chosen) < _MOST:
            more = [("", s.t("Add a segment")), *((one, name) for one, name in names.items() if one not in chosen)]
            parts.select(s.t("Add a segment"), more, "", lambda value: s.go(of=",".join([*chosen, value])) if value else None)
    if len(chosen) < 2:
        return
    desk = Desk(s.warehouse, s.shop)

    def ask() -> tuple[Overlap, Venn | None]:
        found = service.overlap(desk, chosen)
        return found, circles_of(found)

    s.load(ask, lambda both: _overlap(s, *both, names), skeleton="chart")
    end = service.as_of(desk)
    start = end - timedelta(days=_DAYS)
    s.load(
        lambda: service.flows(desk, chosen, start, end + timedelta(microseconds=1)),
        lambda found: _flows(s, found, names),
        skeleton="card",
    )


def _overlap(s: Screen, found: Overlap, drawn: Venn | None, names: dict[str, str]) -> None:
    if found.in_any:
        with parts.card(s.t("Overlap"), s.t("How many customers are in several of them.")):
            picture(s, found, drawn, names)
    top = max((one.customers for one in found.combinations), default=0) or 1
    note = s.t("Each line is one combination: in exactly the marked segments and no other of these.")
    with parts.card(s.t("Combinations"), note, flush=True) as card:
        columns = [
            *(Column(names[one], align="mid") for one in found.segments),
            Column(s.t("Customers"), align="end"),
        ]
        rows = [
            Row(
                [
                    *(
                        Cell("●" if name in one.segments else "·", tone="" if name in one.segments else "faint")
                        for name in found.segments
                    ),
                    Cell(s.count(one.customers), bar=one.customers / top),
                ]
            )
            for one in found.combinations
            if one.customers or len(one.segments) == 1
        ]
        sheet(columns, rows, caption=s.t("Combinations"), kind="sticky")
    with card.foot():
        parts.text(s.plural(found.in_any, "{n} customer in any of them", "{n} customers in any of them"))
        if s.may("manage_segments"):
            with parts.box("rg-row"):
                for operation in ("union", "intersection", "difference"):
                    make = s.act(_maker(s, operation, found, names), lambda one: _opened(s, one), permission="manage_segments")
                    parts.button(s.word("set operation", operation), make, kind="quiet", icon="add")


def _maker(s: Screen, operation: str, found: Overlap, names: dict[str, str]) -> Callable[[], Segment]:
    def make() -> Segment:
        name = s.word("set operation", operation) + ": " + ", ".join(names[one] for one in found.segments)
        given = SegmentFile(segment_id="", name=name[:120], where_tree=service.tree_of(operation, found.segments))
        with s.records.unit() as uow:
            return service.save(uow, s.caller, s.shop, given, new=True)

    return make


def _opened(s: Screen, one: Segment) -> None:
    parts.run_js("location.assign", s.url(f"/segments/{one.segment_id}"))


def _flows(s: Screen, found: Flows, names: dict[str, str]) -> None:
    moved = [one for one in found.flows if one.source != one.target]
    title = s.t("Moves between them")
    note = s.t(
        "From {first} to {last}. Of several a customer is in, the first above counts.",
        first=s.day(found.first_at),
        last=s.day(found.last_at),
    )
    with parts.card(title, note, flush=True):
        if not moved:
            parts.empty(
                "swap_horiz",
                s.t("Nobody moved"),
                s.t("Segments are compared with themselves as they were; the younger they are, the less there is."),
            )
            return
        none = s.t("none of these")
        columns = [Column(s.t("From")), Column(s.t("To")), Column(s.t("Customers"), align="end")]
        top = max(one.customers for one in moved)
        rows = [
            Row(
                [
                    Cell(names.get(one.source, none)),
                    Cell(names.get(one.target, none)),
                    Cell(s.count(one.customers), bar=one.customers / top),
                ]
            )
            for one in moved
        ]
        sheet(columns, rows, caption=title)
