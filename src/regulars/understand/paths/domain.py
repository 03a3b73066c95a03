"""What a question about paths asks, and what its answer holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from regulars.understand.questions import Asked, EventFilter, Interval, Moments, Property, Window

#: Longer paths than this make no readable drawing.
MOST_STEPS = 20
Side = Literal["before", "after", "between"]
Who = Literal["all", "went_on", "stopped"]
Route = Literal["general", "fast"]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of each customer's time, cut by the steps of an ordered funnel.

    `before` and `after` step `step` reach as far as the window is long; `between` is from that step to the next one, of those
    who made it. `went_on` and `stopped` tell those who reached the next step from those who did not.
    """

    steps: tuple[EventFilter, ...]
    window: Window
    step: int  # 1-based
    side: Side
    who: Who = "all"


@dataclass(frozen=True, slots=True)
class PathsQuery:
    """Which events are steps, how they are named, where paths begin and end, and how much is drawn."""

    asked: Asked
    include: tuple[EventFilter, ...]
    node: Property | None  # null: the event's name
    moments: Moments
    gap_minutes: int | None  # null: only with a stretch, all of which is one path
    max_steps: int
    start: str | None = None
    end: str | None = None
    limit: int = 30  # nodes drawn at each step; the rest is "(other)"
    top: int = 20  # whole paths and loops listed
    stretch: Stretch | None = None
    against: Asked | None = None  # another group of customers, to compare with

    @property
    def from_behind(self) -> bool:
        """Whether it is the last nodes that are kept."""
        return self.end is not None or (self.stretch is not None and self.stretch.side == "before")


@dataclass(frozen=True, slots=True)
class Edge:
    """From a node at one step to one at the next."""

    step: int  # of `from_node`, 1-based
    from_node: str
    to_node: str
    paths: int
    customers: int
    avg_seconds: float


@dataclass(frozen=True, slots=True)
class Node:
    """A node at one step: how many paths pass it, and how many end there."""

    step: int
    node: str
    paths: int
    customers: int
    ended: int
    share: float  # of all paths


@dataclass(frozen=True, slots=True)
class WholePath:
    """A sequence of nodes from the first to the last."""

    nodes: tuple[str, ...]
    paths: int
    customers: int
    share: float
    avg_seconds: float  # from the first node to the last


@dataclass(frozen=True, slots=True)
class Loop:
    """Paths that come back to a node, by where they had gone from it."""

    node: str
    via: str
    returns: int
    paths: int
    customers: int
    avg_steps: float  # from the node to the node


@dataclass(frozen=True, slots=True)
class Difference:
    """An edge in both groups: its share of each group's paths."""

    step: int
    from_node: str
    to_node: str
    paths: int
    share: float
    against_paths: int
    against_share: float
    difference: float  # share - against_share


@dataclass(frozen=True, slots=True)
class PathsAnswer:
    """The drawing and its lists. Edges: paths descending, then from, then to."""

    paths: int
    customers: int
    max_steps: int
    complete: bool  # false while the range is not over
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    top_paths: tuple[WholePath, ...]
    loops: tuple[Loop, ...]
    against_paths: int | None = None
    against_customers: int | None = None
    differences: tuple[Difference, ...] | None = None


@dataclass(frozen=True, slots=True)
class SessionsQuery:
    """Which events make sessions, and how these are grouped."""

    asked: Asked
    include: tuple[EventFilter, ...]
    moments: Moments  # both ends; of the sessions' beginnings
    gap_minutes: int
    interval: Interval
    breakdown: Property | None
    limit: int


@dataclass(frozen=True, slots=True)
class SessionFigures:
    """Sessions of a bucket, a group or all. Means and rates are null without sessions."""

    sessions: int
    customers: int
    events: int
    bounces: int  # sessions of a single event
    sessions_per_customer: float | None
    events_per_session: float | None
    bounce_rate: float | None
    duration_mean_seconds: float | None
    duration_median_seconds: float | None


@dataclass(frozen=True, slots=True)
class SessionBucket:
    """The sessions that began in one calendar bucket."""

    start: str
    starts_at: datetime
    complete: bool
    figures: SessionFigures


@dataclass(frozen=True, slots=True)
class SessionGroup:
    """The sessions whose first event carries one value."""

    value: str
    share: float
    figures: SessionFigures


@dataclass(frozen=True, slots=True)
class SessionsAnswer:
    """All sessions, by bucket, and by what their first event carries (largest group first, "(other)" last)."""

    interval: Interval
    complete: bool
    total: SessionFigures
    buckets: tuple[SessionBucket, ...]
    groups: tuple[SessionGroup, ...] | None = None
