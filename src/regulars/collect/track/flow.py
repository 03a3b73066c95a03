"""How the stream of events runs: throughput, the lag from receiving to being queryable, the backlog, and what was turned away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from regulars.collect.track import queries, uncollected
from regulars.collect.track.compaction.running import compacted_at
from regulars.collect.track.tables import quarantined_event
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.access.domain import Shop
    from regulars.records import UnitOfWork
    from regulars.stream.intake import Intake
    from regulars.warehouse import Warehouse

_PARTS = 60
_EVENTS = 3000
_LAG_OF_SECONDS = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """How many events were received in the second or minute that begins at `at`; moments without any are there too."""

    at: datetime
    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStream:
    """How a shop's stream of events runs now.

    Lag is measured over the events of the parts that were loaded in the last 15 minutes, from the end of their request to the commit
    that made them queryable; null where nothing was loaded. `uncollected_30_days` counts by reason what was
    not collected for lack of consent. `backlog_bytes`, `loaded_*` and `refused_requests` are the installation's.
    `archive_files` are the shop's files in the archive of events; `compacted_at` is when small ones were merged last.
    """

    at: datetime
    events_last_minute: int
    events_last_hour: int
    seconds: Sequence[Moment]
    minutes: Sequence[Moment]
    lag_p50_ms: float | None
    lag_p95_ms: float | None
    last_loaded_at: datetime | None
    last_part: str | None
    backlog_bytes: int
    loaded_parts: int
    loaded_events: int
    duplicates_last_hour: int
    quarantined_last_hour: int
    quarantined_open: int
    uncollected_30_days: dict[str, int]
    refused_requests: dict[str, int]
    archive_files: int
    compacted_at: datetime | None
    fault: str


def stream(uow: UnitOfWork, warehouse: Warehouse, shop: Shop, intake: Intake | None, *, now: datetime | None = None) -> EventStream:
    """How the stream of a shop runs; without an `intake` (a process that takes no events) as far as the stores tell."""
    at = now or clock.now()
    minute, hour = at - timedelta(seconds=60), at - timedelta(minutes=60)
    seconds = _counts(warehouse.rows(queries.arrived("s"), shop_id=shop.shop_id, since=_text(minute)))
    minutes = _counts(warehouse.rows(queries.arrived("m"), shop_id=shop.shop_id, since=_text(hour)))
    parts = warehouse.rows(queries.last_parts(_PARTS), shop_id=shop.shop_id)
    lags = _lags(uow, warehouse, shop, parts, at)
    put_aside = quarantined_event.c
    mine = put_aside.shop_id == shop.shop_id
    progress = intake.loading.progress if intake else None
    return EventStream(
        at=at,
        events_last_minute=sum(seconds.values()),
        events_last_hour=sum(minutes.values()),
        seconds=_filled(seconds, minute, at, timedelta(seconds=1)),
        minutes=_filled(minutes, hour, at, timedelta(minutes=1)),
        lag_p50_ms=_quantile(lags, 0.5),
        lag_p95_ms=_quantile(lags, 0.95),
        last_loaded_at=_utc(parts[0]["committed_at"]) if parts else None,
        last_part=max((part["part_id"] for part in parts), default=None),
        backlog_bytes=intake.loading.backlog_bytes() if intake else 0,
        loaded_parts=progress.parts if progress else 0,
        loaded_events=progress.events if progress else 0,
        duplicates_last_hour=sum(part["duplicates"] for part in parts if _utc(part["committed_at"]) >= hour),
        quarantined_last_hour=_number(uow, select(func.count()).where(mine, put_aside.received_at >= hour)),
        quarantined_open=_number(uow, select(func.count()).where(mine, put_aside.state == "open")),
        uncollected_30_days=uncollected.by_reason(uow, shop.shop_id),
        refused_requests=intake.refusals.recent() if intake else {},
        archive_files=intake.loading.archive_files(shop.shop_id) if intake else 0,
        compacted_at=compacted_at(uow),
        fault=progress.fault if progress else "",
    )


def last_part(warehouse: Warehouse, shop: Shop) -> str | None:
    """The part of a shop that was loaded last."""
    rows = warehouse.rows(queries.last_parts(1), shop_id=shop.shop_id)
    return rows[0]["part_id"] if rows else None


def lately_by_source(warehouse: Warehouse, shop: Shop, *, hours: int = 1) -> dict[str, tuple[int, int]]:
    """How many events of each source were received in the last hours, and how many of them break their schema."""
    since = _text(clock.now() - timedelta(hours=hours))
    rows = warehouse.rows(queries.arrived_by_source(), shop_id=shop.shop_id, since=since)
    return {row["source_id"]: (row["events"], int(row["broken"] or 0)) for row in rows}


def _lags(uow: UnitOfWork, warehouse: Warehouse, shop: Shop, parts: list[dict[str, Any]], now: datetime) -> list[float]:
    """Milliseconds from received to queryable; replays and history keep the time they were first received at, so they are left out."""
    begin = now - timedelta(seconds=_LAG_OF_SECONDS)
    recent = {part["part_id"]: part["committed_at"] for part in parts if _utc(part["committed_at"]) >= begin}
    if not recent:
        return []
    table = quarantined_event.c
    replayed = {
        row["message_id"] or row["quarantine_id"]
        for row in uow.rows(
            select(table.message_id, table.quarantine_id).where(
                table.shop_id == shop.shop_id, table.state == "replayed", table.settled_at >= begin - timedelta(seconds=60)
            )
        )
    }
    rows = warehouse.rows(queries.received_in(_EVENTS), shop_id=shop.shop_id, first_part=min(recent))
    return sorted(
        max(0.0, (recent[row["part_id"]] - row["received_at"]).total_seconds() * 1000)
        for row in rows
        if row["part_id"] in recent and row["message_id"] not in replayed and not row["is_history"]
    )


def _counts(rows: list[dict[str, Any]]) -> dict[datetime, int]:
    return {_utc(row["at"]): row["events"] for row in rows}


def _filled(found: dict[datetime, int], start: datetime, end: datetime, step: timedelta) -> list[Moment]:
    """Every second or minute of the stretch; the one that is not over is the last."""
    at = start.replace(microsecond=0) if step < timedelta(minutes=1) else start.replace(second=0, microsecond=0)
    moments = []
    while at <= end:
        moments.append(Moment(at=at, events=found.get(at, 0)))
        at += step
    return moments


def _quantile(values: list[float], share: float) -> float | None:
    """Nearest rank."""
    return round(values[min(len(values) - 1, int(share * len(values)))], 1) if values else None


def _number(uow: UnitOfWork, query: Any) -> int:
    return int(uow.value(query) or 0)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
