"""The tracking plan as it is lived: what arrives, how often, what breaks its schema and since when, and which names were probably meant otherwise."""

from __future__ import annotations

import importlib
import importlib.util
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from regulars.collect.track import queries
from regulars.collect.track.domain.plan import ECOMMERCE, OWN, PropertySeen, nearly, problems_in, properties_seen
from regulars.errors import NotFound
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.access.domain import Shop
    from regulars.warehouse import Warehouse

DAYS = 30
LOOKED_AT = 2000


class PropertySpec(Protocol):
    """One property of a built-in specification."""

    @property
    def name(self) -> str:
        """As it should be sent."""

    @property
    def type(self) -> str:
        """Its type in one word."""

    @property
    def required(self) -> bool:
        """Whether an event without it breaks its schema."""

    @property
    def meaning(self) -> str:
        """What it says."""

    @property
    def meaning_zh(self) -> str:
        """What it says, in Chinese."""


class EventSpec(Protocol):
    """A built-in specification of an event."""

    @property
    def name(self) -> str:
        """As it should be sent."""

    @property
    def meaning(self) -> str:
        """What happened."""

    @property
    def meaning_zh(self) -> str:
        """What happened, in Chinese."""

    @property
    def properties(self) -> Sequence[PropertySpec]:
        """What it tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEvent:
    """One kind of event. `events`, `customers`, `broken` and `days` are of the last 30 days; the rest of all time.

    `standing`: `known` has a built-in specification, `own` is the shop's own, `misspelt` is nearly `meant`.
    """

    event: str
    type: str
    standing: str
    meant: str | None
    events: int
    customers: int
    broken: int
    broken_since: datetime | None
    all_events: int
    first_at: datetime
    last_at: datetime
    days: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingPlan:
    """Every kind of event that arrived, the most frequent first, and the known ones that are missing."""

    start_on: date
    end_on: date
    events: Sequence[PlannedEvent]
    missing: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One way in which events break their schema, since when, and from which source."""

    property: str
    problem: str
    source_id: str
    events: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedProperty:
    """A property that the built-in specification tells of."""

    name: str
    type: str
    required: bool
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingSource:
    """A source that sends the event, by its program."""

    source_id: str
    library: str | None
    events: int
    broken: int
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDetail:
    """One kind of event in full: what it is expected to tell, what it tells (of the newest events), what is broken and who sends it."""

    summary: PlannedEvent
    meaning: str
    expected: Sequence[ExpectedProperty]
    seen: Sequence[PropertySeen]
    looked_at: int
    breaches: Sequence[Breach]
    sources: Sequence[SendingSource]


def event_names(warehouse: Warehouse, shop: Shop, *, most: int = 100) -> list[str]:
    """The names that arrive most often."""
    return [row["event"] for row in warehouse.rows(queries.names(most), shop_id=shop.shop_id)]


def tracking_plan(warehouse: Warehouse, shop: Shop) -> TrackingPlan:
    """What arrives at a shop."""
    today = clock.today(shop.timezone)
    events = _summaries(warehouse, shop)
    here = {event.event for event in events} | {event.meant for event in events if event.meant}
    return TrackingPlan(
        start_on=today - timedelta(days=DAYS - 1), end_on=today, events=events, missing=sorted(ECOMMERCE - here) if events else ()
    )


def event_detail(warehouse: Warehouse, shop: Shop, name: str, *, language: str = "en") -> EventDetail:
    """One kind of event.

    Raises
    ------
    NotFound : no event of that name ever arrived at this shop.
    """
    summary = next(iter(_summaries(warehouse, shop, name)), None)
    if summary is None:
        raise NotFound(
            f"no event '{name}' has arrived", mend="list what arrives with `GET /v1/tracking_plan`", code="no_such_event"
        )
    events = warehouse.table("events")
    found = [
        json.loads(row["properties"]) for row in warehouse.rows(queries.newest_properties(events, shop.shop_id, name, LOOKED_AT))
    ]
    spec = spec_of(name)
    zh = language == "zh"
    return EventDetail(
        summary=summary,
        meaning=(spec.meaning_zh if zh else spec.meaning) if spec else "",
        expected=[
            ExpectedProperty(name=one.name, type=one.type, required=one.required, meaning=one.meaning_zh if zh else one.meaning)
            for one in (spec.properties if spec else ())
        ],
        seen=properties_seen(found),
        looked_at=len(found),
        breaches=_breaches(warehouse, shop, name),
        sources=[
            SendingSource(
                source_id=row["source_id"],
                library=row["library"],
                events=row["events"],
                broken=int(row["broken"] or 0),
                last_at=_utc(row["last_at"]),
            )
            for row in warehouse.rows(queries.sources_of_kind(events, shop.shop_id, name))
        ],
    )


def spec_of(name: str) -> EventSpec | None:
    """The built-in specification of an event, however its name is spelt; None for a shop's own events."""
    look_up = _catalogue()
    return look_up(name) if look_up else None


@cache
def _catalogue() -> Callable[[str], EventSpec | None] | None:
    """The catalogue of behaviour events, where this installation has one."""
    place = "regulars.events.ecommerce"
    return importlib.import_module(place).spec_of if importlib.util.find_spec(place) else None


def _summaries(warehouse: Warehouse, shop: Shop, only: str | None = None) -> list[PlannedEvent]:
    events = warehouse.table("events")
    today = clock.today(shop.timezone)
    since = clock.now() - timedelta(days=DAYS)
    names = (only,) if only is not None else ()
    kinds = warehouse.rows(queries.kinds(events, shop.shop_id))
    lately = {row["event"]: row for row in warehouse.rows(queries.customers_by_kind(events, shop.shop_id, since, names))}
    days: dict[str, dict[date, int]] = defaultdict(dict)
    for row in warehouse.rows(queries.days_by_kind(events, shop.shop_id, since, shop.timezone, names)):
        days[row["event"]][row["day"]] = row["events"]
    broken_since: dict[str, datetime] = {}
    if any(row["broken"] for row in kinds):
        for row in warehouse.rows(queries.breaches(events, shop.shop_id)):
            first = _utc(row["first_at"])
            broken_since[row["event"]] = min(broken_since.get(row["event"], first), first)
    counts = {row["event"]: row["all_events"] for row in kinds}
    made = []
    for row in kinds:
        name = row["event"]
        if only is not None and name != only:
            continue
        mine: dict[str, Any] = lately.get(name, {})
        spec = spec_of(name)
        known = name in ECOMMERCE or name in OWN or (spec is not None and spec.name == name)
        meant = None if known else spec.name if spec is not None else nearly(name, counts)
        made.append(
            PlannedEvent(
                event=name,
                type=row["type"] if row["type"] == row["other_type"] else "track",
                standing="known" if known else "misspelt" if meant else "own",
                meant=meant,
                events=int(mine.get("events") or 0),
                customers=int(mine.get("customers") or 0),
                broken=int(mine.get("broken_lately") or 0),
                broken_since=broken_since.get(name),
                all_events=row["all_events"],
                first_at=_utc(row["first_at"]),
                last_at=_utc(row["last_at"]),
                days=[days[name].get(today - timedelta(days=back), 0) for back in range(DAYS - 1, -1, -1)],
            )
        )
    return sorted(made, key=lambda one: (-one.events, -one.all_events, one.event))


def _breaches(warehouse: Warehouse, shop: Shop, name: str) -> list[Breach]:
    """One line for each property, problem and source; an event with two problems counts in both."""
    found: dict[tuple[str, str, str], tuple[int, datetime, datetime]] = {}
    for row in warehouse.rows(queries.breaches(warehouse.table("events"), shop.shop_id, name)):
        first, last = _utc(row["first_at"]), _utc(row["last_at"])
        for name_, problem in problems_in(row["schema_problems"].split(";")):
            key = (name_, problem, row["source_id"])
            count, begin, end = found.get(key, (0, first, last))
            found[key] = (count + row["events"], min(begin, first), max(end, last))
    return [
        Breach(property=key[0], problem=key[1], source_id=key[2], events=count, first_at=first, last_at=last)
        for key, (count, first, last) in sorted(found.items(), key=lambda item: (-item[1][0], item[0]))
    ]


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
