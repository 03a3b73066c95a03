"""The figures of the stream: throughput, lag, what was put aside, doubled and turned away; and lists that follow it."""

from __future__ import annotations

from datetime import timedelta

from regulars.collect.track import flow, reading
from regulars.collect.track.queries import EventFilters
from regulars.stream.intake import Refusals
from regulars.values import clock
from tests.collect.track.conftest import Desk, track


def look(desk: Desk) -> flow.EventStream:
    """The stream now."""
    with desk.house.records.reading() as uow:
        return flow.stream(uow, desk.house.warehouse, desk.shop, desk.house.intake)


def test_the_stream_tells_throughput_lag_and_what_was_left_out(desk: Desk) -> None:
    desk.take(*(track("Product Viewed", f"m{n}") for n in range(5)))
    desk.take(track("Product Viewed", "m1"), track("", "m9"))

    found = look(desk)

    assert (found.events_last_minute, found.events_last_hour) == (5, 5)
    assert sum(moment.events for moment in found.seconds) == 5
    assert len(found.minutes) == 61
    assert found.lag_p50_ms is not None
    assert 0 <= found.lag_p50_ms <= (found.lag_p95_ms or 0) < 60_000
    assert (found.duplicates_last_hour, found.quarantined_last_hour, found.quarantined_open) == (1, 1, 1)
    assert (found.loaded_parts, found.backlog_bytes, found.fault) == (2, 0, "")


def test_a_stream_without_events_is_told_without_a_lag(desk: Desk) -> None:
    found = look(desk)

    assert (found.events_last_hour, found.lag_p50_ms, found.last_part, found.last_loaded_at) == (0, None, None, None)


def test_a_follower_is_given_each_new_event_once_also_one_received_earlier(desk: Desk) -> None:
    from regulars.collect.track import accept

    desk.take(track("A", "m1"))
    seen = flow.last_part(desk.house.warehouse, desk.shop)
    accept(desk.house.journal, "tea", desk.source_id, [track("B", "m2")], received_at=clock.now() - timedelta(days=2))
    desk.house.loader.run_once()

    found = reading.listing(desk.house.warehouse, desk.shop, EventFilters(), by="received_at", loaded_behind=seen)

    assert [event.event for event in found] == ["B"]


def test_refusals_of_the_last_hour_are_counted_by_code() -> None:
    refusals = Refusals()

    for code in ("bad_key", "bad_json", "bad_key"):
        refusals.note(code)

    assert refusals.recent() == {"bad_key": 2, "bad_json": 1}
