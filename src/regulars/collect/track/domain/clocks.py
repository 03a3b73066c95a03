"""When an event happened: what the message says, corrected by how far the sender's clock is off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

#: An event further ahead than this is put aside: no clock is that wrong by accident.
FUTURE = timedelta(hours=24)
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


def instant(told: object) -> datetime | None:
    """An instant as clients write it: ISO 8601 text, or seconds or milliseconds since 1970; None where it is neither.

    Text without a zone is UTC, as the Segment specification says.
    """
    match told:
        case str(text):
            try:
                found = datetime.fromisoformat(text)
            except ValueError:
                return None
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        case bool():
            return None
        case int() | float():
            seconds = told / 1000 if abs(told) >= 1e11 else told
            try:
                return datetime.fromtimestamp(seconds, UTC)
            except (ValueError, OverflowError, OSError):
                return None
        case _:
            return None


def happened_at(
    received_at: datetime, timestamp: datetime | None, original_at: datetime | None, sent_at: datetime | None
) -> datetime:
    """When an event happened, by the server's clock.

    A `timestamp` is taken as it is (imports say what they mean). Else `received_at - (sent_at - original_at)`: the delay between
    event and sending is measured by one clock, so a clock that is off does not matter. Without either, when it was received.
    """
    if timestamp is not None:
        return timestamp
    if original_at is None:
        return received_at
    if sent_at is None:
        return original_at
    return received_at - (sent_at - original_at)


def out_of_range(moment: datetime, received_at: datetime) -> str | None:
    """Why a time cannot be right: `in_the_future`, `too_old`; None when it can."""
    if moment > received_at + FUTURE:
        return "in_the_future"
    return "too_old" if moment < EARLIEST else None
