"""Questions about shopping as people write them, understood."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, get_args

from regulars.understand.metrics import data_span
from regulars.understand.questions import Desk, EventFilter, Moments, Property, told
from regulars.understand.shopping.domain import (
    AffinityQuery,
    Basket,
    CartsQuery,
    JourneyQuery,
    Measure,
    MoversQuery,
    Stage,
    Thing,
)

#: How systems tell that somebody has registered.
REGISTERED = ("Signed Up", "User Registered", "Account Created", "Registered", "Customer Created")
STAGES = (
    Stage(
        "browse",
        tuple(
            EventFilter(name)
            for name in (
                "Product Viewed", "Product List Viewed", "Product Clicked", "Products Searched", "Page Viewed", "Screen Viewed"
            )
        ),
    ),
    Stage("cart", (EventFilter("Product Added"),)),
    Stage("order", (EventFilter("Order Completed"),), with_orders=True),
)  # fmt: skip
_MOST_STAGES = 10


def read_carts(desk: Desk, question: Mapping[str, Any]) -> CartsQuery:
    """`{abandon_after_hours, range, interval, breakdown, as_of, limit}`; without a range every cart there is."""
    known = (*told.COMMON, "range", "abandon_after_hours", "as_of", "interval", "breakdown", "limit")
    given = told.object_of(question, "question", known)
    hours = given.get("abandon_after_hours", 24)
    if isinstance(hours, bool) or not isinstance(hours, (int, float)) or not 0 < hours <= 24 * 366:
        raise told.wrong("abandon_after_hours", f"{hours!r} is no number of hours", "give more than 0 and at most a year")
    as_of = desk.as_of()
    if given.get("as_of") is not None:
        as_of = told.moment(given["as_of"], "as_of", desk.shop.timezone, after=True)
    return CartsQuery(
        asked=told.asked(given, desk.base),
        moments=told.moments(given.get("range"), "range", desk.shop.timezone),
        abandon_after_hours=float(hours),
        as_of=as_of,
        interval=None if given.get("interval") is None else told.interval(given["interval"], "interval"),
        breakdown=_breakdown(given),
        limit=told.whole(given.get("limit", 20), "limit", 1, 500),
    )


def read_journey(desk: Desk, question: Mapping[str, Any]) -> JourneyQuery:
    """`{entry: "registration" | "first_event" | [filters], stages: [{name, events}], window, range, interval}`."""
    known = (*told.COMMON, "range", "entry", "stages", "window", "interval")
    given = told.object_of(question, "question", known)
    entry = given.get("entry", "registration")
    filters: tuple[EventFilter, ...] | None = tuple(EventFilter(name) for name in REGISTERED)
    if not isinstance(entry, str):
        filters = _filters(entry, "entry")
    elif told.choice(entry, "entry", ("registration", "first_event")) == "first_event":
        filters = None
    stages: tuple[Stage, ...] = STAGES
    if given.get("stages") is not None:
        each = told.list_of(given["stages"], "stages", least=1, most=_MOST_STAGES)
        stages = tuple(_stage(one, f"stages[{i}]") for i, one in enumerate(each))
        if len({stage.name for stage in stages}) < len(stages):
            raise told.wrong("stages", "two stages have the same name", "give each its own")
    return JourneyQuery(
        asked=told.asked(given, desk.base),
        moments=desk.bounded(told.moments(given.get("range"), "range", desk.shop.timezone)),
        entry=filters,
        with_registrations=entry == "registration",
        stages=stages,
        window=told.window(given.get("window", "30d"), "window"),
        interval=told.interval(given.get("interval", "day"), "interval"),
        as_of=desk.as_of(),
    )


def read_affinity(desk: Desk, question: Mapping[str, Any]) -> AffinityQuery:
    """`{of, basket, min_baskets, min_support, sort, limit, item, range}`; without a range all orders."""
    known = (*told.COMMON, "range", "of", "basket", "min_baskets", "min_support", "sort", "limit", "item")
    given = told.object_of(question, "question", known)
    support = given.get("min_support", 0)
    if isinstance(support, bool) or not isinstance(support, (int, float)) or not 0 <= support <= 1:
        raise told.wrong("min_support", f"{support!r} is no share", "give a number from 0 to 1")
    of: Thing = told.choice(given.get("of", "product"), "of", get_args(Thing))  # type: ignore[assignment]
    basket: Basket = told.choice(given.get("basket", "order"), "basket", get_args(Basket))  # type: ignore[assignment]
    return AffinityQuery(
        asked=told.asked(given, desk.base),
        moments=told.moments(given.get("range"), "range", desk.shop.timezone),
        of=of,
        basket=basket,
        min_baskets=told.whole(given.get("min_baskets", 5), "min_baskets", 1, 1_000_000_000),
        min_support=float(support),
        sort=told.choice(given.get("sort", "lift"), "sort", ("lift", "baskets", "confidence")),  # type: ignore[arg-type]
        limit=told.whole(given.get("limit", 50), "limit", 1, 1000),
        thing=None if given.get("item") is None else told.text(given["item"], "item"),
    )


def read_movers(desk: Desk, question: Mapping[str, Any]) -> MoversQuery:
    """`{of, measure, min_count, limit, range}`; without a range the last 14 days, against as long a time before."""
    known = (*told.COMMON, "range", "of", "measure", "min_count", "limit")
    given = told.object_of(question, "question", known)
    of: Thing = told.choice(given.get("of", "product"), "of", get_args(Thing))  # type: ignore[assignment]
    measure: Measure = told.choice(given.get("measure", "orders"), "measure", get_args(Measure))  # type: ignore[assignment]
    moments = told.moments(given.get("range"), "range", desk.shop.timezone)
    if moments.end is None:
        moments = Moments(moments.start, judged_at(desk))
    moments = desk.bounded(moments, days=14)
    assert moments.start is not None
    assert moments.end is not None
    return MoversQuery(
        asked=told.asked(given, desk.base),
        moments=moments,
        before=Moments(moments.start - (moments.end - moments.start), moments.start),
        of=of,
        measure=measure,
        min_count=told.whole(given.get("min_count", 10), "min_count", 1, 1_000_000_000),
        limit=told.whole(given.get("limit", 20), "limit", 1, 500),
    )


def judged_at(desk: Desk) -> datetime:
    """The later of the ends of events and of orders: shops may have told of one only."""
    orders = data_span(desk.warehouse, desk.shop)
    ends = [one for one in (desk.span().end, orders.as_of if orders.orders else None) if one is not None]
    return max(ends, default=desk.now())


def _breakdown(given: Mapping[str, Any]) -> Property | None:
    return None if given.get("breakdown") is None else told.prop(given["breakdown"], "breakdown")


def _filters(written: Any, place: str) -> tuple[EventFilter, ...]:
    each = told.list_of(written, place, least=1, most=50)
    return tuple(told.event_filter(one, f"{place}[{i}]") for i, one in enumerate(each))


def _stage(written: Any, place: str) -> Stage:
    given = told.object_of(written, place, ("name", "events"))
    return Stage(told.text(given.get("name"), f"{place}.name"), _filters(given.get("events"), f"{place}.events"))
