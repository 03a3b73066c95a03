"""A list of events that follows the stream: what is newly loaded joins it in place, without the page being drawn anew."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from nicegui import ui

from regulars.collect.track import flow, reading
from regulars.collect.track.pages import shown
from regulars.collect.track.queries import EventFilters
from regulars.collect.track.reading import EventRow
from regulars.console import parts
from regulars.console.sheet import Sheet, sheet
from regulars.console.view import Screen
from regulars.values import clock
from regulars.warehouse.local_time import FAR_PAST

log = logging.getLogger(__name__)

EVERY_SECONDS = 1.0
_REMEMBERED = 500
_RECENT = timedelta(minutes=2)
_WHOLE_EVERY = 5


class Feed:
    """The newest events that pass the filters. Ask `look` in a thread, then `take` what it found."""

    def __init__(
        self, s: Screen, wanted: EventFilters, names: Mapping[str, str], *, limit: int, on_empty: Callable[[], None]
    ) -> None:
        self.s = s
        self.wanted = wanted
        self.names = names
        self.limit = limit
        self.events: list[EventRow] = []
        self._drawn: dict[str, EventRow] = {}  # more than are shown: what is clicked may have moved on meanwhile
        self._seen_part: str | None = None  # all that was loaded up to here was looked through
        self._looks = 0
        self._whole = True
        self._parts_loaded = -1
        self._on_empty = on_empty
        self._sheet: Sheet | None = None
        self._place: ui.element | None = None

    def look(self) -> list[EventRow]:
        """What is new since the last look; the first one finds the newest there are."""
        warehouse, shop = self.s.warehouse, self.s.shop
        loaded = self.s.house.intake.loading.progress.parts
        if loaded == self._parts_loaded and self._whole:
            return []
        last = flow.last_part(warehouse, shop)  # before the events, so that none between the two is missed
        self._parts_loaded = loaded
        if self._looks and last == self._seen_part:
            self._whole = True
            return []
        begin, self._whole = self._begin()
        found = reading.listing(
            warehouse,
            shop,
            self.wanted,
            limit=self.limit,
            by="received_at",
            loaded_behind=self._seen_part,
            received_from=begin,
        )
        if self._whole:
            self._seen_part = last
        return found

    def _begin(self) -> tuple[datetime, bool]:
        """From when on to look, as recent events are found quickly, and whether that misses nothing.

        What was received before the oldest of a full list never enters it. Where the list is not full, an event that was first
        received long ago (a replay) is looked for at every fifth look only.
        """
        self._looks += 1
        if len(self.events) >= self.limit:
            return self.events[-1].received_at, True
        if self._looks % _WHOLE_EVERY == 1 or self._seen_part is None:
            return FAR_PAST, True
        return clock.now() - _RECENT, False

    def draw(self, first: Sequence[EventRow]) -> None:
        """Build the list in the current place."""
        self._place = parts.box()
        self._join(first)
        self._fill()

    def take(self, found: Sequence[EventRow]) -> int:
        """Let new events join; returns how many did."""
        before = {shown.key_of(event) for event in self.events}
        self._join(found)
        came = sum(shown.key_of(event) not in before for event in self.events)
        if came or any(shown.is_fresh(event) for event in self.events[:5]):
            self._fill()
        return came

    def _join(self, found: Sequence[EventRow]) -> None:
        held = {shown.key_of(event): event for event in (*self.events, *found)}
        newest = sorted(held.values(), key=lambda event: (event.received_at, event.source_id, event.message_id), reverse=True)
        self.events = newest[: self.limit]
        self._drawn = dict(list({**self._drawn, **held}.items())[-_REMEMBERED:])

    def _fill(self) -> None:
        assert self._place is not None
        rows = [shown.row(self.s, event, self.names, fresh=shown.is_fresh(event)) for event in self.events]
        if self._sheet is not None and rows:
            self._sheet.fill(rows)
            return
        if self._sheet is None and not rows and list(self._place):
            return
        self._place.clear()
        with self._place:
            if rows:
                self._sheet = sheet(shown.columns(self.s), rows, caption=self.s.t("Events"), kind="cards", on_open=self._open)
            else:
                self._sheet = None
                self._on_empty()

    def _open(self, _: int, key: str) -> None:
        event = self._drawn.get(key)
        if event is not None:
            shown.open_event(self.s, event, self.names)


def follow(s: Screen, ask: Callable[[], object], show: Callable[[object], None], *, every: float = EVERY_SECONDS) -> ui.timer:
    """Ask beside the event loop again and again, and show each answer; a fault is logged once and the asking goes on."""
    told = False

    async def tick() -> None:
        nonlocal told
        try:
            answer = await asyncio.to_thread(ask)
        except Exception as error:
            if not told:
                log.warning("a live page could not ask", exc_info=error, extra={"address": s.address})
            told = True
            return
        told = False
        if not timer.is_deleted:
            show(answer)

    timer = ui.timer(every, tick, immediate=False)
    return timer
