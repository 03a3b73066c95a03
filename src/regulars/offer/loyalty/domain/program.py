"""What one points currency gives and keeps: its rate, when points become spendable, when they lapse, what a refund takes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Literal, get_args

from regulars.errors import InvalidInput
from regulars.values.periods import add_months
from regulars.values.zones import day_start, zone

ExpiryType = Literal["never", "days", "months", "year_end"]
ReturnPolicy = Literal["unlimited", "within_balance", "only_pending"]
#: Points wait for an event (`activate`) in the place of a number of days.
ON_EVENT: Literal["on_event"] = "on_event"
Pending = int | Literal["on_event"]

EXPIRIES: tuple[ExpiryType, ...] = get_args(ExpiryType)
POLICIES: tuple[ReturnPolicy, ...] = get_args(ReturnPolicy)
WHOLE_BPS = 10_000
MOST_POINTS = 10**12
_LONGEST = {"never": 0, "days": 36_500, "months": 1_200, "year_end": 100}
_LONGEST_PENDING_DAYS = 3_650
_LONGEST_TTL_S = 30 * 86_400


@dataclass(frozen=True, slots=True)
class Expiry:
    """How long points live, in the shop's zone, from the day they were earned (L5)."""

    type: ExpiryType = "months"
    n: int = 12

    def at(self, earned_at: datetime, tz: str) -> datetime | None:
        """The instant at which points earned then lapse; None: never."""
        return None if self.type == "never" else _lapses_at(self.type, self.n, earned_at.astimezone(zone(tz)).date(), tz)


@lru_cache(maxsize=4096)
def _lapses_at(kind: ExpiryType, n: int, earned_on: date, tz: str) -> datetime:
    match kind:
        case "months":
            last = add_months(earned_on, n)
        case "days":
            last = earned_on + timedelta(days=n)
        case _:
            return day_start(date(earned_on.year + n + 1, 1, 1), tz)
    return day_start(last + timedelta(days=1), tz)


@dataclass(frozen=True, slots=True)
class Rate:
    """How many points an amount is worth: `points` for each `per_minor`, times a multiplier in basis points."""

    points: int = 1
    per_minor: int = 100
    multiplier_bps: int = WHOLE_BPS

    def of(self, amount_minor: int) -> int:
        """L2: one floor at the end."""
        return amount_minor * self.points * self.multiplier_bps // (self.per_minor * WHOLE_BPS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """The rules of one points currency of a shop."""

    tz: str
    points: int = 1
    per_minor: int = 100
    pending_days: Pending = 0
    expiry: Expiry = Expiry()
    return_policy: ReturnPolicy = "unlimited"
    expired_return_grace_days: int = 30
    hold_ttl_s: int = 900

    def rate(self, multiplier_bps: int = WHOLE_BPS) -> Rate:
        """What an amount earns now."""
        return Rate(self.points, self.per_minor, multiplier_bps)


def read_expiry(given: Mapping[str, Any], place: str = "expiry") -> Expiry:
    """An expiry as JSON has it: `{"type": "months", "n": 12}`, `{"type": "year_end", "k": 1}`, `{"type": "never"}`.

    Raises
    ------
    InvalidInput : an unknown type, or a number nobody can mean.
    """
    kind = given.get("type")
    if kind not in EXPIRIES:
        raise bad(f"{place}.type '{kind}' is not known", f"one of {', '.join(EXPIRIES)}", "bad_expiry")
    if kind == "never":
        return Expiry("never", 0)
    n = given.get("k" if kind == "year_end" and "k" in given else "n")
    if not isinstance(n, int) or isinstance(n, bool) or not 0 <= n <= _LONGEST[kind] or (n == 0 and kind != "year_end"):
        least = 0 if kind == "year_end" else 1
        raise bad(f"{place}.n is not a usable number", f"a whole number from {least} to {_LONGEST[kind]}", "bad_expiry")
    return Expiry(kind, n)


def checked(program: Program) -> Program:
    """The program, if its numbers can be meant.

    Raises
    ------
    InvalidInput : one cannot.
    """
    zone(program.tz)
    _between("points", program.points, 1, 1_000_000)
    _between("per_minor", program.per_minor, 1, 10**9)
    if program.pending_days != ON_EVENT:
        _between("pending_days", program.pending_days, 0, _LONGEST_PENDING_DAYS)
    if program.return_policy not in POLICIES:
        raise bad(f"'{program.return_policy}' is not a return policy", f"one of {', '.join(POLICIES)}", "bad_program")
    _between("expired_return_grace_days", program.expired_return_grace_days, 0, _LONGEST_PENDING_DAYS)
    _between("hold_ttl_s", program.hold_ttl_s, 1, _LONGEST_TTL_S)
    read_expiry({"type": program.expiry.type, "n": program.expiry.n})
    return program


def checked_ttl(ttl_s: int) -> int:
    """Seconds a hold may last."""
    _between("ttl_s", ttl_s, 1, _LONGEST_TTL_S)
    return ttl_s


def checked_pending(days: Any) -> Pending:
    """Days points wait, or `on_event`."""
    if days == ON_EVENT:
        return ON_EVENT
    _between("pending_days", days, 0, _LONGEST_PENDING_DAYS)
    return int(days)


def bad(message: str, mend: str, code: str) -> InvalidInput:
    """Something of a program that cannot be used."""
    return InvalidInput(message, mend=mend, code=code)


def _between(name: str, value: Any, least: int, most: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise bad(f"{name} is not a usable number", f"a whole number from {least:,} to {most:,}", "bad_program")


def end_of_day_after(instant: datetime, days: int, tz: str) -> datetime:
    """L5 days: the local midnight after that many days from an instant's date."""
    return _lapses_at("days", days, instant.astimezone(zone(tz)).date(), tz)


def beginning_of_day(day: date, tz: str) -> datetime:
    """A local day's first instant."""
    return datetime.combine(day, time(), zone(tz)).astimezone(UTC)
