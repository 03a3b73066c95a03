"""The routes of this room, joined by the files beside, and what the documentation shows in their answers."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, ConfigDict

from regulars.understand.questions import Desk
from regulars.understand.segments.domain.kept import Combination, Flow, Flows, Overlap, Segment, SizeDay
from regulars.understand.segments.explaining import Explained, Reason
from regulars.understand.segments.hooks import Hook, NewHook
from regulars.understand.segments.judging import Preview
from regulars.web import Api, Door

api = Api(tags=["Segments"])

SegmentId = Annotated[str, Path(max_length=64, description="The segment", examples=["lapsing-regulars"])]

AT = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
TREE: dict[str, Any] = {
    "all": [
        {"did": {"event": "Order Completed"}, "at_least": 3, "within_days": 365},
        {"stopped": {"event": "Product Viewed"}, "since_days": 30},
    ]
}
SEGMENT = Segment(
    segment_id="lapsing-regulars",
    shop_id="tea",
    name="Lapsing regulars",
    name_zh="正在流失的常客",
    description="Came often, and have not looked at anything for a month.",
    kind="dynamic",
    where_tree=TREE,
    known_only=True,
    library_id=None,
    owner_id="operator_01m7zsbyk3",
    created_at=AT,
    changed_at=AT,
    evaluated_at=AT,
    customers=312,
    error=None,
)
PREVIEW = Preview(AT, 312, 4_338, 0.0719, ["12347", "12359"])
SIZE = SizeDay(date(2026, 10, 31), 312, 14, 9, False)
OVERLAP = Overlap(
    ("high-value", "price-sensitive"),
    (420, 610),
    (Combination(("price-sensitive",), 520), Combination(("high-value",), 330), Combination(("high-value", "price-sensitive"), 90)),
    ((420, 90), (90, 610)),
    940,
)
FLOWS = Flows(datetime(2026, 10, 1, tzinfo=UTC), AT, ("active", "sleeping"), (Flow("active", "sleeping", 58),))
EXPLAINED = Explained(
    segment_id="lapsing-regulars",
    customer_id="12347",
    as_of=AT,
    is_member=False,
    entered_at=None,
    known_only=True,
    is_known=True,
    reason=Reason(
        kind="all",
        holds=False,
        text="all of these",
        parts=(
            Reason(kind="condition", holds=False, text="did “Order Completed” at least 3 times in the last 365 days", value=2.0),
            Reason(kind="condition", holds=True, text="did “Product Viewed” before, but not in the last 30 days", value=11.0),
        ),
    ),
)
HOOK = Hook(
    hook_id="hook_01m7zsbyk3",
    segment_id="lapsing-regulars",
    url="https://crm.example.com/hooks/segments",
    created_at=AT,
    sent_at=AT,
    failures=0,
    error=None,
)
NEW_HOOK = NewHook(hook=HOOK, secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")  # noqa: S106 (the specification's own example)


class Strict(BaseModel):
    """A body without unknown fields."""

    model_config = ConfigDict(extra="forbid")


def desk_of(door: Door) -> Desk:
    """Where the caller's segments are judged."""
    return Desk(door.warehouse, door.shop)
