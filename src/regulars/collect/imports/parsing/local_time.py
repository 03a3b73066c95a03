"""A shop's wall clock as UTC, in SQL, from the zone's short list of offsets."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from regulars.values.zones import utc_offsets


def local_to_utc_sql(column_sql: str, zone: str, first: datetime, last: datetime) -> str:
    """UTC for naive local wall times, exact for wall times in [first, last].

    A wall time that occurs twice (the hour repeated in autumn) means its first occurrence. One that does not exist (the hour
    skipped in spring) is read with the offset before the change, so 02:30 becomes what clocks show as 03:30.

    Parameters
    ----------
    column_sql : a TIMESTAMP expression without zone.
    zone : an IANA name.
    first, last : the earliest and latest wall time (naive) or instant (aware) in the column; wider is right too, only longer.
    """
    offsets = utc_offsets(zone, _instant(first) - timedelta(days=2), _instant(last) + timedelta(days=2))
    seconds = offsets[0][1]
    if len(offsets) == 1:
        return _shifted(column_sql, seconds)
    branches = []
    for (_, before), (change, _) in itertools.pairwise(offsets):
        # Until the change the old offset holds; its last wall time is the change shown on the old clock. The hour after it exists
        # only where clocks went back (then the first meaning is the old offset) or is skipped (then the old offset is the rule).
        shown = change.replace(tzinfo=None) + timedelta(seconds=before)
        branches.append((shown, before))
    return _case(column_sql, offsets, branches)


def _case(column_sql: str, offsets: tuple[tuple[datetime, int], ...], branches: list[tuple[datetime, int]]) -> str:
    parts = []
    for index, (shown, before) in enumerate(branches):
        after = offsets[index + 1][1]
        # Clocks forward: wall times in [shown, shown + gap) do not exist and keep the old offset.
        bound = shown + timedelta(seconds=max(after - before, 0))
        parts.append(f"WHEN {column_sql} < TIMESTAMP '{bound:%Y-%m-%d %H:%M:%S}' THEN {_shifted(column_sql, before)}")
    return f"CASE {' '.join(parts)} ELSE {_shifted(column_sql, offsets[-1][1])} END"


def _shifted(column_sql: str, seconds: int) -> str:
    if seconds == 0:
        return f"({column_sql})"
    sign = "-" if seconds > 0 else "+"
    return f"({column_sql} {sign} INTERVAL '{abs(seconds)} seconds')"


def _instant(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
